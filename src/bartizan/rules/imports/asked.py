"""Write conditions of any language as a Sigma detection: a small algebra, and the search identifiers that say the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["ANY", "NOTHING", "Asked", "Every", "Is", "Never", "Some", "detection_of", "every", "never", "plain", "some"]

Value: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Is:
    """A question about one field; ``how`` are modifiers (``contains``, ``re|i``), ``value`` is written as Sigma wants it.

    The field ``""`` is the whole record: a keyword.
    """

    field: str
    value: Value
    how: str = ""


@dataclass(frozen=True, slots=True)
class Every:
    """All of these hold; true where there is none."""

    parts: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One of these holds; false where there is none."""

    parts: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Never:
    """This does not hold."""

    part: Asked


Asked: TypeAlias = Is | Every | Some | Never

ANY: Final = Every(())
NOTHING: Final = Some(())
_SPECIAL: Final = re.compile(r"\\(?=[*?\\]|$)|[*?]")


def plain(text: str) -> str:
    """Write a text so that no character of it is a wildcard."""
    return _SPECIAL.sub(lambda met: "\\" + met[0], text)


def every(parts: Iterable[Asked]) -> Asked:
    """Join with AND, without brackets that say nothing."""
    flat = tuple(dict.fromkeys(_flat(parts, Every)))
    if NOTHING in flat:
        return NOTHING
    return flat[0] if len(flat) == 1 else Every(flat)


def some(parts: Iterable[Asked]) -> Asked:
    """Join with OR, without brackets that say nothing."""
    flat = tuple(dict.fromkeys(_flat(parts, Some)))
    if ANY in flat:
        return ANY
    return flat[0] if len(flat) == 1 else Some(flat)


def never(part: Asked) -> Asked:
    """Negate."""
    if isinstance(part, Never):
        return part.part
    if part in (ANY, NOTHING):
        return NOTHING if part == ANY else ANY
    return Never(part)


def detection_of(asked: Asked) -> dict[str, Any]:
    """Return the ``detection`` of a Sigma rule; what is always or never true cannot be said in Sigma: ValueError."""
    if asked in (ANY, NOTHING):
        message = "it asks nothing of a record" if asked == ANY else "it can never be true"
        raise ValueError(message)
    writer = _Writer()
    condition = writer.write(asked, top=True)
    return {**writer.selections, "condition": condition}


def _flat(parts: Iterable[Asked], kind: type[Every | Some]) -> Iterator[Asked]:
    for part in parts:
        if isinstance(part, kind):
            yield from _flat(part.parts, kind)
        else:
            yield part


class _Writer:
    """Gives names to selections; what was written once is named again."""

    def __init__(self) -> None:
        self.selections: dict[str, Any] = {}
        self._named: dict[str, str] = {}

    def write(self, asked: Asked, *, top: bool = False) -> str:
        """Return a condition, and keep the selections that it names."""
        if isinstance(asked, Never):
            return f"not {self.write(asked.part)}"
        if isinstance(asked, Is):
            return self._name((_key(asked), asked.value))
        leaf = _line(asked)
        if leaf is not None:
            return self._name(leaf)
        pieces = self._all(asked.parts) if isinstance(asked, Every) else [self.write(part) for part in asked.parts]
        joined = (" and " if isinstance(asked, Every) else " or ").join(pieces)
        return joined if top or len(pieces) == 1 else f"({joined})"

    def _all(self, parts: Sequence[Asked]) -> list[str]:
        """Put questions about different fields into one selection; the rest stands beside it."""
        together: dict[str, Any] = {}
        rest = []
        for part in parts:
            line = _line(part)
            if line is None or line[0] in together or not line[0]:
                rest.append(part)
            else:
                together.update([line])
        first = [self._named_selection(together)] if together else []
        return [*first, *(self.write(part) for part in rest)]

    def _name(self, line: tuple[str, Any]) -> str:
        key, value = line
        return self._named_selection({key: value} if key else value if isinstance(value, list) else [value])

    def _named_selection(self, selection: Mapping[str, Any] | list[Any]) -> str:
        known = repr(selection)
        if known not in self._named:
            kind = "keywords" if isinstance(selection, list) else "selection"
            number = sum(name.startswith(kind) for name in self.selections) + 1
            name = self._named[known] = f"{kind}_{number}"
            self.selections[name] = selection
        return self._named[known]


def _line(asked: Asked) -> tuple[str, Any] | None:
    """Return the one line of a selection that says it: one question, or several of which one must hold about the same field."""
    if isinstance(asked, Is):
        return _key(asked), asked.value
    if not isinstance(asked, Some):
        return None
    questions = [part for part in asked.parts if isinstance(part, Is)]
    keys = {_key(question) for question in questions}
    if len(questions) < len(asked.parts) or len(keys) != 1:
        return None
    return keys.pop(), [question.value for question in questions]


def _key(question: Is) -> str:
    return f"{question.field}|{question.how}" if question.how else question.field
