"""Guess what kind of event a raw record is, from its bytes alone."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bartizan.collect.sources.windows.channels import SERVICE_OF_CHANNEL
from bartizan.collect.sources.windows.routes import kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.collect.sources.windows.kinds import Kind

__all__ = ["Marks", "guess"]

_DIGITS: Final = re.compile(rb'(?:#text"\s*:\s*"?|^[\s:"]*)(\d{1,9})')
_REACH: Final = 12
"""How many bytes after the mark of the event id are looked at. More would take in the next field and spoil the cache."""


_NAME: Final = 24
"""How many bytes after the mark of the channel are looked at: enough to tell Sysmon from all others, too few to take in numbers."""
_LIKELY: Final = ("microsoft-windows-sysmon/operational", "microsoft-windows-powershell/operational", *SERVICE_OF_CHANNEL)


@dataclass(frozen=True, slots=True)
class Marks:
    """The quoted keys after which the event id and the channel stand; ``reach`` for ids that stand in an object of their own."""

    event_id: bytes
    channel: bytes
    reach: int = _REACH


def guess(records: Sequence[bytes], marks: Marks) -> dict[Kind, list[int]]:
    """Sort the indexes of records by the kind that they seem to be; a record without marks seems to be of no channel."""
    number, channel, reach = marks.event_id, marks.channel, marks.reach
    past_number, past_channel = len(number), len(channel)
    groups: defaultdict[tuple[bytes, bytes], list[int]] = defaultdict(list)
    for index, record in enumerate(records):
        at = record.find(number) + past_number
        start = record.find(channel) + past_channel
        groups[record[at : at + reach], record[start : start + _NAME]].append(index)
    kinds: dict[Kind, list[int]] = {}
    for (digits, name), indexes in groups.items():
        kinds.setdefault(_kind(digits, name), []).extend(indexes)
    for indexes in kinds.values():
        indexes.sort()
    return kinds


@lru_cache(maxsize=65_536)
def _kind(digits: bytes, name: bytes) -> Kind:
    match = _DIGITS.search(digits)
    text, closed, _ = name.decode("utf-8", "replace").lower().lstrip(" :").removeprefix('"').partition('"')
    channel = text if closed else next((known for known in _LIKELY if text and known.startswith(text)), "")
    return kind_of(channel, int(match[1]) if match else 0)
