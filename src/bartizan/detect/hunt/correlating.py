"""Gather what the rules of correlations saw while a hunt runs, and correlate it when everything was read."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from bartizan.detect.correlate.batch import correlated
from bartizan.detect.correlate.chain import inherited
from bartizan.detect.correlate.contract import Sighting, match_id
from bartizan.detect.correlate.events import Events
from bartizan.detect.correlate.finding import encoded
from bartizan.detect.correlate.naive import naive
from bartizan.detect.correlate.stream import Stream
from bartizan.detect.hunt.feeding import Fed, needed
from bartizan.detect.hunt.spool import Spool
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.detect.correlate.batch import Found
    from bartizan.detect.correlate.contract import Match
    from bartizan.detect.hunt.request import Request
    from bartizan.rules.contract import Correlating, RuleSet
    from bartizan.schema.entities import Entity

__all__ = ["MOST_SIGHTINGS", "Correlated", "Correlator", "Keep", "Place"]

MOST_SIGHTINGS: Final = 2_000_000
"""Sightings held in a hunt, by all correlations together: some 200 MB."""
_LOOKED_AT: Final = 2_000
"""Sightings of the largest group up to which ``--paranoid`` asks the naive twin, which is quadratic; beyond, the stream."""

_Entities = tuple["Entity", ...]
PAIRED: Final = frozenset({"bartizan_absence", "bartizan_ratio"})


class Place(NamedTuple):
    """Where a finding is kept: among those told, or among those that are only evidence."""

    told: bool
    at: int
    length: int


@dataclass(frozen=True, slots=True)
class Correlated:
    """A finding of a correlation (place in the rules); ``uid`` has 16 bytes, ``line`` is as of any finding."""

    rule: int
    time: int
    uid: bytes
    entities: _Entities
    line: bytes
    raised: bool


_Read = Callable[[tuple[int, int]], bytes]
Keep = tuple[Callable[[Correlated], Place], _Read]
"""How a finding is kept, those that are not raised as evidence only; and how one that is told is read again."""


@dataclass(slots=True)
class _Gathered:
    """The sightings of one correlation, and beside each where its finding is kept and whom it is about."""

    one: Correlating
    events: Events = field(default_factory=Events)
    told: bytearray = field(default_factory=bytearray)
    places: array[int] = field(default_factory=lambda: array("q"))
    lengths: array[int] = field(default_factory=lambda: array("i"))
    abouts: array[int] = field(default_factory=lambda: array("i"))
    lacking: int = 0
    refused: int = 0

    def add(self, sighting: Sighting, place: Place, about: int) -> None:
        """Take in a sighting."""
        self.events.add(sighting)
        self.told.append(place.told)
        self.places.append(place.at)
        self.lengths.append(place.length)
        self.abouts.append(about)

    def place(self, row: int) -> Place:
        """Return where the finding of a sighting is kept."""
        return Place(bool(self.told[row]), self.places[row], self.lengths[row])


class Correlator:
    """All correlations of a hunt. A hunt without any pays nothing."""

    def __init__(self, rules: RuleSet, request: Request, *, most: int = MOST_SIGHTINGS) -> None:
        """Gather for the correlations that a request wants, ``most`` sightings in all."""
        self._rules, self._request, self._most = rules, request, most
        self._gathered = {one.number: _Gathered(one) for one in needed(rules, request)}
        self._feeds: dict[int, list[tuple[int, int]]] = {}
        for one in needed(rules, request):
            for place, rule in enumerate(one.rules):
                self._feeds.setdefault(rule, []).append((one.number, place))
        self._held = 0
        self._unsure: list[int] = []
        self._silent: Spool | None = None
        self._abouts: dict[_Entities, int] = {}
        self._entities: list[_Entities] = []
        self.differences: list[str] = []

    def keep(self, line: bytes) -> Place:
        """Keep a finding that is not told, as evidence, as long as there is room for what it is evidence of."""
        if self._held >= self._most:
            return Place(told=False, at=0, length=0)
        if self._silent is None:
            self._silent = Spool()
        at, length = self._silent.add(line)
        return Place(told=False, at=at, length=length)

    def add(self, fed: Fed, time: int, uid: bytes, place: Place, entities: _Entities) -> None:
        """Take in what a finding is to a correlation."""
        gathered = self._gathered[fed.correlation]
        if fed.group is None:
            gathered.lacking += 1
        elif self._held >= self._most:
            gathered.refused += 1
        else:
            self._held += 1
            about = self._abouts.setdefault(entities, len(self._entities))
            if about == len(self._entities):
                self._entities.append(entities)
            gathered.add(Sighting(time, uid, fed.rule, fed.group, fed.value), place, about)

    def finish(self, end: int, unread: frozenset[int], keep: Keep, *, whole: bool = True) -> None:
        """Correlate, and hand the findings to ``keep`` by correlation, time and group.

        ``end`` is the event time up to which all was read. ``unread``: rules whose log source was not read at all; that their
        events are absent says nothing, so an absence or a ratio of them is not looked for. Nor is any where the input was not
        read as a ``whole``, or more events came than can be held.
        """
        add, read = keep
        for number, gathered in self._gathered.items():
            plan = gathered.one.plan
            if plan.kind in PAIRED and (not whole or gathered.refused):
                self._unsure.append(number)
                continue
            if plan.kind in PAIRED and not unread.isdisjoint(gathered.one.rules):
                continue
            found = correlated(plan, gathered.events, end)
            if self._request.paranoid:
                self._compare(gathered, [one.match for one in found], end)
            raised = number not in self._rules.silent and self._request.wants(self._rules.rules[number])
            for one in found:
                told = self._told(gathered, one, read, raised=raised)
                self._chain(gathered.one, told, one.match, add(told))

    def remarks(self) -> Iterator[str]:
        """Say what was not correlated, and why."""
        for number, gathered in self._gathered.items():
            rule, one = self._rules.rules[number], gathered.one
            name = f"{rule.path}: correlation '{rule.title}'"
            if gathered.lacking:
                fields = ", ".join(dict.fromkeys(name for names in (*one.keys, *one.values) for name in names))
                yield f"{name}: {gathered.lacking} events have not every field that it asks for ({fields}) and were left out"
            if number in self._unsure:
                yield f"{name}: what is absent was not looked for, because not everything was read or held"
            if gathered.refused:
                yield f"{name}: {gathered.refused} events were left out, because {self._most} are held already"

    def close(self) -> None:
        """Free what is kept on disk."""
        if self._silent is not None:
            self._silent.close()

    def _told(self, gathered: _Gathered, found: Found, read: _Read, *, raised: bool) -> Correlated:
        match, rule = found.match, self._rules.rules[gathered.one.number]
        lines = [self._line(gathered.place(row), read) for row in found.shown]
        line = encoded(gathered.one.plan, rule, match, lines, version=__version__)
        uid = match_id(rule.id, match.group, match.time)
        return Correlated(gathered.one.number, match.time, uid, self._about(gathered, found), line, raised)

    def _line(self, place: Place, read: _Read) -> bytes:
        if place.told or self._silent is None:
            return read((place.at, place.length))
        return self._silent.line((place.at, place.length))

    def _about(self, gathered: _Gathered, found: Found) -> _Entities:
        """Return whom all sightings of a match are about; where that is nobody, whom the first is about."""
        codes = np.unique(np.frombuffer(gathered.abouts, np.int32)[found.rows]).tolist()
        shared = set(self._entities[codes[0]]).intersection(*(self._entities[code] for code in codes))
        first = self._entities[gathered.abouts[int(found.rows[0])]]
        return tuple(sorted(shared, key=str)) or first

    def _chain(self, inner: Correlating, told: Correlated, match: Match, place: Place) -> None:
        """Feed correlations of correlations with a match: it has the fields that it is grouped by."""
        for number, at in self._feeds.get(inner.number, ()):
            one = inherited(self._gathered[number].one, at, inner, (told.time, told.uid, match.group))
            fed = Fed(number, at, None, None) if one is None else Fed(number, at, one.group, one.value)
            self.add(fed, told.time, told.uid, place, told.entities)

    def _compare(self, gathered: _Gathered, matches: list[Match], end: int) -> None:
        """Ask another way to the same answer, and note where it differs."""
        events, plan = gathered.events, gathered.one.plan
        if not len(events):
            return
        sightings = [events.sighting(row) for row in range(len(events))]
        if int(np.bincount(np.frombuffer(events.groups, np.int32)).max()) <= _LOOKED_AT:
            other = naive(plan, sightings, end)
        else:
            stream = Stream(plan, most=len(sightings))
            stream.push(sightings)
            other = sorted(stream.finish(end), key=lambda match: (match.time, match.group))
        rule = self._rules.rules[gathered.one.number]
        ours, theirs = set(matches), set(other)
        self.differences += [f"{rule.path}: correlation '{rule.title}': only the batch finds {one}" for one in matches if one not in theirs]
        self.differences += [f"{rule.path}: correlation '{rule.title}': only the reference finds {one}" for one in other if one not in ours]
