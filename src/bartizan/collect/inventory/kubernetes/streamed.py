"""Read JSON value by value: of a list that was cut off, every item before the cut is worth reading."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Cut", "Piece", "pieces"]

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Piece:
    """A value and the line on which it begins; ``of``: the kind of the list that it is an item of, "" for none."""

    value: Any
    line: int
    of: str = ""
    version: str = ""
    """The list's apiVersion."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where something stood that is no JSON: line and why."""

    line: int
    why: str


def pieces(text: str) -> Iterator[Piece | Cut]:
    """Yield the values of a text, one after the other as NDJSON and ``kubectl`` write them; of lists of objects the items.

    A ``Cut`` comes last, behind the items that were whole.
    """
    reader = _Reader(text)
    while reader.more():
        start = reader.at
        cut = reader.take()
        kind, version = (str(reader.fields.get(key, default)) for key, default in (("kind", "List"), ("apiVersion", "")))
        if reader.items is not None and (kind.endswith("List") or cut):
            yield from (Piece(item, reader.line(at), kind, version) for item, at in reader.items)
        elif cut is None:
            items = {} if reader.items is None else {"items": [item for item, _ in reader.items]}
            yield Piece({**reader.fields, **items}, reader.line(start))
        if cut:
            yield cut
            return


class _Bad(Exception):  # noqa: N818 - a verdict on the text, caught below
    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at = at
        self.why = why


class _Reader:
    """What was read of one value: its fields, and the items of ``items`` or of an array with the place of each."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.fields: dict[str, Any] = {}
        self.items: list[tuple[Any, int]] | None = None
        self._counted = (0, 1)

    def more(self) -> bool:
        self.at = self._blank(self.at)
        return self.at < len(self.text)

    def line(self, at: int) -> int:
        """Count from the place that was asked for before: places are asked for in their order."""
        before, line = self._counted
        if at < before:
            before, line = 0, 1
        self._counted = (at, line + self.text.count("\n", before, at))
        return self._counted[1]

    def take(self) -> Cut | None:
        """Read the next value; say where it breaks off."""
        self.fields = {}
        self.items = None
        if self.text[self.at] not in "{[":
            return Cut(self.line(self.at), "this is no JSON: an object or a list is wanted")
        try:
            (self._object if self.text[self.at] == "{" else self._array)()
        except _Bad as bad:
            return Cut(self.line(bad.at), bad.why)
        return None

    def _object(self) -> None:
        closed = self._passed("{") and self._passed("}", must=False)
        while not closed:
            key = self._value()
            if not isinstance(key, str):
                raise _Bad(self.at, "this is no JSON: a name is no text")
            self._passed(":")
            if key == "items" and self.text[self.at : self.at + 1] == "[":
                self._array()
            else:
                self.fields[key] = self._value()
            closed = not self._passed(",", must=False)
            if closed:
                self._passed("}")

    def _array(self) -> None:
        self.items = []
        closed = self._passed("[") and self._passed("]", must=False)
        while not closed:
            start = self.at
            self.items.append((self._value(), start))
            closed = not self._passed(",", must=False)
            if closed:
                self._passed("]")

    def _value(self) -> Any:  # noqa: ANN401 - JSON holds anything
        try:
            value, end = _DECODER.raw_decode(self.text, self.at)
        except json.JSONDecodeError as error:
            at_end = error.pos >= len(self.text.rstrip()) or error.msg.startswith("Unterminated")
            why = "the text ends inside a value: it was cut off" if at_end else f"this is no JSON: {error.msg}"
            raise _Bad(error.pos, why) from error
        except (ValueError, RecursionError) as error:
            raise _Bad(self.at, f"this is no JSON that is read: {type(error).__name__}") from error
        self.at = self._blank(end)
        return value

    def _passed(self, mark: str, *, must: bool = True) -> bool:
        found = self.text.startswith(mark, self.at)
        if found:
            self.at = self._blank(self.at + 1)
        elif must:
            at_end = self.at >= len(self.text)
            raise _Bad(self.at, "the text ends inside a value: it was cut off" if at_end else f"this is no JSON: '{mark}' is wanted")
        return found

    def _blank(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return at if found is None else found.end()
