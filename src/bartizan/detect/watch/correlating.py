"""Correlate while records come: the stream engine, fed by findings, with the evidence of each kept until nothing can need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import msgspec

from bartizan.detect.correlate.contract import Match, Sighting, match_id
from bartizan.detect.correlate.finding import encoded
from bartizan.detect.correlate.streams import Streams
from bartizan.detect.hunt.correlating import PAIRED
from bartizan.detect.hunt.feeding import needed
from bartizan.detect.watch.contract import Alert
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.detect.hunt.feeding import Fed
    from bartizan.detect.hunt.request import Request
    from bartizan.rules.contract import RuleSet

__all__ = ["EvidenceStore", "LiveCorrelator"]

_WINDOWS: Final = 3
"""Timespans for which evidence is kept behind the watermark: a match spans two, a correlation of correlations one more."""


CLOCK_ERROR: Final = 600_000_000_000
"""Nanoseconds that a sender's clock may be ahead of ours and still be believed."""


class EvidenceStore(Protocol):
    """Findings that correlations may show, by their rule's id and the id of what they are about (16 bytes)."""

    def keep(self, rule: str, uid: bytes, time: int, line: bytes) -> None:
        """Keep one; one that is there stays as it is."""

    def get(self, rule: str, uid: bytes) -> bytes | None:
        """Return one, None where it is not there."""

    def prune(self, before: int) -> None:
        """Forget those of before an event time."""


class _Pending(NamedTuple):
    """A match whose evidence is not whole yet: a match of another correlation that it shows is still going on."""

    number: int
    match: Match


class LiveCorrelator:
    """All correlations that a request wants, under way."""

    def __init__(self, rules: RuleSet, request: Request, store: EvidenceStore, *, lateness: int) -> None:
        """Begin; sightings may be ``lateness`` nanoseconds behind the latest."""
        self._rules, self._request, self._store = rules, request, store
        self._wanted = {one.number: one for one in needed(rules, request)}
        self.streams = Streams(list(self._wanted.values()), [rule.id for rule in rules.rules], lateness=lateness)
        self._sightings: list[tuple[int, Sighting]] = []
        self._pending: list[_Pending] = []
        self.lacking = 0
        """Findings that have not every field that a correlation asks for."""
        self.incomplete = 0
        """Findings of correlations that were told without some of their evidence, because it was forgotten."""

    def take(self, rule: int, feeds: Iterable[Fed], time: int, uid: bytes, line: bytes) -> None:
        """Take in what one finding is to correlations."""
        kept = False
        for fed in feeds:
            if fed.group is None:
                self.lacking += 1
                continue
            self._sightings.append((fed.correlation, Sighting(time, uid, fed.rule, fed.group, fed.value)))
            kept = True
        if kept:
            self._store.keep(self._rules.rules[rule].id, uid, time, line)

    def settle(self, seen: set[int], now: int, *, quiet: int = 0) -> Iterator[Alert]:
        """Look at what was taken in and yield what is certain now.

        ``seen``: rules whose log source was read; ``now`` when the records were received; ``quiet`` as in Entry.
        """
        taken, self._sightings = self._sightings, []
        found = self.streams.feed(taken, ceiling=now + CLOCK_ERROR) if taken else []
        if quiet:
            found += self.streams.pass_time(quiet)
        yield from self._told(found, seen)

    def finish(self, end: int, seen: set[int]) -> Iterator[Alert]:
        """Yield what is left at the end of a recording; ``end``: event time up to which all was seen."""
        yield from self._told(self.streams.finish(end), seen)
        for pending in self._pending:
            alert = self._alert(pending, partly=True)
            if alert is not None and self._raised(pending.number):
                yield alert
        self._pending = []

    def dump(self) -> bytes:
        """Return the state: each correlation by the id of its rule, so that it survives changes of other rules."""
        ids = {self._rules.rules[number].id: state for number, state in self.streams.dump_each().items()}
        pending = [(self._rules.rules[one.number].id, one.match) for one in self._pending]
        return msgspec.msgpack.encode((self.streams.latest, ids, pending))

    def restore(self, state: bytes) -> tuple[str, ...]:
        """Take up a state, and name the correlations of it that are gone or were changed: those begin anew."""
        kind = tuple[int, dict[str, bytes], list[tuple[str, Match]]]
        latest, held, pending = msgspec.msgpack.decode(state, type=kind)
        numbers = {self._rules.rules[number].id: number for number in self._wanted}
        lost = [name for name in held if name not in numbers]
        changed = self.streams.take_up(latest, {numbers[name]: text for name, text in held.items() if name in numbers})
        self._pending = [_Pending(numbers[name], match) for name, match in pending if name in numbers]
        return (*lost, *(self._rules.rules[number].id for number in changed))

    def prune(self) -> None:
        """Forget evidence that nothing can need any more."""
        longest = max((one.plan.timespan for one in self._wanted.values()), default=0)
        self._store.prune(self.streams.watermark - _WINDOWS * longest)

    @property
    def wanted(self) -> bool:
        """Say whether there are correlations at all."""
        return bool(self._wanted)

    @property
    def late(self) -> int:
        """Sightings that came too late to be looked at, or were forgotten because there were too many."""
        return sum(stream.counts.late + stream.counts.forgotten for stream in self.streams.streams.values())

    def _told(self, found: Sequence[tuple[int, Match]], seen: set[int]) -> Iterator[Alert]:
        waiting, self._pending = [*self._pending, *(_Pending(*one) for one in found)], []
        for pending in sorted(waiting, key=lambda one: list(self._wanted).index(one.number)):
            one = self._wanted[pending.number]
            if one.plan.kind in PAIRED and not seen.issuperset(rule for rule in one.rules if not self._rules.rules[rule].correlation):
                continue
            alert = self._alert(pending, partly=pending.match.last + _WINDOWS * one.plan.timespan < self.streams.watermark)
            if alert is None:
                self._pending.append(pending)
            elif self._raised(pending.number):
                yield alert

    def _alert(self, pending: _Pending, *, partly: bool) -> Alert | None:
        """Write a match as a finding and keep it as evidence; None where its own evidence is not whole and must be."""
        one, match = self._wanted[pending.number], pending.match
        rule = self._rules.rules[pending.number]
        lines = [self._store.get(self._rules.rules[one.rules[place]].id, uid) for _, uid, place in match.shown]
        whole = [line for line in lines if line is not None]
        if len(whole) < len(lines):
            if not partly:
                return None
            self.incomplete += 1
        line = encoded(one.plan, rule, match, whole, version=__version__)
        uid = match_id(rule.id, match.group, match.time)
        self._store.keep(rule.id, uid, match.time, line)
        return Alert(uid.hex(), rule.id, rule.level, match.time, line)

    def _raised(self, number: int) -> bool:
        return number not in self._rules.silent and self._request.wants(self._rules.rules[number])
