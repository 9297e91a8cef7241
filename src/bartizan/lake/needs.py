"""Say what a record must have to be of any use to somebody, so that files and rows without it need not be read.

A need may let too much through, never too little. Letter case is no matter, and text that is not ASCII is let through: engines
do not agree on what its lower case is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from bartizan.lake.relations import column, text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

__all__ = ["ALWAYS", "NEVER", "All", "Has", "Need", "OneOf", "Said", "Some", "each", "holds", "matching", "meets", "some", "where"]

_HOW: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "is": str.__eq__,
    "in": str.__contains__,
    "start": str.startswith,
    "end": str.endswith,
}
_SQL: Final = {"is": "{} = {}", "in": "contains({}, {})", "start": "starts_with({}, {})", "end": "ends_with({}, {})"}


@dataclass(frozen=True, slots=True)
class Has:
    """A text column (dotted name) is, contains (``in``), starts or ends with a text, which is in lower case."""

    column: str
    how: str
    text: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """A text column has one of some texts or, where not ``inside``, none of them, to the letter; "" is no text at all."""

    column: str
    texts: tuple[str, ...]
    inside: bool = True


@dataclass(frozen=True, slots=True)
class All:
    """Every part is needed. Without parts everything will do."""

    parts: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One of the parts is needed. Without parts nothing will do."""

    parts: tuple[Need, ...]


Need: TypeAlias = Has | OneOf | All | Some
ALWAYS: Final = All(())
NEVER: Final = Some(())


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of the columns of a file. A column that is not among ``there`` says nothing of its records."""

    there: frozenset[str]
    vague: frozenset[str] | None = None
    """Columns in which null does not mean that there is no value: one may not have fitted. None where nobody knows."""
    observed: frozenset[str] = frozenset()
    """Columns whose every value is among the record's observables."""

    def tells(self, name: str) -> bool:
        """Say whether null in a column means that the record has no such value."""
        return self.vague is not None and name not in self.vague


def each(parts: Collection[Need]) -> Need:
    """Join needs that must all be met."""
    kept = tuple(dict.fromkeys(part for part in parts if part != ALWAYS))
    if NEVER in kept:
        return NEVER
    return kept[0] if len(kept) == 1 else All(kept)


def some(parts: Collection[Need]) -> Need:
    """Join needs of which one must be met."""
    kept = tuple(dict.fromkeys(part for part in parts if part != NEVER))
    if ALWAYS in kept:
        return ALWAYS
    return kept[0] if len(kept) == 1 else Some(kept)


def where(need: Need, said: Said) -> str:
    """Return a need as a condition of SQL over the records of files of which all is known that ``said`` has."""
    if isinstance(need, All):
        return f"({' AND '.join(where(part, said) for part in need.parts)})" if need.parts else "true"
    if isinstance(need, Some):
        return f"({' OR '.join(where(part, said) for part in need.parts)})" if need.parts else "false"
    if need.column not in said.there:
        return "true"
    name = column(need.column)
    if isinstance(need, OneOf):
        listed = ", ".join(map(text, need.texts))
        return f"coalesce({name}, '') {'IN' if need.inside else 'NOT IN'} ({listed})"
    return f"({matching(name, need)}{'' if said.tells(need.column) else f' OR {name} IS NULL'})"


def matching(name: str, need: Has, *, lowered: bool = False) -> str:
    """Return the condition of one column, given as an expression, for text that is there; ``lowered``: it is in lower case already."""
    asked = _SQL[need.how].format(name if lowered else f"lower({name})", text(need.text))
    return f"{asked} OR strlen({name}) <> length({name})"


def meets(need: Need, record: Mapping[str, object], said: Said) -> bool:
    """Say whether a record (dotted names) may be what is needed: the naive twin of ``where``."""
    if isinstance(need, All):
        return all(meets(part, record, said) for part in need.parts)
    if isinstance(need, Some):
        return any(meets(part, record, said) for part in need.parts)
    if need.column not in said.there:
        return True
    value = record.get(need.column)
    if isinstance(need, OneOf):
        return ((value or "") in need.texts) is need.inside
    return not said.tells(need.column) if value is None else holds(need, str(value))


def holds(need: Has, value: str) -> bool:
    """Say whether a text may be what is needed."""
    return not value.isascii() or _HOW[need.how](value.lower(), need.text)
