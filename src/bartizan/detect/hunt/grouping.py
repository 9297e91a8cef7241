"""Group findings for a reader: one rule about the same entities within a window is one line.

The result does not depend on the order in which findings come: a group is a run of findings in which no gap is longer
than the window, found by merging intervals; its samples are the earliest records, ties by record id.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from bartizan.detect.contract import Evidence, Group
from bartizan.rules.contract import Rule
from bartizan.schema.entities import Entity

__all__ = ["Grouper", "Sighting"]

HOUR: Final = 3_600_000_000_000
SAMPLES: Final = 3
"""Enough to see a pattern, few enough that 100,000 groups stay under 100 MB."""
MOST_GROUPS: Final = 100_000


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
    """Collects sightings by rule and entities. Memory grows with the groups, not with the findings."""

    def __init__(self, window: int = HOUR, most: int = MOST_GROUPS) -> None:
        """Let findings up to ``window`` nanoseconds apart share a line; past ``most`` keys a rule's further entities share one group."""
        self._window = window
        self._most = most
        self._runs: dict[_Key, list[_Run]] = {}
        self.folded = 0
        """Findings whose entities were folded into the rule's unnamed group because ``most`` was reached."""

    def add(self, rule: int, entities: tuple[Entity, ...], sighting: Sighting) -> None:
        """Take in one finding."""
        key: _Key = (rule, entities)
        runs = self._runs.get(key)
        if runs is None:
            if len(self._runs) >= self._most and entities:
                self.folded += 1
                self.add(rule, (), sighting)
                return
            runs = self._runs[key] = []
        _merge(runs, _Run(sighting.time, sighting.time, 1, [sighting]), self._window)

    def groups(self, rules: Sequence[Rule], read: Callable[[Sighting], Evidence]) -> list[Group]:
        """Return the groups in the order of time, rule id and entities."""
        found = [
            Group(
                rule=rules[rule],
                entities=entities,
                count=run.count,
                first=run.first,
                last=run.last,
                samples=tuple(read(sample) for sample in run.samples),
            )
            for (rule, entities), run in self._items()
        ]
        return sorted(found, key=lambda group: (group.first, group.rule.id, tuple(map(str, group.entities))))

    def _items(self) -> Iterator[tuple[_Key, _Run]]:
        pairs: Iterable[tuple[_Key, list[_Run]]] = self._runs.items()
        return ((key, run) for key, runs in pairs for run in runs)


def _merge(runs: list[_Run], new: _Run, window: int) -> None:
    """Put a run into a list of runs that are sorted and further apart than the window, and keep it so."""
    # Findings come mostly in order of time, so the right place is near the end.
    at = len(runs)
    while at and runs[at - 1].first > new.last + window:
        at -= 1
    touched = at
    while touched and runs[touched - 1].last + window >= new.first:
        touched -= 1
    for other in runs[touched:at]:
        new.absorb(other)
    runs[touched:at] = [new]
