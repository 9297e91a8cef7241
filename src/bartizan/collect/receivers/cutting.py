"""Cut a body into raw records with the same code that cuts files, so that a log sent is read like a log found."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from bartizan.collect.chunk import Chunk
from bartizan.collect.contract import Framing
from bartizan.collect.framing.frames import frames
from bartizan.collect.receivers.contract import Delivery, Trouble
from bartizan.collect.transports.bytestream import ByteStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bartizan.collect.receivers.contract import Asked

__all__ = ["MOST", "RECORD_BYTES", "TOO_MANY", "cut_body", "cut_whole", "delivered", "in_utf8", "one_line", "too_many"]

_Taken = TypeVar("_Taken")
RECORD_BYTES: Final = 1 << 20
"""The longest record that is taken from a sender as one: the longest real ones seen are shorter. Of a longer one the beginning is kept."""
MOST: Final = 250_000
"""Records of one request: a body of a few megabytes can hold millions of empty ones, each of which costs a hundred times its size."""
TOO_MANY: Final = Trouble(413, f"the body holds more than {MOST} records: send it in parts")
_BREAK: Final = re.compile(rb"[\r\n]+")
_STRING: Final = msgspec.json.Decoder(str)


def too_many(body: bytes) -> Trouble | None:
    """Say that a body has more lines than a request may have records."""
    return TOO_MANY if body.count(b"\n") > MOST else None


def cut_whole(body: bytes, *, label: str = "") -> list[Delivery] | Trouble:
    """Return the records of a body; Trouble where there are too many."""
    found: list[Delivery] = []
    count = 0
    for each in cut_body(body, label=label):
        found.append(each)
        count += len(each.records)
        if count > MOST:
            return TOO_MANY
    return found


def cut_body(body: bytes, *, label: str = "", limit: int = RECORD_BYTES) -> Iterator[Delivery]:
    """Yield the records of a body: lines, JSON one a line, in an array or pretty-printed, as its content says."""
    for chunk in frames(ByteStream([body]), Chunk(origin=label), record=limit):
        if chunk.framing is not None and chunk.records:
            yield Delivery(records=chunk.records, framing=chunk.framing, label=label, head=chunk.head, unreadable=chunk.unreadable)


def delivered(records: Sequence[bytes], *, label: str = "", limit: int = RECORD_BYTES) -> Iterator[Delivery]:
    """Yield records that came one by one, JSON objects and texts apart, in their order within each. Blank ones are left out."""
    kept = [record for record in records if record and not record.isspace()]
    objects = [record for record in kept if record[:1] == b"{"]
    texts = [record for record in kept if record[:1] != b"{"]
    for some, framing in ((objects, Framing.JSON), (texts, Framing.LINES)):
        if some:
            long = {at: f"{len(record)} bytes long, the limit is {limit}" for at, record in enumerate(some) if len(record) > limit}
            for at in long:
                some[at] = some[at][:limit]
            yield Delivery(records=some, framing=framing, label=label, unreadable=long)


def one_line(value: bytes) -> bytes:
    """Return a JSON value as a record: what a string holds, anything else as written, on one line."""
    if value[:1] == b'"':
        return _STRING.decode(value).encode("utf-8", "replace").strip(b"\r\n")
    return _BREAK.sub(b" ", value) if b"\n" in value or b"\r" in value else value


def in_utf8(take: Callable[[Asked], _Taken], asked: Asked) -> _Taken:
    """Return what ``take`` makes of a request; where its body is no UTF-8, of one with U+FFFD in the place of what is none.

    A shipper would send a body that is refused again and again, and with it all that is sound in it.
    """
    try:
        return take(asked)
    except UnicodeDecodeError:
        return take(replace(asked, body=asked.body.decode("utf-8", "replace").encode()))
