"""What the parser makes of HCL: bodies of attributes and blocks, and expressions as trees.

Source: HCL Native Syntax Specification (hashicorp/hcl), and Terraform's documentation of its language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = [
    "Attribute",
    "Binary",
    "Block",
    "Body",
    "Broken",
    "Call",
    "Conditional",
    "Expression",
    "For",
    "GetAttr",
    "Index",
    "Literal",
    "Object",
    "Splat",
    "Template",
    "Tuple",
    "Unary",
    "Variable",
]


class Broken(Exception):  # noqa: N818 - a verdict on a file, caught where the file is read
    """A file is no HCL: why, and on which line."""

    def __init__(self, why: str, line: int) -> None:
        """Hold the reason and the line."""
        super().__init__(why)
        self.why = why
        self.line = line


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a truth value, null, or text without templates."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Template:
    """Text put together of parts."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """The root of a reference: ``var``, ``local``, ``aws_iam_role``, the name of a loop; "" is the item of a splat."""

    name: str


@dataclass(frozen=True, slots=True)
class GetAttr:
    """``of.name``."""

    of: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """``of[key]``."""

    of: Expression
    key: Expression


@dataclass(frozen=True, slots=True)
class Splat:
    """``of[*].each``, ``each`` being an expression over ``Variable("")``."""

    of: Expression
    each: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """``name(arguments)``; ``spread``: the last argument is a list of arguments."""

    name: str
    arguments: tuple[Expression, ...]
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Tuple:
    """``[items]``."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Object:
    """``{key = value}``; a bare word as key is a literal."""

    items: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class For:
    """``[for key, value in collection : result if condition]``; ``result_key`` makes it an object, ``group`` collects equal keys."""

    key: str
    value: str
    collection: Expression
    result_key: Expression | None
    result: Expression
    condition: Expression | None
    group: bool = False
    joined: bool = False
    """It is a ``%{ for }`` of a template: its results are joined as text."""


@dataclass(frozen=True, slots=True)
class Conditional:
    """``condition ? yes : no``."""

    condition: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Unary:
    """``-of`` or ``!of``."""

    operator: str
    of: Expression


Expression: TypeAlias = (
    "Literal | Template | Variable | GetAttr | Index | Splat | Call | Tuple | Object | For | Conditional | Binary | Unary"
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """``name = expression``."""

    name: str
    expression: Expression
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """``type "label" { body }``."""

    type: str
    labels: tuple[str, ...]
    body: Body
    line: int
    file: str = ""


@dataclass(slots=True)
class Body:
    """What stands between braces, or in a file."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
