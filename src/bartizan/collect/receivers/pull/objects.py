"""Cut an object into records: whatever it is packed in, piece by piece, in bounded memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.collect.chunk import Chunk
from bartizan.collect.framing.frames import frames
from bartizan.collect.limits import Limits
from bartizan.collect.receivers.contract import Delivery
from bartizan.collect.receivers.cutting import RECORD_BYTES
from bartizan.collect.transports.budget import Budget
from bartizan.collect.transports.bytestream import ByteStream
from bartizan.collect.transports.unpack import leaves
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["LIMITS", "label_of", "records_of"]

LIMITS: Final = Limits(unpacked=8 << 30, members=10_000, chunk=4 << 20)
"""What one object may cost: delivery services write objects of megabytes; 8 GiB unpacked is a day of a busy load balancer in one."""
_CHANGING: Final = re.compile(r"[\d=TZ:_.-]*\d[\d=TZ:_.-]*|(?:year|month|day|hour|eventDay|dt|date)=.*", re.IGNORECASE)
"""A part of a key that is a date, an hour or an account."""


def label_of(bucket: str, key: str) -> str:
    """Return what tells the logs in a bucket apart: the bucket and the folders of the key, without those that change by the day."""
    return ":".join([bucket, *(part for part in key.split("/")[:-1] if part and not _CHANGING.fullmatch(part))])


def records_of(blocks: Iterable[bytes], *, name: str, label: str, limits: Limits = LIMITS) -> Iterator[Delivery]:
    """Yield the records of an object as they come. InputError, behind what could be read, where not all of it can be."""
    budget = Budget(limits)
    problems: list[str] = []
    for leaf in leaves(name, ByteStream(_counted(blocks, budget)), 0.0, budget):
        if leaf.stream is None:
            problems.append(leaf.problem)
            continue
        for chunk in frames(leaf.stream, Chunk(origin=leaf.name), record=RECORD_BYTES, target=limits.chunk):
            problems += chunk.problems or (chunk.notes if chunk.framing is None and chunk.size else ())
            if chunk.framing is not None and chunk.records:
                yield Delivery(records=chunk.records, framing=chunk.framing, label=label, head=chunk.head, unreadable=chunk.unreadable)
    if problems:
        message = f"{name}: {problems[0]}"
        raise InputError(message)


def _counted(blocks: Iterable[bytes], budget: Budget) -> Iterator[bytes]:
    for block in blocks:
        budget.read += len(block)
        yield block
