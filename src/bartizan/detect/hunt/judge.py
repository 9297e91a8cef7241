"""Judge one chunk of raw records: parse, match, map, and say everything that the balance and the reader need."""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bartizan.collect.contract import Context, Framing, Part, Route
from bartizan.detect.finding import FindingEncoder
from bartizan.detect.hunt.feeding import Fed, Feeds
from bartizan.detect.hunt.parts import RoutePart, only, place_of, route_part
from bartizan.detect.hunt.watching import watching
from bartizan.detect.indicators.finding import RULES as INDICATOR_RULES
from bartizan.rules.contract import Bound, Records
from bartizan.schema.columns import ABSENT, Column, Frame
from bartizan.schema.entities import Entity, principals_of
from bartizan.schema.expressions import inputs_of, with_structures
from bartizan.schema.identity import RECORD_ID_BYTES, record_ids, sight_keys
from bartizan.schema.record import HEAD, Details, Provenance, complete
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bartizan.collect.catalogue import Catalogue
    from bartizan.collect.chunk import Chunk
    from bartizan.collect.contract import Source
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.hunt.watching import Watching
    from bartizan.detect.indicators.watch import Quiet
    from bartizan.rules.contract import Hit, Rule, RuleSet
    from bartizan.schema.columns import Cell

__all__ = ["Found", "Judge", "Judged", "RouteSeen"]


@dataclass(frozen=True, slots=True)
class RouteSeen:
    """A route of a source: the key under which it is remembered which fields had a value."""

    source: str
    route: str


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: a rule (index) fired on a record (index in its chunk). ``line`` is the OCSF Detection Finding as JSON.

    ``raised``: whether it is told to the reader; one that is not is only evidence to the correlations in ``feeds``.
    """

    row: int
    rule: int
    uid: bytes
    """The record's id."""
    time: int
    entities: tuple[Entity, ...]
    line: bytes
    raised: bool = True
    feeds: tuple[Fed, ...] = ()


@dataclass(slots=True)
class Judged:
    """Everything one chunk gave. ``keys`` holds, in order, 16 bytes for each record of the chunk that are alike for alike records.

    The raw records are in ``chunk`` only where they are to be stored: nobody else needs them sent from a worker.
    """

    chunk: Chunk
    keys: bytes
    unparsed: dict[int, str]
    flawed: dict[int, str] = field(default_factory=dict)
    """Records that were read although something is wrong with them, and what."""
    found: list[Found] = field(default_factory=list)
    present: dict[RouteSeen, frozenset[str]] = field(default_factory=dict)
    rows: list[tuple[str, Sequence[int]]] = field(default_factory=list)
    """Which records each source read."""
    records: list[tuple[Sequence[int], Frame]] = field(default_factory=list)
    first: int = sys.maxsize
    last: int = -sys.maxsize
    held: list[tuple[int, int]] = field(default_factory=list)
    """Findings that filters held back: the record (index in its chunk), and the place in ``RuleSet.held``."""
    quiet: list[Quiet] = field(default_factory=list)
    """Meetings with indicators that are not told."""
    outside: int = 0
    """Records outside the time that was asked for: stored, not judged."""
    differences: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return how many records the chunk had."""
        return len(self.keys) // RECORD_ID_BYTES

    def take(self, part: Judged) -> None:
        """Add what some of the records gave."""
        self.unparsed.update(part.unparsed)
        for row, flaw in part.flawed.items():
            self.flawed.setdefault(row, flaw)
        self.found += part.found
        for seen, names in part.present.items():
            self.present[seen] = self.present.get(seen, frozenset()) | names
        self.rows += part.rows
        self.records += part.records
        self.first, self.last = min(self.first, part.first), max(self.last, part.last)
        self.held += part.held
        self.quiet += part.quiet
        self.outside += part.outside
        self.differences += part.differences


class Judge:
    """Holds what is worth keeping between chunks: rules bound to routes, encoders of findings."""

    def __init__(self, rules: RuleSet, catalogue: Catalogue, request: Request) -> None:
        """Judge by ``rules``, of which ``request`` says which are wanted."""
        self.rules = rules
        self.catalogue = catalogue
        self._request = request
        self._raises = bytearray(number not in rules.silent and request.wants(rule) for number, rule in enumerate(rules.rules))
        self._feeds = Feeds(rules, request)
        self.watching = watching(request)
        self._bound: dict[int, Bound] = {}
        self._held: dict[int, Bound] = {}
        self._naive: dict[int, Bound] = {}
        self._fields: dict[int, frozenset[str]] = {}
        self._encoders: dict[tuple[int, str], FindingEncoder] = {}

    def judge(self, chunk: Chunk) -> Judged:
        """Judge a chunk."""
        from bartizan.collect.reading import parse_chunk  # noqa: PLC0415 - imports every source; not every hunt process parses

        keys = self._keys(chunk)
        context = Context(wanted=self._wanted_fields, head=chunk.head, modified=chunk.modified, zone=self._request.zone)
        reading = parse_chunk(chunk, context, self.catalogue)
        judged = Judged(chunk, keys, dict(reading.unparsed), dict(reading.flawed))
        for source, part in reading.parts:
            self._judge_safely(judged, source, part)
        judged.found.sort(key=lambda found: (found.row, found.rule))
        if not self._request.records:
            judged.chunk = replace(chunk, records=(), offsets=None, unreadable={}, head=())
        return judged

    def _keys(self, chunk: Chunk) -> bytes:
        if chunk.known is not None:
            return b"".join(chunk.known.ids)
        return record_ids(chunk.records) if self._request.records else sight_keys(chunk.records, self._request.seed)

    def at(self, now: int) -> None:
        """Take it to be ``now``, nanoseconds UTC, from here on."""
        self._request = replace(self._request, now=now)

    def rule(self, number: int) -> Rule:
        """Return the rule of a finding: one of the rule set, or behind those one of the indicators."""
        rules = self.rules.rules
        return rules[number] if number < len(rules) else INDICATOR_RULES[number - len(rules)]

    def rules_of(self, source: str, route: str) -> Sequence[int]:
        """Return the rules that are bound to a route of a source; () where there is no such route any more."""
        known = self.catalogue.named(source)
        found = () if known is None else [one for one in known.routes if one.name == route]
        return [number for one in found for number in self.bound(one).rules]

    def bound(self, route: Route) -> Bound:
        """Return the rules bound to a route."""
        found = self._bound.get(id(route))
        if found is None:
            found = self._bound[id(route)] = self.rules.bind(route.views, given=route.given)
        return found

    def _bound_held(self, route: Route) -> Bound:
        """Return what filters hold back, bound to a route."""
        found = self._held.get(id(route))
        if found is None:
            found = self._held[id(route)] = self.rules.bind_held(route.views, given=route.given)
        return found

    def _wanted_fields(self, route: Route) -> frozenset[str] | None:
        found = self._fields.get(id(route))
        if found is None:
            bound = self.bound(route)
            found = bound.fields | self._bound_held(route).fields | inputs_of(route.ocsf)
            found = self._fields[id(route)] = found | self._feeds.natives(bound.rules, route.views)
        return found

    def _judge_safely(self, judged: Judged, source: Source, part: Part) -> None:
        """Judge a part; if that fails, halve it until only those records are given up on which it fails."""
        own = Judged(judged.chunk, judged.keys, {})
        try:
            self._judge_part(own, source, part)
        except Exception as error:  # noqa: BLE001 - one record that breaks a rule or a mapping must cost neither the run nor the batch
            if len(part.rows) == 1:
                judged.unparsed[part.rows[0]] = f"{source.name}: judging it failed: {type(error).__name__}: {error}"
                return
            middle = len(part.rows) // 2
            for half in (range(middle), range(middle, len(part.rows))):
                self._judge_safely(judged, source, only(part, half))
        else:
            judged.take(own)

    def _judge_part(self, judged: Judged, source: Source, part: Part) -> None:
        chunk = judged.chunk
        judged.rows.append((source.name, part.rows))
        whole = route_part(source, part, chunk, sparing=not self._request.records and (source.sure or not self._request.flaws))
        self._present(judged, RouteSeen(source.name, part.route.name), part.frame)
        if self._request.records:
            judged.records.append((part.rows, self._complete(judged, whole)))
        asked = self._within(judged, whole)
        if asked.rows:
            self._match(judged, asked, Records(asked.frame, asked.raw, structured=chunk.framing is not Framing.LINES))
        judged.flawed.update((part.rows[row], f"{source.name}: {told}") for row, told in whole.faults.items())

    def _match(self, judged: Judged, asked: RoutePart, records: Records) -> None:
        """Judge rows by the rules that are bound to their route, and by whatever else looks at them."""
        route = asked.route
        hits = [hit for hit in self.bound(route).match(records) if self._raises[hit.rule] or hit.rule in self._feeds]
        mapping = asked.mapping(row for hit in hits for row in hit.rows)
        for hit in hits:
            judged.found.extend(self._findings(judged, hit, asked, mapping))
        for hit in self._bound_held(route).match(records):
            number = self.rules.held[hit.rule][0]
            if self._raises[number] or number in self._feeds:
                judged.held.extend((asked.rows[at], hit.rule) for at in hit.rows)
        if self.watching is not None:
            judged.found.extend(self._met(judged, asked, self.watching))
        if self._request.paranoid:
            self._compare(judged, route, records)

    def _within(self, judged: Judged, part: RoutePart) -> RoutePart:
        """Return the rows inside the time asked for, and widen the span seen."""
        since, until, times = self._request.since, self._request.until, part.times
        first, last = min(times), max(times)
        judged.first, judged.last = min(judged.first, first), max(judged.last, last)
        if since is None and until is None:
            return part
        low, high = -sys.maxsize if since is None else since, sys.maxsize if until is None else until
        kept = [at for at, time in enumerate(times) if low <= time < high]
        judged.outside += len(times) - len(kept)
        return part.take(kept)

    def _present(self, judged: Judged, seen: RouteSeen, frame: Frame) -> None:
        names = frozenset(name for name, column in frame.columns.items() if _has_value(column))
        judged.present[seen] = judged.present.get(seen, frozenset()) | names

    def _findings(self, judged: Judged, hit: Hit, part: RoutePart, mapping: Callable[[int], dict[str, Cell]]) -> Iterator[Found]:
        encoder = self._encoders.get((hit.rule, part.source.name))
        if encoder is None:
            encoder = FindingEncoder(self.rules.rules[hit.rule], version=__version__, source=part.source.name)
            self._encoders[hit.rule, part.source.name] = encoder
        chunk = judged.chunk
        raised = bool(self._raises[hit.rule])
        feeds = self._feeds.taken(hit.rule, part.route.views, (part.frame, part.mapped), hit.rows)
        for at, matched, fed in zip(hit.rows, hit.matched, feeds, strict=True):
            row, place = part.rows[at], place_of(chunk, part, at)
            uid, ocsf = place.uid, mapping(at)
            line = encoder.encode(
                uid.hex(),
                part.times[at],
                place.path,
                place.record,
                None if chunk.offsets is None else chunk.offsets[row],
                part.raw[at].decode("utf-8", "backslashreplace"),
                matched,
                ocsf,
            )
            yield Found(row, hit.rule, uid, part.times[at], principals_of(ocsf), line, raised, fed)

    def _met(self, judged: Judged, part: RoutePart, watcher: Watching) -> Iterator[Found]:
        """Yield the findings of indicators, which come behind the rules."""
        found, quiet = watcher.look(part.mapped, part.times)
        judged.quiet.extend(one._replace(row=part.rows[one.row]) for one in quiet)
        chunk = judged.chunk
        for at, rule, meetings in found:
            row, ocsf, place = part.rows[at], part.mapped.row(at), place_of(chunk, part, at)
            uid = place.uid
            record: dict[str, object] = {
                "record_id": uid.hex(),
                "time_ns": part.times[at],
                "path": place.path,
                "record": place.record,
                "offset": None if chunk.offsets is None else chunk.offsets[row],
                "raw": part.raw[at].decode("utf-8", "backslashreplace"),
            }
            line = watcher.line(part.source.name, rule, record, (meetings, ocsf))
            yield Found(row, len(self.rules.rules) + rule, uid, part.times[at], principals_of(ocsf), line)

    def _complete(self, judged: Judged, part: RoutePart) -> Frame:
        chunk, source = judged.chunk, part.source
        provenance = Provenance(
            now=self._request.now, modified=chunk.modified, product=source.product, log_provider=source.name, log_source=chunk.origin
        )
        ids = [judged.keys[row * RECORD_ID_BYTES : (row + 1) * RECORD_ID_BYTES] for row in part.rows]
        made = complete(with_structures(part.route.ocsf, part.frame, part.mapped), provenance, Details(ids=ids, observables=True))
        if not chunk.head or not any(example.head for example in source.examples):
            return made
        # Without it nobody could read the raw record again.
        head = b"\n".join(chunk.head).decode("utf-8", "backslashreplace")
        return Frame(made.height, {**made.columns, f"unmapped.{HEAD}": Column.constant(head, made.height)})

    def _compare(self, judged: Judged, route: Route, records: Records) -> None:
        from bartizan.rules.reference.compare import differences  # noqa: PLC0415 - only --paranoid pays for the reference matcher

        naive = self._naive.get(id(route))
        if naive is None:
            naive = self._naive[id(route)] = self.rules.bind(route.views, naive=True)
        judged.differences.extend(f"{judged.chunk.origin}: {difference}" for difference in differences(self.bound(route), naive, records))


def _has_value(column: Column) -> bool:
    """Say whether some row has the field: nearly always the first has it where any has."""
    if not column.codes:
        return False
    if column[0] is not ABSENT:
        return True
    there = array("b", [value is not ABSENT for value in column.values])
    return any(map(there.__getitem__, column.codes))
