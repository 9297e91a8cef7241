"""Run a hunt: hand out the work, take the results in order, see duplicates, keep the balance."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from bartizan.detect.contract import FileBalance, HeldBack, Outcome
from bartizan.detect.finding import renumbered
from bartizan.detect.hunt.correlating import Correlated, Correlator, Place
from bartizan.detect.hunt.duplicates import SeenRecords
from bartizan.detect.hunt.grouping import Grouper, Sighting
from bartizan.detect.hunt.interrupts import Interrupts
from bartizan.detect.hunt.verdicts import standing, verdicts
from bartizan.detect.hunt.watching import QuietTally, rules_with, verdicts_of
from bartizan.detect.hunt.workers import Lost, judge_all
from bartizan.schema.identity import record_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bartizan.collect.units import Unit
    from bartizan.detect.hunt.judge import Found, Judge, Judged, RouteSeen
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.hunt.spool import Spool
    from bartizan.rules.contract import RuleSet
    from bartizan.schema.columns import Frame

__all__ = ["Means", "Progress", "Store", "Tally", "Unread", "outcome", "run"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a hunt is: bytes read, records read, findings made; before that, rule files compiled of how many."""

    bytes: int = 0
    events: int = 0
    findings: int = 0
    compiled: int = 0
    to_compile: int = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """A record that nobody could read, kept raw."""

    record_id: str
    path: str
    record: int
    why: str
    raw: bytes
    modified: float


class Store(Protocol):
    """Where complete records go."""

    def records(self, frame: Frame, raw: Sequence[bytes]) -> None:
        """Keep records that are no duplicates, in OCSF columns, with their raw text."""

    def unread(self, records: Iterable[Unread]) -> None:
        """Keep raw what nobody could read."""


@dataclass(slots=True)
class Tally:
    """What a hunt has gathered until now."""

    rules: RuleSet
    spool: Spool
    store: Store | None
    correlator: Correlator
    seen: SeenRecords = field(default_factory=SeenRecords)
    grouper: Grouper = field(default_factory=Grouper)
    files: dict[str, FileBalance] = field(default_factory=dict)
    by_rule: Counter[int] = field(default_factory=Counter)
    held: Counter[int] = field(default_factory=Counter)
    silent: Counter[int] = field(default_factory=Counter)
    """Findings that were not told, because they are only evidence to correlations."""
    by_source: Counter[str] = field(default_factory=Counter)
    present: dict[RouteSeen, frozenset[str]] = field(default_factory=dict)
    first: int = sys.maxsize
    last: int = -sys.maxsize
    outside: int = 0
    bytes: int = 0
    read: int = 0
    lost: bool = False
    quiet: QuietTally = field(default_factory=QuietTally)
    differences: list[str] = field(default_factory=list)

    def take(self, judged: Judged) -> None:
        """Count one chunk in."""
        chunk, count = judged.chunk, judged.count
        duplicate = frozenset(self.seen.add(judged.keys))
        before = self.files.get(chunk.origin, FileBalance(path=chunk.origin, source=chunk.source))
        for one in judged.found:
            if one.row not in duplicate:
                self.note(one, before.read)
        for quiet in judged.quiet:
            if quiet.row not in duplicate:
                self.quiet.add(quiet)
        self.held.update(self.rules.held[place][1] for row, place in judged.held if row not in duplicate)
        for source, rows in judged.rows:
            self.by_source[source] += len(rows) if not duplicate else sum(row not in duplicate for row in rows)
        unparsed = [row for row in judged.unparsed if row not in duplicate]
        flawed = [row for row in judged.flawed if row not in duplicate]
        self._keep(judged, duplicate, unparsed, before.read)
        self._widen(judged)
        self.files[chunk.origin] = replace(
            before,
            source=before.source or chunk.source,
            read=before.read + count,
            stored=before.stored + count - len(duplicate) - len(unparsed),
            unparsed=before.unparsed + len(unparsed),
            duplicate=before.duplicate + len(duplicate),
            flawed=before.flawed + len(flawed),
            flaw=before.flaw or _first_flaw(judged, flawed, before.read),
            bytes=before.bytes + chunk.size,
            problems=tuple(dict.fromkeys((*before.problems, *chunk.problems))),
            notes=tuple(dict.fromkeys((*before.notes, *chunk.notes))),
        )

    def lose(self, lost: Lost) -> None:
        """Say of a unit's files that a part of them could not be judged."""
        self.lost = True
        what = f"what it held behind its first {lost.after} chunks" if lost.after else "what it held"
        problem = (
            f"{lost.unit}: the process that read it died twice (out of memory?): {what} is not counted, "
            "and records behind it are numbered as if it were not there"
        )
        for path in lost.unit.origins:
            before = self.files.get(path, FileBalance(path=path, source=""))
            self.files[path] = replace(before, problems=(*before.problems, problem))

    def note(self, one: Found, numbered: int) -> None:
        """Keep a finding. ``numbered``: the records of its file before its chunk."""
        line = renumbered(one.line, numbered + one.row + 1) if numbered else one.line
        if one.raised:
            self.by_rule[one.rule] += 1
            at, length = self.spool.add(line)
            place = Place(told=True, at=at, length=length)
            self.grouper.add(one.rule, one.entities, Sighting(one.time, one.uid.hex(), (at, length)))
        else:
            self.silent[one.rule] += 1
            place = self.correlator.keep(line)
        for fed in one.feeds:
            self.correlator.add(fed, one.time, one.uid, place, one.entities)

    def add(self, one: Correlated) -> Place:
        """Keep a finding of a correlation."""
        if not one.raised:
            self.silent[one.rule] += 1
            return self.correlator.keep(one.line)
        self.by_rule[one.rule] += 1
        at, length = self.spool.add(one.line)
        self.grouper.add(one.rule, one.entities, Sighting(one.time, one.uid.hex(), (at, length)))
        return Place(told=True, at=at, length=length)

    def _keep(self, judged: Judged, duplicate: frozenset[int], unparsed: list[int], numbered: int) -> None:
        if self.store is None:
            return
        chunk = judged.chunk
        for rows, frame in judged.records:
            kept = [at for at, row in enumerate(rows) if row not in duplicate]
            raw = [chunk.records[rows[at]] for at in kept]
            self.store.records(frame.take(kept) if duplicate else frame, raw)
        self.store.unread(
            Unread(
                record_id(chunk.records[row]).hex(),
                chunk.origin,
                numbered + row + 1,
                judged.unparsed[row],
                chunk.records[row],
                chunk.modified,
            )
            for row in unparsed
        )

    def _widen(self, judged: Judged) -> None:
        self.first, self.last = min(self.first, judged.first), max(self.last, judged.last)
        for seen, fields in judged.present.items():
            self.present[seen] = self.present.get(seen, frozenset()) | fields
        self.outside += judged.outside
        self.bytes += judged.chunk.size
        self.read += judged.count
        self.differences += judged.differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a hunt works with. ``store`` where records are to be kept; ``progress`` is called after each chunk."""

    judge: Judge
    rules: RuleSet
    spool: Spool
    workers: int = 1
    store: Store | None = None
    progress: Callable[[Progress], None] = lambda _progress: None


def run(units: Iterable[Unit], request: Request, means: Means) -> Outcome:
    """Hunt through every unit; Ctrl-C ends it early with what was found until then, marked partial."""
    tally = Tally(means.rules, means.spool, means.store, Correlator(means.rules, request))
    partial = ""
    with closing(tally.correlator), Interrupts() as interrupts:
        try:
            with closing(judge_all(units, request, means.judge, means.workers)) as results:
                for result in results:
                    with interrupts.whole():
                        if isinstance(result, Lost):
                            tally.lose(result)
                        else:
                            tally.take(result)
                    means.progress(Progress(tally.bytes, tally.read, tally.by_rule.total()))
        except KeyboardInterrupt:
            partial = f"interrupted after {tally.read:,} records: what comes later was not read"
        with interrupts.late():
            return outcome(tally, request, means, partial)


def outcome(tally: Tally, request: Request, means: Means, partial: str) -> Outcome:
    """Correlate, and say everything that was found out; ``partial`` says why not all was read ("" where it was)."""
    watcher, first = means.judge.watching, len(means.rules.rules)
    stand = standing(means.rules, means.judge, tally.present, tally.by_rule + tally.silent)
    end = tally.last if request.until is None else min(tally.last, request.until - 1)
    tally.correlator.finish(end, stand.unread, (tally.add, tally.spool.line), whole=not (partial or tally.lost))
    return Outcome(
        balance=list(tally.files.values()),
        verdicts=[*verdicts(means.rules, request, stand, tally.by_rule), *verdicts_of(tally.by_rule, first)],
        refused=means.rules.refused,
        groups=tally.grouper.groups(rules_with(means.rules.rules, watcher), lambda sighting: tally.spool.evidence(sighting.place)),
        findings=tally.by_rule.total(),
        events=sum(balance.stored for balance in tally.files.values()),
        first=tally.first if tally.by_source else 0,
        last=tally.last if tally.by_source else 0,
        partial=partial,
        by_source=dict(tally.by_source),
        outside=tally.outside,
        folded=tally.grouper.folded,
        forgot=tally.seen.forgot,
        held=[HeldBack(one, tally.held[place]) for place, one in enumerate(means.rules.holdings) if one.rules],
        remarks=(*means.rules.remarks, *tally.correlator.remarks()),
        watched=tally.quiet.told(watcher, sum(count for rule, count in tally.by_rule.items() if rule >= first)),
        differences=(*tally.differences, *tally.correlator.differences),
    )


def _first_flaw(judged: Judged, flawed: Sequence[int], numbered: int) -> str:
    row = min(flawed, default=None)
    return "" if row is None else f"record {numbered + row + 1}: {judged.flawed[row]}"
