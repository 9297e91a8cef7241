"""Hold what a mapping file says, checked and without its lines: what is kept between runs, and what a source is built of."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

__all__ = [
    "VERSION",
    "All",
    "Constant",
    "Each",
    "Field",
    "First",
    "Guarded",
    "Join",
    "Lookup",
    "Made",
    "Plan",
    "PlannedExample",
    "PlannedRoute",
    "PlannedView",
    "Reader",
    "Scalar",
    "Step",
    "Test",
    "Tests",
    "Value",
]

VERSION: Final = 4
"""Raised when the meaning of a plan changes: plans kept under another number are made again."""

Scalar: TypeAlias = str | int | float | bool


class _Struct(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What all parts of a plan are."""


class _Value(_Struct, frozen=True, tag=True):
    """One way to say what an attribute is."""


class Step(_Struct, frozen=True):
    """A function that a value passes through, by name, with the text in its parentheses."""

    name: str
    argument: str | None = None


class Test(_Struct, frozen=True):
    """What must be so of a field: ``present``, ``absent``, ``time``, or one of ``values``, which may hold ``*``."""

    field: str
    kind: str
    values: tuple[str, ...] = ()


Tests: TypeAlias = tuple[tuple[Test, ...], ...]
"""Tests of which all of one group must hold, of any of the groups; no group asks nothing."""


class Constant(_Value, frozen=True):
    """The same value in every record, or list of values."""

    value: Scalar | tuple[Scalar, ...]


class Field(_Value, frozen=True):
    """A field of the record, passed through functions in turn."""

    name: str
    steps: tuple[Step, ...] = ()


class First(_Value, frozen=True):
    """The first of several values that is there."""

    choices: tuple[Value, ...]


class Lookup(_Value, frozen=True):
    """What a table says of a value, in any case; keys may hold ``*``. ``other`` where the table does not know it."""

    of: Value
    table: tuple[tuple[str, Scalar], ...]
    other: Value | None = None


class Join(_Value, frozen=True):
    """Several values written one after the other; those that are absent are left out; absent where only constants are left."""

    of: tuple[Value, ...]
    between: str = ""
    steps: tuple[Step, ...] = ()


class All(_Value, frozen=True):
    """The list of those of several values that are there: a rule that asks for one of them finds it."""

    of: tuple[Value, ...]


class Each(_Value, frozen=True):
    """An object for each element of a list; the attributes' fields are the element's own."""

    of: str
    attributes: tuple[tuple[str, Value], ...]


class Made(_Value, frozen=True):
    """A list of one object made of fields of the record; absent where it would be empty."""

    attributes: tuple[tuple[str, Value], ...]


class Guarded(_Value, frozen=True):
    """A value where the tests hold, absent elsewhere."""

    when: tuple[Test, ...]
    value: Value


Value: TypeAlias = All | Constant | Field | First | Lookup | Join | Each | Made | Guarded


class PlannedView(_Struct, frozen=True):
    """A Sigma log source that records serve, and where its fields are not the native ones."""

    product: str = ""
    category: str = ""
    service: str = ""
    fields: tuple[tuple[str, Value], ...] = ()


class PlannedRoute(_Struct, frozen=True):
    """Records of one meaning: the tests that tell them, what they serve, what their attributes are."""

    name: str
    when: Tests
    views: tuple[PlannedView, ...]
    ocsf: tuple[tuple[str, Value], ...]


class PlannedExample(_Struct, frozen=True):
    """An example as in the contract; times are nanoseconds."""

    title: str
    raw: tuple[bytes, ...]
    routes: tuple[str | None, ...]
    ocsf: dict[str, object]
    head: tuple[bytes, ...] = ()


class Reader(_Struct, frozen=True):
    """How records are taken apart; ``options`` are those that the format knows."""

    format: str
    header: str = ""
    program: tuple[str, ...] = ()
    body: str = ""
    options: dict[str, object] = msgspec.field(default_factory=dict)


class Plan(_Struct, frozen=True):
    """A mapping file."""

    name: str
    title: str
    product: dict[str, str]
    reader: Reader
    marks: tuple[bytes, ...]
    recognise: Tests
    general: bool
    routes: tuple[PlannedRoute, ...]
    examples: tuple[PlannedExample, ...]
    checked: bool = False
    """Whether records say that they are OCSF and are held to it."""
