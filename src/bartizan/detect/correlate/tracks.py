"""Follow one group of a correlation through event time: its window, the match that is open, what waits for an answer.

``step`` takes all sightings of one moment, each moment once and in order; ``expire`` comes when a timespan has passed since a
moment, before any later one.
"""

from __future__ import annotations

from collections import deque
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from bartizan.detect.correlate.contract import BY_RULE, FIRST, Key, Match, Shown, Sighting, Value, chosen
from bartizan.detect.correlate.measures import gate, plainly
from bartizan.detect.correlate.meters import meter_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bartizan.rules.plan import Correlation

__all__ = ["Kept", "Opening", "Track", "track_of"]


class Opening(NamedTuple):
    """A match has begun: when, and for which group."""

    time: int
    group: Key


class Begun(msgspec.Struct, array_like=True):
    """A match under way; ``firsts`` are the sightings that will be shown beside the last."""

    time: int
    value: int | float | None
    firsts: list[Shown]
    last: Shown
    count: int
    undecided: bool = False

    def take(self, one: Shown) -> None:
        """Count one more sighting in, later than those before."""
        if self.count < FIRST or all(rule != one[2] for _, _, rule in self.firsts):
            self.firsts.append(one)
        self.last = one
        self.count += 1

    def match(self, group: Key) -> Match:
        """Return it as it is now."""
        return Match(
            group=group,
            time=self.time,
            first=self.firsts[0][0],
            last=self.last[0],
            count=self.count,
            value=self.value,
            shown=tuple(sorted({*self.firsts, self.last})),
            undecided=self.undecided,
        )


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """A track as it is stored."""

    group: Key
    window: list[Sighting]
    begun: Begun | None


class Track(Protocol):
    """One group under way."""

    def __len__(self) -> int:
        """Return how many sightings are held."""

    def step(self, time: int, sightings: Sequence[Sighting], openings: list[Opening]) -> list[Match]:
        """Take in the sightings of a moment."""

    def expire(self, due: int, openings: list[Opening]) -> tuple[list[Match], int | None]:
        """Let time pass until behind ``due``; return what is whole now, and when to come again beside the usual times."""

    def finish(self, end: int, openings: list[Opening]) -> list[Match]:
        """End the track; what is not decided at ``end`` is said to be so."""

    def kept(self) -> Kept:
        """Return the track to be stored."""


def track_of(plan: Correlation, group: Key, kept: Kept | None = None) -> Track:
    """Begin the track of a group, or take a stored one up again."""
    known = kept or Kept(group, [], None)
    if plan.kind == "bartizan_absence":
        return _Waiting(plan, known)
    return _Novelty(plan, known) if plan.kind == "bartizan_new_value" else _Window(plan, known)


def _distinct(plan: Correlation, sightings: Iterable[Sighting]) -> list[Sighting]:
    found: dict[tuple[object, ...], Sighting] = {}
    for one in sorted(sightings, key=lambda one: one[:3]):
        found.setdefault(one[:3] if plan.kind in BY_RULE else one[:2], one)
    return list(found.values())


class _Window:
    """A window in which something is measured."""

    def __init__(self, plan: Correlation, kept: Kept) -> None:
        self._plan, self._group, self._begun = plan, kept.group, kept.begun
        self._window = deque(kept.window)
        self._meter = meter_of(plan)
        for _, moment in groupby(kept.window, attrgetter("time")):
            self._meter.add(list(moment))

    def __len__(self) -> int:
        return len(self._window)

    def kept(self) -> Kept:
        return Kept(self._group, list(self._window), self._begun)

    def step(self, time: int, sightings: Sequence[Sighting], openings: list[Opening]) -> list[Match]:
        window, meter, since = self._window, self._meter, time - self._plan.timespan
        while window and window[0].time < since:
            meter.remove(window.popleft())
        moment = _distinct(self._plan, sightings) if len(sightings) > 1 else sightings
        meter.add(moment)
        window.extend(moment)
        measure = meter.measure(since)
        if measure is None:
            return []
        if self._begun is None:
            shown = [one[:3] for one in window]
            self._begun = Begun(time, plainly(measure), list(_firsts(shown)), shown[-1], len(shown))
            openings.append(Opening(time, self._group))
        else:
            self._extend(self._begun)
        return []

    def expire(self, due: int, openings: list[Opening]) -> tuple[list[Match], int | None]:
        del openings
        while self._window and self._window[0].time + self._plan.timespan <= due:
            self._meter.remove(self._window.popleft())
        if self._begun is None or self._begun.time + self._plan.timespan > due:
            return [], None
        return self._close(), None

    def finish(self, end: int, openings: list[Opening]) -> list[Match]:
        del end, openings
        return self._close()

    def _close(self) -> list[Match]:
        begun, self._begun = self._begun, None
        return [] if begun is None else [begun.match(self._group)]

    def _extend(self, begun: Begun) -> None:
        """Count in what came since the match last did: all of it is still in the window, because the match began in it."""
        fresh = []
        for one in reversed(self._window):
            if one.time <= begun.last[0]:
                break
            fresh.append(one[:3])
        for shown in reversed(fresh):
            begun.take(shown)


def _firsts(shown: Sequence[Shown]) -> list[Shown]:
    """Return what is shown of sightings but for the last of them, unless it is the first of its rule."""
    seen: dict[int, Shown] = {}
    for one in shown:
        seen.setdefault(one[2], one)
    return sorted({*shown[:FIRST], *seen.values()})


class _Novelty:
    """A window in which a value is looked for that was not there before."""

    def __init__(self, plan: Correlation, kept: Kept) -> None:
        self._plan, self._group = plan, kept.group
        self._gate = gate(plan.limits)
        self._window = deque(kept.window)
        self._known: dict[Value, int] = {}
        for one in kept.window:
            self._known[one.value] = one.time

    def __len__(self) -> int:
        return len(self._window)

    def kept(self) -> Kept:
        return Kept(self._group, list(self._window), None)

    def step(self, time: int, sightings: Sequence[Sighting], openings: list[Opening]) -> list[Match]:
        self._forget(time - self._plan.timespan)
        moment, earlier = _distinct(self._plan, sightings), len(self._window)
        new = [one[:3] for one in moment if one.value not in self._known]
        for one in moment:
            self._known[one.value] = time
        self._window.extend(moment)
        if not new or not self._gate(earlier):
            return []
        openings.append(Opening(time, self._group))
        match = Match(group=self._group, time=time, first=time, last=time, count=len(new), value=earlier, shown=chosen(new))
        return [match]

    def expire(self, due: int, openings: list[Opening]) -> tuple[list[Match], int | None]:
        del openings
        self._forget(due + 1 - self._plan.timespan)
        return [], None

    def finish(self, end: int, openings: list[Opening]) -> list[Match]:
        del end, openings
        return []

    def _forget(self, since: int) -> None:
        while self._window and self._window[0].time < since:
            one = self._window.popleft()
            if self._known.get(one.value) == one.time:
                del self._known[one.value]


class _Waiting:
    """Sightings of the first rule that wait for one of the second."""

    def __init__(self, plan: Correlation, kept: Kept) -> None:
        self._plan, self._group, self._begun = plan, kept.group, kept.begun
        self._open = deque(kept.window)

    def __len__(self) -> int:
        return len(self._open)

    def kept(self) -> Kept:
        return Kept(self._group, list(self._open), self._begun)

    def step(self, time: int, sightings: Sequence[Sighting], openings: list[Opening]) -> list[Match]:
        del time, openings
        if any(one.rule == 1 for one in sightings):
            self._open.clear()
        else:
            self._open.extend(_distinct(self._plan, sightings))
        return []

    def expire(self, due: int, openings: list[Opening]) -> tuple[list[Match], int | None]:
        found: list[Match] = []
        before = self._begun
        while self._open and self._open[0].time + self._plan.timespan <= due:
            found += self._miss(self._open.popleft(), openings, undecided=False)
        again = self._begun.time + self._plan.timespan if self._begun is not None and self._begun is not before else None
        if self._begun is not None and self._begun.time + self._plan.timespan <= due:
            found += self._close()
        return found, again

    def finish(self, end: int, openings: list[Opening]) -> list[Match]:
        found: list[Match] = []
        while self._open:
            one = self._open.popleft()
            found += self._miss(one, openings, undecided=one.time + self._plan.timespan > end)
        return found + self._close()

    def _miss(self, one: Sighting, openings: list[Opening], *, undecided: bool) -> list[Match]:
        """Note that a sighting was not answered; return the match that ends because the next begins."""
        due = one.time + self._plan.timespan
        if self._begun is not None and due <= self._begun.time + self._plan.timespan:
            self._begun.take(one[:3])
            return []
        closed = self._close()
        self._begun = Begun(due, None, [one[:3]], one[:3], 1, undecided)
        openings.append(Opening(due, self._group))
        return closed

    def _close(self) -> list[Match]:
        begun, self._begun = self._begun, None
        return [] if begun is None else [begun.match(self._group)]
