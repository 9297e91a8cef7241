"""Parse Windows events written as JSON, whatever the writer called the fields that every event has.

Records are sorted by a guess at their channel and event id, which costs two searches in the raw bytes. Each sort is then
decoded at once, and only the fields that someone will read of its route. What the decoded values say is believed over the
guess: a command line that quotes an event may mislead the guess, and costs a second look.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from bartizan.collect.contract import Context, Parsed, Part, Route
from bartizan.collect.json_columns import Json, decode_object, decode_paths, frozen
from bartizan.collect.sources.windows.guess import Marks, guess
from bartizan.collect.sources.windows.routes import kind_of
from bartizan.schema.columns import ABSENT, Cell, Column, Frame, text_of
from bartizan.schema.expressions import Expression, evaluate, inputs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
    from datetime import tzinfo

    from bartizan.collect.sources.windows.kinds import Kind

__all__ = ["Flavour", "Path", "parse", "recognise", "split", "wanted_of"]

Path: TypeAlias = tuple[str, ...]
_KEYS: Final = ("EventID", "Channel", "Provider_Name")
_ESSENTIAL: Final = (*_KEYS, "Computer", "Level", "TimeCreated")
_MOST_FIELDS: Final = 1_000
"""Fields decoded when every field is asked for: real batches have some hundred, inventive records would fill the memory."""
_NOT_AN_EVENT: Final = "a JSON object, but no Windows event: it has no event id"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flavour:
    """One way of writing Windows events as JSON.

    ``system`` says how the fields that every event has follow from the JSON; its inputs are names of ``places``. Other
    fields stand under ``data``, each a path of keys to the object that holds them.
    """

    marks: Marks
    places: Mapping[str, Sequence[Path]]
    system: Mapping[str, Expression]
    data: Sequence[Path]
    dotted: Sequence[str] = ()
    """Beginnings of keys at the top that hold event data: ``winlog.event_data.`` and a name."""
    spread: Mapping[str, Callable[[Cell], Mapping[str, Cell]]] = field(default_factory=dict)
    """Places whose value holds event data under names of its own: what gives the fields of one value."""
    mend: Callable[[str, Cell], Cell] | None = None
    """What a field's value is, where the writer wraps or respells values."""
    clock: Callable[[Mapping[str, Column], int, tzinfo], Column] | None = None
    """``TimeCreated``, where it takes more than one field to tell it."""
    clock_places: Sequence[str] = ()
    dialect: Callable[[bytes], Hashable] = lambda _record: None
    """How one writer puts it, told from a record; None keeps every place. It only saves time, see ``_read``."""
    keeps: Callable[[Hashable, Path], bool] = lambda _dialect, _path: True
    """Whether a path is one that a dialect uses."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to decode for a set of fields. ``checked`` are fields that tell, where a row lacks one, that it is of another dialect."""

    paths: tuple[tuple[str, Path], ...]
    fields: tuple[str, ...]
    system: Mapping[str, Expression]
    clock: bool
    checked: tuple[str, ...]


def recognise(flavour: Flavour, records: Sequence[bytes]) -> int:
    """Count the records that have an event id where this flavour has it, and a channel or a provider."""
    plan = _plan(flavour, frozenset(_KEYS), None)
    rows, frame, _ = _decode(flavour, plan, records, range(len(records)), UTC)
    ids, channels, providers = (frame.column(name) for name in _KEYS)
    return sum(
        isinstance(ids[row], int) and (isinstance(channels[row], str) or isinstance(providers[row], str)) for row in range(len(rows))
    )


def parse(flavour: Flavour, records: Sequence[bytes], context: Context) -> Parsed:
    """Parse records of one flavour; those without an event id are unparsed."""
    parts: list[Part] = []
    unparsed: dict[int, str] = {}
    strays: dict[Kind, list[int]] = {}
    task = _Task(flavour, records, context, unparsed)
    for kind, indexes in guess(records, flavour.marks).items():
        for rows, frame in _read(task, kind, indexes):
            kinds = _kinds_of(frame)
            if kinds.count(kind) == len(kinds):
                parts.extend(split(kind, rows, frame))
                continue
            kept = [at for at, actual in enumerate(kinds) if actual is kind]
            parts.extend(split(kind, [rows[at] for at in kept], frame.take(kept)))
            for at, actual in enumerate(kinds):
                if actual is None:
                    unparsed[rows[at]] = _NOT_AN_EVENT
                elif actual is not kind:
                    strays.setdefault(actual, []).append(rows[at])
    for kind, indexes in strays.items():
        for rows, frame in _read(task, kind, indexes):
            parts.extend(split(kind, rows, frame))
    return Parsed(parts, unparsed)


@dataclass(frozen=True, slots=True)
class _Task:
    flavour: Flavour
    records: Sequence[bytes]
    context: Context
    unparsed: dict[int, str]


def _read(task: _Task, kind: Kind, indexes: Sequence[int]) -> Iterator[tuple[Sequence[int], Frame]]:
    """Decode the records of a kind by the dialect of the first; those that lack what every record of that dialect has, again in full."""
    flavour = task.flavour
    chosen = [task.records[index] for index in indexes]
    fields = wanted_of(kind, task.context)
    if fields is None:
        fields = _every_name(flavour, chosen)
    plan = _plan(flavour, fields, flavour.dialect(chosen[0]))
    rows, frame, bad = _decode(flavour, plan, chosen, indexes, task.context.zone)
    task.unparsed.update(bad)
    doubtful = {name: column for name in plan.checked if not _full(column := frame.column(name))}
    if not doubtful:
        yield rows, frame
        return
    lacking = {at for column in doubtful.values() for at, cell in enumerate(column.cells()) if cell is ABSENT or cell is None}
    sound = [at for at in range(len(rows)) if at not in lacking]
    yield [rows[at] for at in sound], frame.take(sound)
    again = [rows[at] for at in sorted(lacking)]
    whole = _plan(flavour, fields, None)
    yield _decode(flavour, whole, [task.records[index] for index in again], again, task.context.zone)[:2]


def _full(column: Column) -> bool:
    return ABSENT not in column.values and None not in column.values


def _decode(
    flavour: Flavour, plan: _Plan, records: Sequence[bytes], indexes: Sequence[int], zone: tzinfo
) -> tuple[Sequence[int], Frame, dict[int, str]]:
    decoded = decode_paths(records, plan.paths)
    height = len(decoded.rows)
    found = dict(decoded.columns)
    places = Frame(height, {name[1:]: found.pop(name) for name in list(found) if name[0] == "\0"})
    columns = {name: _mended(flavour, name, column) for name, column in found.items()}
    for name, spread in flavour.spread.items():
        if name in places.columns:
            _overlay(columns, places.columns[name], spread, plan.fields)
    columns.update(evaluate(plan.system, places).columns)
    if plan.clock and flavour.clock is not None:
        created = flavour.clock(places.columns, height, zone)
        columns.update({"TimeCreated": created} if any(value is not ABSENT for value in created.values) else {})
    rows = [indexes[row] for row in decoded.rows] if decoded.unparsed else indexes
    return rows, Frame(height, columns), {indexes[row]: why for row, why in decoded.unparsed.items()}


def _kinds_of(frame: Frame) -> list[Kind | None]:
    """Return the kind of each row as its decoded values tell it, None where there is no event id."""
    ids, channels, providers = (frame.column(name) for name in _KEYS)
    columns = (ids, channels, providers) if ABSENT in channels.values or None in channels.values else (ids, channels)
    if all(len(column.values) == 1 for column in columns):
        return [_kind(*(column.values[0] for column in columns))] * frame.height
    keys = list(zip(*(column.codes for column in columns), strict=True))
    kinds = {key: _kind(*(column.values[code] for column, code in zip(columns, key, strict=True))) for key in set(keys)}
    return [kinds[key] for key in keys]


def _kind(event_id: Cell, channel: Cell, provider: Cell = ABSENT) -> Kind | None:
    if not isinstance(event_id, int):
        return None
    return kind_of(text_of(channel) or "", event_id, text_of(provider) or "")


def split(kind: Kind, rows: Sequence[int], frame: Frame) -> list[Part]:
    """Make a part of rows of one kind, or one for each route that the kind's field tells apart."""
    if not rows:
        return []
    column = frame.column(kind.by) if kind.by else None
    if column is None:
        return [Part(kind.route, rows, frame)]
    routes = [kind.among.get(text_of(value) or "", kind.route) for value in column.values]
    chosen: dict[str, tuple[Route, list[int]]] = {}
    for at, code in enumerate(column.codes):
        chosen.setdefault(routes[code].name, (routes[code], []))[1].append(at)
    return [Part(route, [rows[at] for at in kept], frame.take(kept)) for route, kept in chosen.values()]


def wanted_of(kind: Kind, context: Context) -> frozenset[str] | None:
    """Return the fields that will be read of a kind's records, None for every field."""
    fields = set(_inputs(kind))
    for route in kind.routes():
        wanted = context.wanted(route)
        if wanted is None:
            return None
        fields |= wanted
    return frozenset(fields)


@lru_cache(maxsize=1024)
def _inputs(kind: Kind) -> frozenset[str]:
    by = (kind.by,) if kind.by else ()
    return frozenset((*_KEYS, *by)).union(*(inputs_of(route.ocsf) for route in kind.routes()))


@lru_cache(maxsize=4096)
def _plan(flavour: Flavour, fields: frozenset[str], dialect: Hashable) -> _Plan:
    """Say what to decode; a dialect leaves out the paths that others use, unless it would leave a field without any."""
    system = {name: flavour.system[name] for name in sorted(fields) if name in flavour.system}
    clock = flavour.clock is not None and "TimeCreated" in fields
    wanted = {name: expression.inputs for name, expression in system.items()}
    wanted.update({"TimeCreated": tuple(flavour.clock_places)} if clock else {})
    wanted.update({place: (place,) for place in flavour.spread})
    paths: dict[tuple[str, Path], None] = {}
    checked: list[str] = []
    for name, places in wanted.items():
        every = [("\0" + place, path) for place in places for path in flavour.places[place]]
        kept = [(place, path) for place, path in every if dialect is None or flavour.keeps(dialect, path)] or every
        paths.update(dict.fromkeys(kept))
        if name in _ESSENTIAL and len(kept) < len(every):
            checked.append(name)
    data = sorted(name for name in fields if name not in wanted)
    above = [(*path, "") for path in flavour.data] + [(start,) for start in flavour.dotted]
    above = [path for path in above if dialect is None or flavour.keeps(dialect, path)] or above
    paths.update({(name, (*path[:-1], path[-1] + name)): None for name in data for path in above})
    return _Plan(tuple(paths), tuple(sorted({*data, *flavour.spread})), system, clock, tuple(checked))


def _mended(flavour: Flavour, name: str, column: Column) -> Column:
    mend = flavour.mend
    return column if mend is None else column.map(lambda cell: mend(name, cell))


def _overlay(columns: dict[str, Column], column: Column, spread: Callable[[Cell], Mapping[str, Cell]], fields: Sequence[str]) -> None:
    """Put the fields that one value holds beside those found under names of their own, which go first."""
    found = [{} if value is ABSENT else spread(value) for value in column.values]
    for name in fields:
        if any(name in inner for inner in found):
            own = columns[name].cells() if name in columns else [ABSENT] * len(column)
            below = [found[code].get(name, ABSENT) for code in column.codes]
            columns[name] = Column.encode(new if old is ABSENT else old for old, new in zip(own, below, strict=True))


def _every_name(flavour: Flavour, records: Sequence[bytes]) -> frozenset[str]:
    """Return the names of all fields of these records, the first thousand of them."""
    names = dict.fromkeys((*flavour.system, "TimeCreated"))
    for record in records:
        try:
            item = decode_object(record)
        except ValueError:
            continue
        for path in flavour.data:
            names.update(dict.fromkeys(_below(item, path)))
        names.update({key.removeprefix(start): None for start in flavour.dotted for key in item if key.startswith(start)})
        for place, spread in flavour.spread.items():
            for path in flavour.places[place]:
                value = _at(item, path)
                names.update({} if value is None else dict.fromkeys(spread(frozen(value))))
        if len(names) > _MOST_FIELDS:
            break
    return frozenset(list(names)[:_MOST_FIELDS])


def _at(item: Json, path: Path) -> Json:
    for key in path:
        item = item.get(key) if isinstance(item, dict) else None
    return item


def _below(item: Json, path: Path) -> Sequence[str]:
    value = _at(item, path)
    return tuple(value) if isinstance(value, dict) else ()
