"""Hold a rule as it is judged: plain values that are cheap to store and cannot carry code.

A plan is what remains of a rule when every modifier is applied and every name resolved. ``match`` turns it into lookups,
``cache`` keeps it as MessagePack. ``VERSION`` changes with the meaning of anything here.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

__all__ = [
    "VERSION",
    "AllOf",
    "AnyOf",
    "AnyText",
    "Compare",
    "Compiled",
    "Correlation",
    "Every",
    "Exists",
    "Filter",
    "Glob",
    "Limit",
    "Meta",
    "Network",
    "Never",
    "Node",
    "Not",
    "Null",
    "Number",
    "Predicate",
    "Presence",
    "Reference",
    "Refuse",
    "Regex",
    "Seen",
    "Some",
    "Test",
    "Text",
    "TimePart",
]

VERSION: Final = 5


class Text(msgspec.Struct, frozen=True, array_like=True, tag="t"):
    """A text without wildcards: ``how`` is ``is``, ``in`` (contains), ``start`` or ``end``. Lowered unless ``cased``."""

    how: str
    text: str
    cased: bool = False


class Glob(msgspec.Struct, frozen=True, array_like=True, tag="g"):
    """A text with wildcards inside: plain parts between ``0`` (any run of characters) and ``1`` (any one character)."""

    parts: tuple[str | int, ...]
    cased: bool = False


class AnyText(msgspec.Struct, frozen=True, array_like=True, tag="a"):
    """Any text at all, the empty one too: a lone ``*``."""


class Number(msgspec.Struct, frozen=True, array_like=True, tag="n"):
    """A number, or a text that reads as it."""

    value: int | float


class Null(msgspec.Struct, frozen=True, array_like=True, tag="0"):
    """No value: null, or no such field."""


class Exists(msgspec.Struct, frozen=True, array_like=True, tag="e"):
    """The field is there (null counts), or is not."""

    wanted: bool


class Compare(msgspec.Struct, frozen=True, array_like=True, tag="c"):
    """A number on one side of another: ``how`` is ``lt``, ``lte``, ``gt`` or ``gte``."""

    how: str
    value: int | float


class Regex(msgspec.Struct, frozen=True, array_like=True, tag="r"):
    """A regular expression found somewhere in the text; ``flags`` are letters of ``ims``."""

    pattern: str
    flags: str = ""


class Network(msgspec.Struct, frozen=True, array_like=True, tag="i"):
    """An address in a network, in CIDR notation."""

    cidr: str


class Reference(msgspec.Struct, frozen=True, array_like=True, tag="f"):
    """The text of another field; ``how`` as in ``Text``."""

    field: str
    how: str


class TimePart(msgspec.Struct, frozen=True, array_like=True, tag="d"):
    """A part of a time as written (``minute`` … ``year``); ``how`` is ``is`` or as in ``Compare``."""

    part: str
    how: str
    value: int | float


Predicate: TypeAlias = Text | Glob | AnyText | Number | Null | Exists | Compare | Regex | Network | Reference | TimePart


class Test(msgspec.Struct, frozen=True, array_like=True, tag="T"):
    """Some predicate holds of a field, or ``every`` one does. The field ``""`` is the whole record: keywords."""

    field: str
    of: tuple[Predicate, ...]
    every: bool = False


class AllOf(msgspec.Struct, frozen=True, array_like=True, tag="A"):
    """Every part is true."""

    parts: tuple[Node, ...]


class AnyOf(msgspec.Struct, frozen=True, array_like=True, tag="O"):
    """Some part is true."""

    parts: tuple[Node, ...]


class Not(msgspec.Struct, frozen=True, array_like=True, tag="N"):
    """The part is not true."""

    part: Node


Node: TypeAlias = Test | AllOf | AnyOf | Not


class Meta(msgspec.Struct, frozen=True, array_like=True):
    """What a rule says of itself, as written; ``logsource`` is product, category, service."""

    id: str
    title: str
    logsource: tuple[str, str, str]
    level: str
    status: str
    description: str
    author: str
    license: str
    tags: tuple[str, ...]
    references: tuple[str, ...]
    falsepositives: tuple[str, ...]
    name: str
    dedup: tuple[str, ...] = ()
    """The attributes by whose values its findings are one alert (``bartizan: {alert: {dedup: […]}}``); () for the principals."""


class Compiled(msgspec.Struct, frozen=True, array_like=True, tag="rule"):
    """A rule document: which of its file's (from 0), where it begins, what it says of itself, what it asks."""

    document: int
    line: int
    meta: Meta
    condition: Node


class Filter(msgspec.Struct, frozen=True, array_like=True, tag="filter"):
    """A filter document: what must also hold for the rules it names (by id or name; ``any``: every rule of its log source).

    ``owner``, ``reason`` and ``expires`` (the last day on which it is applied, ISO 8601) make it an exception; "" where not given.
    """

    document: int
    line: int
    title: str
    logsource: tuple[str, str, str]
    rules: tuple[str, ...]
    condition: Node
    id: str = ""
    owner: str = ""
    reason: str = ""
    expires: str = ""


class Limit(msgspec.Struct, frozen=True, array_like=True, tag="l"):
    """A number that a measure is compared with: ``how`` is ``lt``, ``lte``, ``gt``, ``gte``, ``eq`` or ``neq``."""

    how: str
    value: int | float


class Seen(msgspec.Struct, frozen=True, array_like=True, tag="S"):
    """A rule fired in the window; ``rule`` is its place in the list of the correlation."""

    rule: int


class Every(msgspec.Struct, frozen=True, array_like=True, tag="E"):
    """Every part is so of the window."""

    parts: tuple[Presence, ...]


class Some(msgspec.Struct, frozen=True, array_like=True, tag="M"):
    """Some part is so of the window."""

    parts: tuple[Presence, ...]


class Never(msgspec.Struct, frozen=True, array_like=True, tag="X"):
    """The part is not so of the window."""

    part: Presence


Presence: TypeAlias = Seen | Every | Some | Never


class Correlation(msgspec.Struct, frozen=True, array_like=True, tag="correlation"):
    """A correlation document: which rules (as written, each with its line), about whom, within what time, how much of what.

    ``timespan`` in nanoseconds. ``aliases``: name, then for each rule (place in ``rules``) the field it stands for. ``limits``
    must all hold of the measure; ``fields`` are what is measured; ``presence`` is the condition of temporal correlations.
    """

    document: int
    line: int
    meta: Meta
    kind: str
    rules: tuple[tuple[str, int], ...]
    timespan: int
    group_by: tuple[str, ...] = ()
    aliases: tuple[tuple[str, tuple[tuple[int, str], ...]], ...] = ()
    limits: tuple[Limit, ...] = ()
    fields: tuple[str, ...] = ()
    percentile: int | float = 0
    presence: Presence | None = None
    generate: bool = False


class Refuse(msgspec.Struct, frozen=True, array_like=True, tag="refused"):
    """A document that is no runnable rule."""

    line: int
    why: str
    id: str = ""
