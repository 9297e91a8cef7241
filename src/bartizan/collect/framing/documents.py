"""Cut JSON that is not one record a line: values that span lines or share them, arrays, and files that wrap their records.

One pass over a sliding window. Between values only structure is skipped (blanks, commas, brackets), so a damaged place
costs the lines it is on, each of which becomes a record that no source reads, and nothing else.
"""

from __future__ import annotations

import re
from array import array
from enum import Enum
from typing import TYPE_CHECKING, Final

import msgspec

from bartizan.collect.framing.lines import Lines, OpenRecord
from bartizan.collect.framing.wrappers import entered, unwrapped
from bartizan.collect.limits import BLOCK_BYTES, RECORD_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["CUT_OFF", "cut_documents"]

CUT_OFF: Final = "the file ends in the middle of this record"

_LOOK_AHEAD: Final = 66
_STRUCTURE: Final = re.compile(rb"(?:[\s,\]}\x1e]++|\[(?=\s{0,64}[\[{\]])){1,4096}")
"""What is skipped between values, a bounded stretch at a time. Whether a bracket opens an array of objects is told by the next
``_LOOK_AHEAD`` bytes. Before Python 3.11.3 a possessive repeat forgets what is looked ahead for inside it."""
_INSIDE: Final = re.compile(rb"[\s,\x1e]+")
"""What is skipped between the elements of a wrapper's array, where a closing bracket means something."""
_MEMBER: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"\s*+:\s*+', re.DOTALL)
"""A name. Nothing is tried twice: remembering what could be tried again took 2 GB on a string of 16 MB."""
_RAW: Final = msgspec.json.Decoder(msgspec.Raw)
_TRAILING: Final = re.compile(r"trailing characters \(byte (\d+)\)")
_TRUNCATED: Final = "truncated"
_PENDING: Final = -1
_BROKEN: Final = -2


class _State(Enum):
    FREE = 0
    ELEMENTS = 1
    """In the array of a wrapper too large to be held."""
    MEMBERS = 2
    """Behind that array: the rest of the wrapper."""


def cut_documents(blocks: Iterable[bytes], *, offset: int = 0, limit: int = RECORD_BYTES) -> Iterator[Lines]:
    """Yield the records of JSON text as batches; each record is exactly as written, ``offset`` is where the text begins."""
    cutter = _Cutter(blocks, offset, limit)
    while not cutter.ended():
        while not cutter.full():
            if not cutter.step():
                break
        yield cutter.taken()


class _Cutter:
    """A window on the text, the place reached in it, and the records found since the last batch."""

    def __init__(self, blocks: Iterable[bytes], offset: int, limit: int) -> None:
        self._blocks = iter(blocks)
        self._data = b""
        self._at = 0
        self._place = offset
        self._begin = offset
        self._limit = limit
        self._last = False
        self._state = _State.FREE
        self._records: list[bytes] = []
        self._offsets = array("q")
        self._long: dict[int, str] = {}

    def ended(self) -> bool:
        """Say whether all text has been cut."""
        return self._at >= len(self._data) and not self._more()

    def full(self) -> bool:
        """Say whether the records found make a batch."""
        return self._place + self._at - self._begin >= BLOCK_BYTES

    def taken(self) -> Lines:
        """Return the records found since the last call."""
        begin, self._begin = self._begin, self._place + self._at
        lines = Lines(self._records, self._offsets, begin, self._begin, self._long, returns=False, foreign=True)
        self._records, self._offsets, self._long = [], array("q"), {}
        return lines

    def step(self) -> bool:
        """Take what comes next: structure, a value or a line of garbage. False at the end."""
        if self._at >= len(self._data) and not self._more():
            return False
        skipped = (_STRUCTURE if self._state is _State.FREE else _INSIDE).match(self._data, self._at)
        if skipped:
            self._at = skipped.end()
            return True
        char = self._data[self._at : self._at + 1]
        if char == b"{":
            self._value()
        elif self._state is not _State.FREE and char in b'"]}':
            self._envelope(char)
        elif not self._opened():
            self._line()
        return True

    def _opened(self) -> bool:
        """Wait for what follows an opening bracket; False if that is no array of objects."""
        held = len(self._data) - self._at
        return self._data[self._at : self._at + 1] == b"[" and held < _LOOK_AHEAD and self._more()

    def _value(self) -> None:
        """Take the object that begins here."""
        end = self._end_of_value(self._at)
        if end == _PENDING:
            self._incomplete()
        elif end == _BROKEN:
            self._line()
        else:
            raw = self._data[self._at : end].rstrip()
            carried = unwrapped(raw)
            place = self._at
            for record in (raw,) if carried is None else carried:
                # What a string of the envelope holds is not written like that: its place is that of the envelope.
                found = self._data.find(record, place, end)
                self._record(record, self._at if found < 0 else found)
                place = place if found < 0 else found + len(record)
            self._at = end

    def _incomplete(self) -> None:
        """Deal with an object whose end is not in the window: wait, enter it if it is a wrapper, or give it up."""
        if self._widened(self._at):
            return
        held = self._data[self._at : self._at + self._limit + 1]
        inside = entered(held) if self._state is _State.FREE else None
        if inside is not None:
            self._at, self._state = self._at + inside, _State.ELEMENTS
        elif len(held) > self._limit:
            self._line()
        else:
            self._record(held, self._at, CUT_OFF)
            self._at = len(self._data)

    def _envelope(self, char: bytes) -> None:
        """Skip what closes a wrapper's array, and the members behind it."""
        if char != b'"':
            self._at, self._state = self._at + 1, _State.MEMBERS if char == b"]" else _State.FREE
            return
        name = _MEMBER.match(self._data, self._at)
        end = self._end_of_value(name.end()) if name else _PENDING
        if end in (_PENDING, len(self._data)) and self._widened(name.end() if name else self._at):
            return
        if self._state is _State.MEMBERS and end >= 0:
            self._at = end
        else:
            self._line()

    def _end_of_value(self, at: int) -> int:
        """Return where the JSON value that begins at ``at`` ends, with the blanks behind it: msgspec names the byte after the next one.

        No more than ``limit`` bytes are looked at, so that the answer does not depend on how much the window holds.
        """
        held = memoryview(self._data)[at : at + self._limit + 1]
        try:
            _RAW.decode(held)
        except msgspec.DecodeError as error:
            text = str(error)
            trailing = _TRAILING.search(text)
            if trailing:
                return at + int(trailing[1]) - 1
            return _PENDING if _TRUNCATED in text else _BROKEN
        except RecursionError:
            return _BROKEN
        return at + len(held)

    def _widened(self, at: int) -> bool:
        """Widen the window if what a value that begins at ``at`` may take is not all there; True if more came."""
        return len(self._data) - at <= self._limit and self._more()

    def _line(self) -> None:
        """Take the rest of the line as a record; however long it is, it is not held."""
        rest = OpenRecord(self._limit)
        begin = self._place + self._at
        while True:
            newline = self._data.find(b"\n", self._at)
            rest.add(self._data[self._at : newline if newline >= 0 else None])
            self._at = len(self._data) if newline < 0 else newline + 1
            if newline >= 0 or not self._more():
                break
        record, why = rest.take()
        self._record(record if why else record.rstrip(b"\r"), begin - self._place, why)

    def _record(self, record: bytes, at: int, why: str = "") -> None:
        if why:
            self._long[len(self._records)] = why
        self._records.append(record)
        self._offsets.append(self._place + at)

    def _more(self) -> bool:
        """Widen the window by at least what it still holds, so that a value is scanned a few times and not once a block."""
        if self._last:
            return False
        self._place += self._at
        parts = [self._data[self._at :]]
        held = len(parts[0])
        self._at, got = 0, 0
        for block in self._blocks:
            parts.append(block)
            got += len(block)
            if got >= max(held, 1):
                break
        else:
            self._last = True
        self._data = b"".join(parts)
        return got > 0
