"""Correlate several correlations as sightings come, those that name others fed by them as soon as they come true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bartizan.detect.correlate.chain import inherited
from bartizan.detect.correlate.contract import Match, Sighting, match_id
from bartizan.detect.correlate.stream import MOST, Stream
from bartizan.errors import BartizanError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bartizan.rules.contract import Correlating

__all__ = ["Streams"]

_LONG_AGO = -(1 << 63)
_SOME_DAY = (1 << 63) - 1


class Streams:
    """Correlations under way, each after those that it names; ``ids`` are the ids of all rules, by which matches are named."""

    def __init__(self, correlations: Sequence[Correlating], ids: Sequence[str], *, lateness: int = 0, most: int = MOST) -> None:
        """Begin; ``lateness`` in nanoseconds, ``most`` sightings are held by each."""
        self._correlations, self._ids, self._lateness = correlations, ids, lateness
        self.streams = {one.number: Stream(one.plan, lateness=lateness, most=most) for one in correlations}
        self._latest = _LONG_AGO

    @property
    def latest(self) -> int:
        """Return the latest event time that was seen, as far as it is believed."""
        return self._latest

    @property
    def watermark(self) -> int:
        """Return the event time before which nothing more is waited for."""
        return self._latest - self._lateness

    def feed(self, sightings: Iterable[tuple[int, Sighting]], *, ceiling: int = _SOME_DAY) -> list[tuple[int, Match]]:
        """Take in sightings for correlations (by number); return the matches that are whole now.

        ``ceiling``: a time beyond it is that of a wrong clock, which must not make everything else late.
        """
        found = []
        for number, one in sightings:
            if one.time <= ceiling:
                self._latest = max(self._latest, one.time)
            found += [(number, match) for match in self.streams[number].push([one])]
        return found + self._each(lambda stream: stream.advance(self.watermark))

    def pass_time(self, quiet: int) -> list[tuple[int, Match]]:
        """Say that nothing has come for ``quiet`` nanoseconds, in which event time went on too; return the matches that are whole now."""
        if self._latest == _LONG_AGO:
            return []
        return self._each(lambda stream: stream.advance(self.watermark + quiet))

    def finish(self, end: int = 0) -> list[tuple[int, Match]]:
        """Judge what is left at the end of the input; ``end`` is the event time up to which all was seen, if later than any sighting."""
        return self._each(lambda stream: stream.finish(end))

    def dump(self) -> bytes:
        """Return the state of all, for ``restore``."""
        held = {number: stream.dump() for number, stream in self.streams.items()}
        return msgspec.msgpack.encode((self._latest, held))

    def dump_each(self) -> dict[int, bytes]:
        """Return the state of each, by its number, for ``take_up``."""
        return {number: stream.dump() for number, stream in self.streams.items()}

    def take_up(self, latest: int, held: Mapping[int, bytes]) -> list[int]:
        """Take up the states of those that are still the same, and return the numbers of those that are not: they begin anew."""
        self._latest = latest
        changed = []
        for one in self._correlations:
            if one.number in held:
                try:
                    self.streams[one.number] = Stream.restore(one.plan, held[one.number])
                except BartizanError:
                    changed.append(one.number)
        return changed

    def restore(self, state: bytes) -> None:
        """Take up a stored state. BartizanError where it is none of these correlations."""
        try:
            latest, held = msgspec.msgpack.decode(state, type=tuple[int, dict[int, bytes]])
        except msgspec.DecodeError as error:
            message = f"this is no state of correlations: {error}; begin a new one"
            raise BartizanError(message) from error
        if held.keys() != self.streams.keys():
            message = "this state is of other correlations; begin a new one"
            raise BartizanError(message)
        self.streams = {one.number: Stream.restore(one.plan, held[one.number]) for one in self._correlations}
        self._latest = latest

    def _each(self, move: Callable[[Stream], list[Match]]) -> list[tuple[int, Match]]:
        """Move every stream on, and feed those behind it with what has come true."""
        found = []
        for one in self._correlations:
            stream = self.streams[one.number]
            found += [(one.number, match) for match in move(stream)]
            for opening in stream.taken_openings():
                told = (opening.time, match_id(self._ids[one.number], opening.group, opening.time), opening.group)
                found += self._chain(one, told)
        return found

    def _chain(self, one: Correlating, told: tuple[int, bytes, Sequence[str]]) -> list[tuple[int, Match]]:
        found = []
        for outer in self._correlations:
            for place in (place for place, rule in enumerate(outer.rules) if rule == one.number):
                sighting = inherited(outer, place, one, told)
                if sighting is not None:
                    found += [(outer.number, match) for match in self.streams[outer.number].push([sighting])]
        return found
