"""Group findings for a reader: one rule about the same entities within a window is one line.

The result does not depend on the order in which findings come (as long as there are not too many groups): a group is a
run of findings in which no gap is longer than the window, found by merging intervals; its samples are the earliest
records, ties by record id.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, overload

from bartizan.detect.contract import Evidence, Group
from bartizan.schema.entities import Entity

if TYPE_CHECKING:
    from bartizan.rules.contract import Rule

__all__ = ["Grouper", "Sighting"]

HOUR: Final = 3_600_000_000_000
SAMPLES: Final = 3
"""Enough to see a pattern, few enough that 100,000 groups stay under 100 MB."""
MOST_GROUPS: Final = 100_000
"""More lines than anybody reads."""


@dataclass(frozen=True, slots=True, order=True)
class Sighting:
    """One finding, as little of it as grouping needs. ``place`` is where it stands in the spool, read only for samples."""

    time: int
    record_id: str
    place: tuple[int, int] = field(compare=False)


@dataclass(slots=True)
class _Run:
    first: int
    last: int
    count: int
    samples: list[Sighting]

    def absorb(self, other: _Run) -> None:
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.count += other.count
        for sample in other.samples:
            insort(self.samples, sample)
        del self.samples[SAMPLES:]


_Key = tuple[int, tuple[Entity, ...]]


class Grouper:
    """Collects sightings by rule and entities. Memory grows with the groups, not with the findings, and those are bounded."""

    def __init__(self, window: int = HOUR, most: int = MOST_GROUPS) -> None:
        """Let findings up to ``window`` nanoseconds apart share a line.

        Past ``most`` groups a finding that would make another joins one of its rule, whoever it is about and whenever it was.
        """
        self._window = window
        self._most = most
        self._runs: dict[_Key, list[_Run]] = {}
        self._count = 0
        self.folded = 0
        """Findings that joined a group of their rule that they do not belong to, because ``most`` was reached."""

    def add(self, rule: int, entities: tuple[Entity, ...], sighting: Sighting) -> None:
        """Take in one finding."""
        new = _Run(sighting.time, sighting.time, 1, [sighting])
        runs = self._runs.get((rule, entities))
        if self._count >= self._most and not (runs and _touches(runs, new, self._window)):
            self.folded += 1
            self._fold(rule, new)
            return
        if runs is None:
            runs = self._runs[rule, entities] = []
        before = len(runs)
        _merge(runs, new, self._window)
        self._count += len(runs) - before

    def groups(self, rules: Sequence[Rule], read: Callable[[Sighting], Evidence]) -> list[Group]:
        """Return the groups in the order of time, rule id and entities. Samples are read with ``read`` when they are looked at."""
        found = [
            Group(rule=rules[rule], entities=entities, count=run.count, first=run.first, last=run.last, samples=_Samples(run.samples, read))
            for (rule, entities), runs in self._runs.items()
            for run in runs
        ]
        return sorted(found, key=lambda group: (group.first, group.rule.id, tuple(map(str, group.entities))))

    def _fold(self, rule: int, new: _Run) -> None:
        """Put a run into the one group of its rule that is about nobody in particular."""
        runs = self._runs.setdefault((rule, ()), [])
        for other in runs:
            new.absorb(other)
        self._count += 1 - len(runs)
        runs[:] = [new]


class _Samples(Sequence[Evidence]):
    """Evidence that stays on disk until it is looked at: raw records of every group together would fill the memory."""

    __slots__ = ("_read", "_sightings")

    def __init__(self, sightings: Sequence[Sighting], read: Callable[[Sighting], Evidence]) -> None:
        self._sightings, self._read = sightings, read

    def __len__(self) -> int:
        return len(self._sightings)

    @overload
    def __getitem__(self, index: int) -> Evidence: ...

    @overload
    def __getitem__(self, index: slice) -> list[Evidence]: ...

    def __getitem__(self, index: int | slice) -> Evidence | list[Evidence]:
        if isinstance(index, slice):
            return list(map(self._read, self._sightings[index]))
        return self._read(self._sightings[index])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(sighting.record_id for sighting in self._sightings))


def _touches(runs: list[_Run], new: _Run, window: int) -> bool:
    """Say whether a run is near enough to one of a list to be merged with it."""
    at = bisect_right(runs, new.last + window, key=_first)
    return at > 0 and runs[at - 1].last + window >= new.first


def _merge(runs: list[_Run], new: _Run, window: int) -> None:
    """Put a run into a list of runs that are sorted and further apart than the window, and keep it so."""
    at = bisect_right(runs, new.last + window, key=_first)
    touched = at
    while touched and runs[touched - 1].last + window >= new.first:
        touched -= 1
    for other in runs[touched:at]:
        new.absorb(other)
    runs[touched:at] = [new]


def _first(run: _Run) -> int:
    return run.first
