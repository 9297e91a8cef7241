"""Make a source of the contract of what a mapping file says."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

from bartizan.collect.contract import Context, Example, Parsed, Part, Route, Source
from bartizan.collect.mapped.clocks import clock_reader
from bartizan.collect.mapped.conditions import holds, names_of, why_not
from bartizan.collect.mapped.expressions import expression_of
from bartizan.collect.mapped.held import flaws_of
from bartizan.collect.mapped.plan import Constant, Field, Plan, PlannedRoute, PlannedView, Tests, Value
from bartizan.collect.mapped.reading import framings_of, read_of
from bartizan.collect.mapped.texts import FROM_HEAD
from bartizan.collect.selection import select
from bartizan.schema.columns import ABSENT, Cell, Column, Frame
from bartizan.schema.expressions import Expression, evaluate, field, inputs_of
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from bartizan.collect.json_columns import Decoded

__all__ = ["CLOCK", "source_of"]

_Checks: TypeAlias = "tuple[tuple[tuple[str, Callable[[Cell], bool]], ...], ...]"
"""Of each group of tests the fields with what must be so of them."""

CLOCK: Final = "@time"
"""The field that is made of what a mapping file calls ``time``: read in the zone of the hunt, the year guessed where none is told."""
_OTHER: Final = 99
_DOUBT: Final = "@time_flag"
_FLAWS: Final = "@flaws"
_ROUTING_ONLY: Final = Context(wanted=lambda _route: frozenset())
_KEYS: Final = frozenset({"present", "time", "object", "list", "text", "number", "filled", "address", "values"})
"""Tests that only a record can pass that has the field."""


def source_of(plan: Plan) -> Source:
    """Return the source that a plan describes."""
    mapped = _Mapped(plan)
    return Source(
        name=plan.name,
        title=plan.title,
        framings=framings_of(plan.reader),
        recognise=mapped.recognise,
        parse=mapped.parse,
        routes=tuple(route.route for route in mapped.routes),
        examples=tuple(
            Example(title=one.title, raw=one.raw, routes=one.routes, ocsf=_cells(one.ocsf), head=one.head) for one in plan.examples
        ),
        product=plan.product,
        marks=plan.marks or mapped.needles,
        derived={CLOCK: mapped.clocks, _DOUBT: (), _FLAWS: (), "@pattern": ()},
        general=plan.general,
        sure=True,
    )


@dataclass(frozen=True, slots=True)
class _Route:
    route: Route
    checks: _Checks
    clock: Expression


class _Mapped:
    """What a plan compiles to."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        made: dict[Value, Expression] = {}
        self.routes = [_route(route, made, checked=plan.checked) for route in plan.routes]

    @cached_property
    def _own(self) -> _Checks:
        return _checks(self._plan.recognise)

    @cached_property
    def clocks(self) -> tuple[str, ...]:
        """The fields that tell the time."""
        return tuple(dict.fromkeys(name for route in self.routes for name in route.clock.inputs))

    @property
    def _headed(self) -> bool:
        """Whether the log itself may name its columns."""
        reader = self._plan.reader
        return reader.format == "w3c" or reader.options.get("columns") == FROM_HEAD

    @cached_property
    def needles(self) -> tuple[bytes, ...]:
        """Bytes of which every record of this source has one: the longest key of each group of tests, which is likely the rarest."""
        if self._plan.reader.format != "json":
            return ()
        keys = [{_key(test.field) for test in group if test.kind in _KEYS} for group in self._plan.recognise]
        return tuple(dict.fromkeys(max(group, key=lambda key: (len(key), key)) for group in keys)) if all(keys) else ()

    @cached_property
    def _routing(self) -> tuple[str, ...]:
        """The fields that say whose a record is and which route it takes."""
        asked = (name for group in self._plan.recognise for name in names_of(group))
        return tuple(dict.fromkeys((*asked, *(name for route in self.routes for group in route.checks for name, _ in group))))

    @cached_property
    def _read(self) -> Callable[[Sequence[bytes], Collection[str] | None, Context], Decoded]:
        views = (view.aliases.values() for route in self.routes for view in route.route.views)
        told = {name for aliases in views for alias in aliases for name in _inputs(alias)}
        mapped = {name for route in self.routes for name in (*inputs_of(route.route.ocsf), *route.clock.inputs)}
        return read_of(self._plan.reader, sorted((told | mapped | set(self._routing)) - {CLOCK, _DOUBT, _FLAWS}))

    def recognise(self, records: Sequence[bytes]) -> int:
        """Count the records that are read as this source's own: those that have its marks are parsed as far as that takes."""
        marks, needles = self._plan.marks, self.needles
        likely = [
            record
            for record in records
            if (not marks or any(mark in record for mark in marks)) and (not needles or any(needle in record for needle in needles))
        ]
        head = [record for record in records[:64] if record[:1] == b"#"] if self._headed else []
        context = Context(wanted=_ROUTING_ONLY.wanted, head=head) if head else _ROUTING_ONLY
        return len(likely) - len(self.parse(likely, context).unparsed) if likely else 0

    def parse(self, records: Sequence[bytes], context: Context) -> Parsed:
        """Read records into one frame per route."""
        wanted = [context.wanted(route.route) for route in self.routes]
        decoded = self._read(records, self._fields(wanted), context)
        frame = Frame(len(decoded.rows), decoded.columns)
        taken, refused = self._taken(frame)
        flawed = self._flaws(records, taken, decoded.rows, refused) if self._plan.checked else {}
        unparsed = {**decoded.unparsed, **{decoded.rows[at]: why for at, why in refused.items()}}
        parts = []
        for route, names, all_rows in zip(self.routes, wanted, taken, strict=True):
            rows = [row for row in all_rows if row not in refused] if self._plan.checked else all_rows
            if rows:
                own = select(frame.columns, rows, None if names is None else {*names, *route.clock.inputs})
                dated = _dated(own, route, context, names)
                if flawed and (names is None or _FLAWS in names):
                    told = Column.encode(flawed.get(decoded.rows[row], ABSENT) for row in rows)
                    dated = Frame(dated.height, {**dated.columns, _FLAWS: told})
                parts.append(Part(route.route, [decoded.rows[row] for row in rows], dated))
        return Parsed(parts, unparsed, flawed)

    def _flaws(
        self, records: Sequence[bytes], taken: Sequence[Sequence[int]], places: Sequence[int], refused: dict[int, str]
    ) -> dict[int, str]:
        """Return what is wrong with records that say they are OCSF; of no class at all is one that is ``refused``."""
        found: dict[int, str] = {}
        for row in (row for rows in taken for row in rows):
            what, fatal = flaws_of(records[places[row]])
            if fatal:
                refused[row] = what
            elif what:
                found[places[row]] = what
        return found

    def _fields(self, wanted: Sequence[frozenset[str] | None]) -> set[str] | None:
        if None in wanted:
            return None
        fields = {*self._routing, *(name for names in wanted for name in names or ())}
        for route, names in zip(self.routes, wanted, strict=True):
            if names and (CLOCK in names or _DOUBT in names):
                fields.update(route.clock.inputs)
        return fields - {CLOCK, _DOUBT, _FLAWS}

    def _taken(self, frame: Frame) -> tuple[list[list[int]], dict[int, str]]:
        """Sort rows by route, and say why of those that no route takes; what is asked is asked once per combination of values."""
        columns = [frame.column(name) for name in self._routing]
        taken: list[list[int]] = [[] for _ in self.routes]
        refused: dict[int, str] = {}
        known: dict[tuple[int, ...], int | str] = {}
        keys = zip(*(column.codes for column in columns), strict=True) if columns else [()] * frame.height
        for row, key in enumerate(keys):
            found = known.get(key)
            if found is None:
                cells = {name: column.values[code] for name, column, code in zip(self._routing, columns, key, strict=True)}
                found = known[key] = self._chosen(cells)
            if isinstance(found, int):
                taken[found].append(row)
            else:
                refused[row] = found
        return taken, refused

    def _chosen(self, cells: dict[str, Cell]) -> int | str:
        """Return the route of a record, or why it is none of this source."""
        if self._own and not _any_holds(self._own, cells):
            failed = (why_not(test) for test in self._plan.recognise[0] if not holds(test)(cells[test.field]))
            return f"no record of {self._plan.title}: {next(failed, '')}"
        for number in self._candidates(cells):
            if not self.routes[number].checks or _any_holds(self.routes[number].checks, cells):
                return number
        return f"a record of {self._plan.title} that none of its routes takes"

    def _candidates(self, cells: Mapping[str, Cell]) -> Iterable[int]:
        """Return the routes that a record may take, in order: where the records name their class, few of a hundred."""
        if self._plan.checked and isinstance(uid := cells["class_uid"], int):
            return self._of_class.get(str(uid), self._of_none)
        return range(len(self.routes))

    @cached_property
    def _of_class(self) -> dict[str, tuple[int, ...]]:
        """The routes of each class, and those of any."""
        told = [
            {value for group in route.when for test in group if test.field == "class_uid" for value in test.values}
            for route in self._plan.routes
        ]
        return {uid: tuple(at for at, own in enumerate(told) if not own or uid in own) for uid in set().union(*told)}

    @cached_property
    def _of_none(self) -> tuple[int, ...]:
        return tuple(at for at, route in enumerate(self.routes) if not route.checks)


def _route(plan: PlannedRoute, known: dict[Value, Expression], *, checked: bool) -> _Route:
    table: dict[str, Expression | str | int | bool] = {}
    clock = Expression((), lambda: ABSENT)
    for name, value in plan.ocsf:
        if name == "time":
            clock = expression_of(value)
            table["time"], table["unmapped.time_flag"] = field(CLOCK), field(_DOUBT)
        elif isinstance(value, Constant) and isinstance(value.value, str | int):
            table[name] = value.value
        else:
            made = _expression(value, known)
            table[name] = made if made.inputs else _always(made.apply())
    if checked:
        table["unmapped.ocsf_flaws"] = field(_FLAWS)
    if isinstance(activity := table.get("activity_id"), Expression) and "activity_name" in table:
        table["activity_name"] = _of_other(activity, table["activity_name"])
    route = Route(name=plan.name, views=tuple(map(_view, plan.views)), ocsf=table)
    return _Route(route, _checks(plan.when), clock)


def _expression(value: Value, known: dict[Value, Expression]) -> Expression:
    """Return the expression of a value; that of a plain field once for all routes: of records that are OCSF there are a hundred."""
    if not isinstance(value, Field) or value.steps:
        return expression_of(value)
    made = known.get(value)
    if made is None:
        made = known[value] = expression_of(value)
    return made


def _checks(tests: Tests) -> _Checks:
    return tuple(tuple((test.field, holds(test)) for test in group) for group in tests)


def _any_holds(checks: _Checks, cells: Mapping[str, Cell]) -> bool:
    return any(all(check(cells[name]) for name, check in group) for group in checks)


def _of_other(activity: Expression, name: Expression | str | int) -> Expression:
    """Return the name of an activity for those that OCSF has no number for: the others have OCSF's names."""
    said = name if isinstance(name, Expression) else _always(name)
    inputs = tuple(dict.fromkeys((*activity.inputs, *said.inputs)))
    places = [[inputs.index(field_name) for field_name in expression.inputs] for expression in (activity, said)]

    def apply(*cells: Cell) -> Cell:
        number = activity.apply(*(cells[at] for at in places[0]))
        return said.apply(*(cells[at] for at in places[1])) if number == _OTHER else ABSENT

    return Expression(inputs, apply)


def _always(cell: Cell) -> Expression:
    """Return the expression of what is the same in every record: it looks at a field that every frame has."""
    return Expression((CLOCK,), lambda _clock: cell)


def _view(plan: PlannedView) -> View:
    aliases = {name: _alias(value) for name, value in plan.fields}
    return View(Logsource(plan.product, plan.category, plan.service), aliases)


def _alias(value: Value) -> str | Expression:
    if isinstance(value, Field) and not value.steps:
        return value.name
    made = expression_of(value)
    return made if made.inputs else _always(made.apply())


def _inputs(alias: str | Expression) -> tuple[str, ...]:
    return (alias,) if isinstance(alias, str) else alias.inputs


def _key(name: str) -> bytes:
    """Return how JSON writes the last key of a path, or the end of a key that has dots in it; a number is a place in a list."""
    parts = [part for part in name.split(".") if not part.isdecimal()]
    return ('"' * (len(parts) == 1) + parts[-1] + '"').encode()


def _dated(frame: Frame, route: _Route, context: Context, wanted: frozenset[str] | None) -> Frame:
    """Add the time of each row as its clock tells it, as far as it is wanted."""
    names = [name for name in (CLOCK, _DOUBT) if wanted is None or name in wanted]
    columns = {name: column for name, column in frame.columns.items() if wanted is None or name in wanted}
    if names and "time" in route.route.ocsf:
        raw = evaluate({"time": route.clock}, frame).column("time") if route.clock.inputs else Column.constant(ABSENT, frame.height)
        told = [*map(clock_reader(context.modified, context.zone), raw.values)]
        made = {CLOCK: [time for time, _ in told], _DOUBT: [flag for _, flag in told]}
        columns.update({name: Column(array("i", raw.codes), made[name]) for name in names})
    return Frame(frame.height, columns)


def _cells(values: dict[str, object]) -> dict[str, Cell]:
    return {name: _cell(value) for name, value in values.items()}


def _cell(value: object) -> Cell:
    if isinstance(value, list | tuple):
        return tuple(map(_cell, value))
    if isinstance(value, dict):
        return {str(key): _cell(item) for key, item in value.items()}
    return value if isinstance(value, str | int | float | bool) else None
