"""Look at the records on which a rule fires, with every field that they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Context, Framing, Part
from bartizan.collect.reading import parse_chunk
from bartizan.collect.units import read, units
from bartizan.rules.contract import Records
from bartizan.schema.columns import text_of
from bartizan.schema.entities import EntityKind, principals_of
from bartizan.schema.expressions import evaluate, inputs_of
from bartizan.schema.identity import record_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.chunk import Chunk
    from bartizan.collect.contract import Route
    from bartizan.detect.tuning.replay import Replay
    from bartizan.rules.contract import Bound
    from bartizan.rules.ruleset import LoadedRules
    from bartizan.schema.columns import Column, Frame
    from bartizan.schema.logsource import Logsource, View

__all__ = ["Observation", "Observed", "observe"]

MOST: Final = 50_000
"""Findings that are looked at: shares do not change with more, and each holds its fields in memory."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One finding: the texts of its record's fields, by the names that a filter of the rule's log source can use, and who it is about."""

    fields: Mapping[str, str]
    hosts: tuple[str, ...]
    users: tuple[str, ...]


@dataclass(slots=True)
class Observation:
    """The findings of a rule; ``more`` counts those that came after the first 50,000."""

    found: list[Observed] = field(default_factory=list)
    more: int = 0


def observe(rules: LoadedRules, number: int, replay: Replay) -> Observation:
    """Return the findings of a rule in some logs, each record once, as a hunt has them."""
    made = Observation()
    seen: set[bytes] = set()
    with replay.loaded(rules, [number]) as (_, loaded):
        for unit in units(sorted(replay.paths), sources=catalogue(replay.mappings)):
            for chunk in read(unit, sources=catalogue(replay.mappings)):
                for firing in _firing(chunk, loaded, replay):
                    _add(made, seen, rules.rules[number].logsource, firing)
    return made


_Firing: TypeAlias = tuple[Part, Sequence[int], Sequence[bytes]]
"""A part in which the rule fires, in which of its rows, and the raw records that the part's rows are places in."""


def _firing(chunk: Chunk, loaded: LoadedRules, replay: Replay) -> Iterator[_Firing]:
    """Yield the parts of a chunk in which the rule fires, every field parsed."""

    def bound(route: Route) -> Bound:
        return loaded.bind(route.views, given=route.given)

    context = Context(wanted=lambda route: bound(route).fields | inputs_of(route.ocsf))
    hits: list[int] = []
    for source, part in parse_chunk(chunk, context, catalogue(replay.mappings)).parts:
        rows = _fired(part, bound(part.route), chunk)
        hits.extend(part.rows[row] for row in rows)
        if rows and source.group is not None:
            # Its records are told by several lines: all of them must be there to be read again.
            hits = list(range(len(chunk.records)))
            break
    if not hits:
        return
    raw = [chunk.records[row] for row in sorted(hits)]
    again = replace(chunk, records=raw, offsets=None, unreadable={})
    for _, part in parse_chunk(again, Context(), catalogue(replay.mappings)).parts:
        rows = _fired(part, bound(part.route), again)
        if rows:
            yield part, rows, raw


def _fired(part: Part, bound: Bound, chunk: Chunk) -> list[int]:
    raw = [chunk.records[row] for row in part.rows]
    records = Records(part.frame, raw, structured=chunk.framing is not Framing.LINES)
    return sorted({row for hit in bound.match(records) for row in hit.rows})


def _add(made: Observation, seen: set[bytes], logsource: Logsource, firing: _Firing) -> None:
    part, rows, records = firing
    view = next(view for view in part.route.views if view.logsource.serves(logsource))
    fresh = []
    for row in rows:
        uid = record_id(records[part.rows[row]])
        if uid not in seen:
            seen.add(uid)
            fresh.append(row)
    room = max(0, MOST - len(made.found))
    made.more += max(0, len(fresh) - room)
    kept = fresh[:room]
    if not kept:
        return
    frame = part.frame.take(kept)
    mapped = evaluate(part.route.ocsf, frame)
    columns = {name: [text_of(cell) for cell in column.cells()] for name, column in _named(view, frame)}
    for at in range(len(kept)):
        named = principals_of(mapped.row(at))
        hosts = tuple(str(one) for one in named if one.kind is EntityKind.HOST)
        users = tuple(str(one) for one in named if one.kind in {EntityKind.USER, EntityKind.CLOUD_PRINCIPAL})
        fields = {name: text for name, texts in columns.items() if (text := texts[at]) is not None}
        made.found.append(Observed(fields, hosts, users))


def _named(view: View, frame: Frame) -> Iterator[tuple[str, Column]]:
    """Yield every field under a name that finds it: native ones unless the name means another field here, and aliases."""
    for name in frame.columns:
        if view.aliases.get(name, name) == name:
            yield name, frame.column(name)
    for name, place in view.aliases.items():
        if name != place:
            found = frame.column(place) if isinstance(place, str) else evaluate({"it": place}, frame).column("it")
            yield name, found
