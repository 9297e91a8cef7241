"""Correlate sightings as they come: in pieces, late within bounds, with a state that can be stored and taken up again.

Sightings wait until event time has passed them: the watermark is ``lateness`` behind the latest time seen. What comes later
than that is counted as late and not looked at. Behind the watermark everything happens in the order of event time, so the
answer is that of ``naive`` over all sightings that were not late.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Final

import msgspec

from bartizan.detect.correlate.contract import Key, Sighting  # noqa: TC001 - msgspec reads the annotations
from bartizan.detect.correlate.tracks import Kept, Opening, Track, track_of
from bartizan.errors import BartizanError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.detect.correlate.contract import Match
    from bartizan.rules.plan import Correlation

__all__ = ["MOST", "Counts", "Stream"]

MOST: Final = 1_000_000
"""Sightings held at a time, some 300 bytes each."""
_VERSION: Final = 1
_NEVER: Final = -(1 << 63)


class Counts(msgspec.Struct, array_like=True):
    """What a stream did not look at: sightings that came too late, and those forgotten because there were too many."""

    late: int = 0
    forgotten: int = 0


class _State(msgspec.Struct, frozen=True, array_like=True):
    """All that a stream has to keep."""

    version: int
    plan: bytes
    settings: tuple[int, int]
    latest: int
    watermark: int
    counts: Counts
    waiting: list[Sighting]
    tracks: list[Kept]
    alarms: list[tuple[int, Key]]


class Stream:
    """One correlation under way. ``matches`` come out when nothing that is not late can change them any more."""

    def __init__(self, plan: Correlation, *, lateness: int = 0, most: int = MOST) -> None:
        """Begin; ``lateness`` in nanoseconds, ``most`` sightings are held."""
        self._plan, self._lateness, self._most = plan, lateness, most
        self._latest = self._watermark = _NEVER
        self._waiting: list[Sighting] = []
        self._tracks: OrderedDict[Key, Track] = OrderedDict()
        """Groups, those first that have been quiet for longest."""
        self._alarms: deque[tuple[int, Key]] = deque()
        """When to look at which group again, in the order of time: a timespan after each moment at which it was seen."""
        self._held = 0
        self.counts = Counts()
        self._openings: list[Opening] = []

    def feed(self, sightings: Iterable[Sighting]) -> list[Match]:
        """Take in sightings in any order, move the watermark to behind the latest, return the matches that are whole now."""
        found = self.push(sightings)
        return found + self.advance(self._latest - self._lateness)

    def push(self, sightings: Iterable[Sighting]) -> list[Match]:
        """Take in sightings and leave the watermark where it is, unless too many are held."""
        found: list[Match] = []
        for one in sightings:
            if one.time < self._watermark:
                self.counts.late += 1
                continue
            self._latest = max(self._latest, one.time)
            heapq.heappush(self._waiting, one)
            while len(self._waiting) + self._held > self._most:
                found += self._relieve()
        return found

    def advance(self, watermark: int) -> list[Match]:
        """Say that all sightings before ``watermark`` have come, as far as they are not late."""
        found: list[Match] = []
        while self._waiting and self._waiting[0].time < watermark:
            time = self._waiting[0].time
            found += self._settle(time)
            found += self._step(time)
        found += self._settle(watermark)
        self._watermark = max(self._watermark, watermark)
        return found

    def finish(self, end: int = 0) -> list[Match]:
        """Judge what is left at the end of the input; ``end`` is the event time up to which all was seen, if later than any sighting."""
        found = self.advance(max((one.time for one in self._waiting), default=_NEVER) + 1)
        for track in self._tracks.values():
            found += track.finish(max(end, self._latest), self._openings)
        self._tracks.clear()
        self._alarms.clear()
        self._held = 0
        return found

    def taken_openings(self) -> list[Opening]:
        """Return the matches that have begun since this was last asked: what correlations of correlations are fed with."""
        taken, self._openings[:] = list(self._openings), []
        return taken

    def dump(self) -> bytes:
        """Return the state, for ``restore``. Openings are to be taken first."""
        state = _State(
            version=_VERSION,
            plan=msgspec.msgpack.encode(self._plan),
            settings=(self._lateness, self._most),
            latest=self._latest,
            watermark=self._watermark,
            counts=self.counts,
            waiting=self._waiting,
            tracks=[track.kept() for track in self._tracks.values()],
            alarms=list(self._alarms),
        )
        return msgspec.msgpack.encode(state)

    @classmethod
    def restore(cls, plan: Correlation, state: bytes) -> Stream:
        """Take up a stored state. BartizanError where it is none of this correlation: what it counted would mean something else."""
        try:
            held = msgspec.msgpack.decode(state, type=_State)
        except msgspec.DecodeError as error:
            message = f"this is no state of a correlation: {error}; begin a new one"
            raise BartizanError(message) from error
        if held.version != _VERSION or held.plan != msgspec.msgpack.encode(plan):
            message = f"this state is of another version of '{plan.meta.title}'; begin a new one"
            raise BartizanError(message)
        stream = cls(plan, lateness=held.settings[0], most=held.settings[1])
        stream._take_up(held)
        return stream

    def _take_up(self, held: _State) -> None:
        self._latest, self._watermark, self.counts = held.latest, held.watermark, held.counts
        self._waiting, self._alarms = held.waiting, deque(held.alarms)
        for kept in held.tracks:
            self._tracks[kept.group] = track_of(self._plan, kept.group, kept)
            self._held += len(kept.window)

    def _step(self, time: int) -> list[Match]:
        """Let the groups see the sightings of one moment."""
        groups: dict[Key, list[Sighting]] = {}
        while self._waiting and self._waiting[0].time == time:
            one = heapq.heappop(self._waiting)
            groups.setdefault(one.group, []).append(one)
        found: list[Match] = []
        for group, sightings in groups.items():
            track = self._tracks.get(group)
            if track is None:
                track = self._tracks[group] = track_of(self._plan, group)
            held = len(track)
            found += track.step(time, sightings, self._openings)
            self._held += len(track) - held
            self._tracks.move_to_end(group)
            self._alarms.append((time + self._plan.timespan, group))
        self._watermark = max(self._watermark, time)
        return found

    def _settle(self, before: int) -> list[Match]:
        """Let the groups see that time passes, up to a moment that is still to come."""
        found: list[Match] = []
        while self._alarms and self._alarms[0][0] < before:
            due, group = self._alarms.popleft()
            track = self._tracks.get(group)
            if track is None:
                continue
            held = len(track)
            matches, again = track.expire(due, self._openings)
            found += matches
            self._held += len(track) - held
            if again is not None:
                self._alarms.append((again, group))
            elif not len(track) and track.kept().begun is None:
                del self._tracks[group]
        return found

    def _relieve(self) -> list[Match]:
        """Make room: move on as far as the lateness allows, else forget the group that has been quiet for longest.

        Where no group holds anything, the first moment is no longer waited for.
        """
        watermark = self._latest - self._lateness
        if self._waiting and self._waiting[0].time < watermark:
            return self.advance(watermark)
        for group, track in self._tracks.items():
            if len(track):
                self.counts.forgotten += len(track)
                self._held -= len(track)
                begun = track.kept().begun
                del self._tracks[group]
                return [] if begun is None else [begun.match(group)]
        return self.advance(self._waiting[0].time + 1)
