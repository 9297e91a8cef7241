"""Run a hunt: hand out the work, take the results in order, see duplicates, keep the balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from bartizan.detect.contract import FileBalance, Outcome
from bartizan.detect.hunt.duplicates import SeenRecords
from bartizan.detect.hunt.grouping import Grouper, Sighting
from bartizan.detect.hunt.verdicts import verdicts
from bartizan.detect.hunt.workers import Lost, judge_all
from bartizan.schema.identity import RECORD_ID_BYTES

if TYPE_CHECKING:
    from bartizan.collect.units import Unit
    from bartizan.detect.hunt.judge import Found, Judge, Judged, RouteSeen
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.hunt.spool import Spool
    from bartizan.rules.contract import RuleSet
    from bartizan.schema.columns import Frame

__all__ = ["Progress", "Store", "Unread", "run"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a hunt is: bytes read, records read, findings made."""

    bytes: int
    events: int
    findings: int


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
class _Tally:
    rules: RuleSet
    spool: Spool
    store: Store | None
    seen: SeenRecords = field(default_factory=SeenRecords)
    grouper: Grouper = field(default_factory=Grouper)
    files: dict[str, FileBalance] = field(default_factory=dict)
    by_rule: Counter[int] = field(default_factory=Counter)
    by_source: Counter[str] = field(default_factory=Counter)
    present: dict[RouteSeen, frozenset[str]] = field(default_factory=dict)
    first: int = 0
    last: int = 0
    outside: int = 0
    bytes: int = 0
    differences: list[str] = field(default_factory=list)

    def take(self, judged: Judged) -> None:
        """Count one chunk in."""
        chunk = judged.chunk
        duplicate = frozenset(self.seen.add(judged.ids))
        before = self.files.get(chunk.origin, FileBalance(path=chunk.origin, source=chunk.source))
        for row, rule, time, entities, line in _kept(judged.found, duplicate):
            identity = judged.ids[row * RECORD_ID_BYTES : (row + 1) * RECORD_ID_BYTES].hex()
            place = self.spool.add(_renumbered(line, row + 1, before.read + row + 1) if before.read else line)
            self.by_rule[rule] += 1
            self.grouper.add(rule, entities, Sighting(time, identity, place))
        for source, rows in judged.rows:
            self.by_source[source] += len(rows) if not duplicate else sum(row not in duplicate for row in rows)
        unparsed = [row for row in judged.unparsed if row not in duplicate]
        self._keep(judged, duplicate, unparsed, before.read)
        self._widen(judged)
        self.files[chunk.origin] = replace(
            before,
            source=before.source or chunk.source,
            read=before.read + len(chunk.records),
            stored=before.stored + len(chunk.records) - len(duplicate) - len(unparsed),
            unparsed=before.unparsed + len(unparsed),
            duplicate=before.duplicate + len(duplicate),
            bytes=before.bytes + chunk.size,
            problems=tuple(dict.fromkeys((*before.problems, *chunk.problems))),
            notes=tuple(dict.fromkeys((*before.notes, *chunk.notes))),
        )

    def lose(self, lost: Lost) -> None:
        """Say of a unit's files that a part of them could not be judged."""
        for path in lost.unit.origins:
            before = self.files.get(path, FileBalance(path=path, source=""))
            problem = f"{lost.unit}: the process that read it died twice (out of memory?); what it held is not counted"
            self.files[path] = replace(before, problems=(*before.problems, problem))

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
                judged.ids[row * RECORD_ID_BYTES : (row + 1) * RECORD_ID_BYTES].hex(),
                chunk.origin,
                numbered + row + 1,
                judged.unparsed[row],
                chunk.records[row],
                chunk.modified,
            )
            for row in unparsed
        )

    def _widen(self, judged: Judged) -> None:
        if judged.rows:
            self.first = min(self.first or judged.first, judged.first)
            self.last = max(self.last, judged.last)
        for seen, fields in judged.present.items():
            self.present[seen] = self.present.get(seen, frozenset()) | fields
        self.outside += judged.outside
        self.bytes += judged.chunk.size
        self.differences += judged.differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a hunt works with. ``store`` where records are to be kept; ``progress`` is called after each unit."""

    judge: Judge
    rules: RuleSet
    spool: Spool
    workers: int = 1
    store: Store | None = None
    progress: Callable[[Progress], None] = lambda _progress: None


def run(units: Iterable[Unit], request: Request, means: Means) -> Outcome:
    """Hunt through every unit; Ctrl-C ends it early with what was found until then, marked partial."""
    tally = _Tally(means.rules, means.spool, means.store)
    partial = ""
    with _results(units, request, means) as results:
        try:
            for result in results:
                if isinstance(result, Lost):
                    tally.lose(result)
                    continue
                for judged in result:
                    tally.take(judged)
                read = sum(balance.read for balance in tally.files.values())
                means.progress(Progress(tally.bytes, read, tally.by_rule.total()))
        except KeyboardInterrupt:
            partial = "interrupted: files that come later were not read"
    return _outcome(tally, request, means, partial)


@contextmanager
def _results(units: Iterable[Unit], request: Request, means: Means) -> Iterator[Iterator[list[Judged] | Lost]]:
    results = judge_all(units, request, means.judge, means.workers)
    try:
        yield results
    finally:
        # Ends the workers now: a generator left to the garbage collector would keep them until the process ends.
        if hasattr(results, "close"):
            results.close()


def _outcome(tally: _Tally, request: Request, means: Means, partial: str) -> Outcome:
    return Outcome(
        balance=list(tally.files.values()),
        verdicts=verdicts(means.rules, request, means.judge, tally.present, tally.by_rule),
        refused=means.rules.refused,
        groups=tally.grouper.groups(means.rules.rules, lambda sighting: tally.spool.evidence(sighting.place)),
        findings=tally.by_rule.total(),
        events=sum(balance.stored for balance in tally.files.values()),
        first=tally.first,
        last=tally.last,
        partial=partial,
        by_source=dict(tally.by_source),
        outside=tally.outside,
        forgot=tally.seen.forgot,
        differences=tuple(tally.differences),
    )


def _kept(found: Iterable[Found], duplicate: frozenset[int]) -> Iterator[tuple[int, int, int, tuple[object, ...], bytes]]:
    return ((one.row, one.rule, one.time, one.entities, one.line) for one in found if one.row not in duplicate)


def _renumbered(line: bytes, old: int, new: int) -> bytes:
    """Replace the record's number within its chunk by that within its file.

    The bytes replaced cannot stand inside a JSON string, where a quote is escaped.
    """
    for end in (b",", b"}"):
        before = b'"record":%d%b' % (old, end)
        if before in line:
            return line.replace(before, b'"record":%d%b' % (new, end), 1)
    return line
