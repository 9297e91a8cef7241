"""What correlating is: sightings of rules go in, matches come out, whatever the order in which the sightings came.

The semantics are told in docs/guide/correlations.md and written out in ``naive``. Times are nanoseconds UTC, event time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["BY_RULE", "FIRST", "FOUND", "ID_BYTES", "Key", "Match", "Shown", "Sighting", "Value", "chosen", "match_id"]

FIRST: Final = 5
"""Sightings of a match that are shown from its beginning: beside them the last, and the first of each rule."""
ID_BYTES: Final = 16
FOUND: Final = "correlation.found"
"""The tag of a finding that tells in words what a correlation found."""
BY_RULE: Final = frozenset({"temporal", "temporal_ordered", "bartizan_absence", "bartizan_ratio"})
"""Types that ask which rule saw a record; to the others a record that several of their rules saw is one event."""

Key: TypeAlias = tuple[str, ...]
"""What a group is grouped by, or the values of several fields: texts in lower case."""
Value: TypeAlias = Key | int | float | None


class Sighting(NamedTuple):
    """A rule (place in the correlation's list) fired on a record. ``value`` is what the correlation measures of it.

    The same ``time``, ``id`` (16 bytes) and ``rule`` are the same sighting, however often it comes.
    """

    time: int
    id: bytes
    rule: int
    group: Key
    value: Value = None


Shown: TypeAlias = tuple[int, bytes, int]
"""A sighting as a match shows it: time, id, rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A correlation came true for a group at ``time``, with ``count`` sightings from ``first`` to ``last``.

    ``value`` is what was measured at ``time``. ``undecided``: the input ended before the time of an absence had passed.
    """

    group: Key
    time: int
    first: int
    last: int
    count: int
    value: int | float | None
    shown: tuple[Shown, ...]
    undecided: bool = False


def chosen(members: Sequence[Shown]) -> tuple[Shown, ...]:
    """Choose what is shown of sightings in their order: the first few, the first of each rule, the last."""
    firsts: dict[int, Shown] = {}
    for one in members:
        firsts.setdefault(one[2], one)
    return tuple(sorted({*members[:FIRST], *firsts.values(), members[-1]}))


def match_id(rule_id: str, group: Iterable[str], time: int) -> bytes:
    """Return the id under which a match is a sighting to correlations of correlations: the same in every run, 16 bytes."""
    text = "\0".join((rule_id, str(time), *group))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:ID_BYTES]
