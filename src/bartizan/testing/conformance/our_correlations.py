"""Correlate what rules matched in the events of a request, and name the events of each finding."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bartizan.detect.correlate.batch import batch
from bartizan.detect.correlate.chain import chained
from bartizan.detect.correlate.contract import Match, Sighting, match_id
from bartizan.detect.correlate.naive import naive
from bartizan.detect.hunt.feeding import Feeds
from bartizan.detect.hunt.request import Request
from bartizan.schema.columns import Frame
from bartizan.schema.identity import record_id
from bartizan.schema.logsource import View
from bartizan.schema.time import nanoseconds
from bartizan.testing.rule_cases import cell

if TYPE_CHECKING:
    from bartizan.rules.contract import Correlating
    from bartizan.rules.ruleset import LoadedRules

__all__ = ["Seen", "correlated"]


@dataclass(frozen=True, slots=True)
class Seen:
    """The events of a request, the numbers of those on which each rule fired, and the field that holds their time."""

    events: Sequence[Any]
    matches: Mapping[int, Sequence[int]]
    time: str

    def id(self, number: int) -> bytes:
        """Return the id of a record: that of its content, as everywhere."""
        return record_id(json.dumps(self.events[number], sort_keys=True).encode())

    def clock(self, number: int) -> int | None:
        """Return the time of an event in nanoseconds; None where it has none, and no window holds it."""
        time = nanoseconds(self.events[number].get(self.time)) if isinstance(self.events[number], Mapping) else None
        return time if isinstance(time, int) else None


def correlated(loaded: LoadedRules, seen: Seen, *, reference: bool = False) -> list[Mapping[str, Any]]:
    """Return the findings of every correlation whose findings are wanted, in batch or as the naive twin has it."""
    sightings: dict[int, list[Sighting]] = {one.number: [] for one in loaded.correlations}
    for correlation, sighting in _sightings(loaded, seen):
        sightings[correlation].append(sighting)
    clocks = (seen.clock(number) for number in range(len(seen.events)))
    until = max((clock for clock in clocks if clock is not None), default=0)
    ids = [rule.id for rule in loaded.rules]
    way = naive if reference else batch
    found = chained(loaded.correlations, sightings, ids, lambda plan, some: way(plan, some, until))
    numbers: dict[bytes, set[int]] = {}
    for number in range(len(seen.events)):
        numbers.setdefault(seen.id(number), set()).add(number)
    told: list[Mapping[str, Any]] = []
    for one in loaded.correlations:
        for match in found[one.number]:
            parts = _events(match, _fed(loaded, one, sightings, found), numbers)
            numbers[match_id(ids[one.number], match.group, match.time)] = parts
            if one.number not in loaded.silent:
                group = dict(zip(one.plan.group_by, match.group, strict=True))
                told.append({"rule": loaded.rules[one.number].title, "group": group, "events": sorted(parts)})
    return told


def _sightings(loaded: LoadedRules, seen: Seen) -> Iterator[tuple[int, Sighting]]:
    """Yield what the rules that judge records are to each correlation."""
    feeds = Feeds(loaded, Request(rules=(), now=0))
    for rule, numbers in seen.matches.items():
        views = (View(loaded.rules[rule].logsource),)
        for number in numbers:
            clock = seen.clock(number)
            if clock is None:
                continue
            frame = Frame.of([{name: cell(value) for name, value in seen.events[number].items()}])
            for fed in next(feeds.taken(rule, views, (frame, Frame(1, {})), [0])):
                if fed.group is not None:
                    yield fed.correlation, Sighting(clock, seen.id(number), fed.rule, fed.group, fed.value)


def _fed(
    loaded: LoadedRules, one: Correlating, sightings: Mapping[int, Sequence[Sighting]], found: Mapping[int, Sequence[Match]]
) -> list[tuple[int, bytes, tuple[str, ...]]]:
    """Return (time, id, group) of all that a correlation saw: records, and matches of the correlations that it names."""
    fed = [(sighting.time, sighting.id, sighting.group) for sighting in sightings[one.number]]
    inner = {each.number: each for each in loaded.correlations}
    for place, rule in enumerate(one.rules):
        if rule in inner:
            names = inner[rule].plan.group_by
            for match in found[rule]:
                known = dict(zip(names, match.group, strict=True))
                group = tuple(known[name] for name in one.keys[place])
                fed.append((match.time, match_id(loaded.rules[rule].id, match.group, match.time), group))
    return fed


def _events(match: Match, fed: Sequence[tuple[int, bytes, tuple[str, ...]]], numbers: Mapping[bytes, set[int]]) -> set[int]:
    """Return the numbers of the events from the first of the match to its last."""
    return {
        number for time, uid, group in fed if group == match.group and match.first <= time <= match.last for number in numbers.get(uid, ())
    }
