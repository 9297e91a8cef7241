"""Say which detections would see a hop: those that fire on the record that it leaves, those that may, or none, and the hop is blind.

Every event that a rule of paths declares is written as its log writes it (``emitted.py``), read by the source of that log, and matched by
the engine. Rules *see* an event if they fire on the record whoever did it, and not on the like record of no event at all. A rule *may*
see it if it asks for that event and for something else that the record does not say, if it fires only when a person or only when a
workload does it, or if a correlation counts it among others. What a rule leaves out (``not``) by what the record does not say counts as
not left out. A hop is seen where one of its steps is; a step that can be done in several ways where each of them is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

import numpy as np

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Context
from bartizan.review.cloud.paths.emitted import ACTORS, SETTLED, emitted, nobodys
from bartizan.rules.contract import Records
from bartizan.rules.logic.parts import positive_tests
from bartizan.rules.match.formula import OPEN
from bartizan.rules.match.partial import Partial, PartialBound, unjudgeable
from bartizan.schema.columns import ABSENT, Column
from bartizan.schema.expressions import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from bartizan.collect.contract import Part
    from bartizan.review.cloud.paths.contract import Event, PathRule
    from bartizan.review.cloud.paths.emitted import Emitted
    from bartizan.rules.contract import Rule
    from bartizan.rules.plan import Node
    from bartizan.rules.ruleset import LoadedRules
    from bartizan.schema.logsource import View

__all__ = ["Maybe", "Sight", "Standing", "sights", "standing", "told"]

_MOST: Final = 3
"""Fields that are named of those on which it hangs whether a rule fires."""
_OFTEN: Final = "if it is done often"
_COUNTS: Final = ("event_count", "value_count")
"""Correlations that are about what happens often. Those of several things are about one of them only beside others."""


@dataclass(frozen=True, slots=True)
class Maybe:
    """A rule that may see a hop, and on what it hangs, as the end of a sentence."""

    rule: Rule
    on: str


@dataclass(frozen=True, slots=True)
class Sight:
    """A record that a hop leaves, the rules that fire on it, and those that may."""

    event: Event
    rules: tuple[Rule, ...] = ()
    maybe: tuple[Maybe, ...] = ()


@dataclass(slots=True)
class _Judged:
    """What rules, by number, make of a record: those that fire, and those of which it hangs on fields that it does not have."""

    fired: set[int] = field(default_factory=set)
    hanging: dict[int, tuple[str, ...]] = field(default_factory=dict)


def told(seen: Mapping[str, Sequence[Sight]]) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return, by rule of paths, the titles of the detections that see it, and of those that may, each with what it hangs on.

    What sees a hop only where data events are logged, or only one of several ways to do it, may.
    """
    sees, maybe = {}, {}
    for name, by_event in seen.items():
        stands = standing(by_event)
        titles = [(rule.title, one.event) for one in by_event for rule in one.rules]
        here = ", where its data events are logged" if stands is Standing.LOGGED else ""
        hanging = [f"{title}{here or f', if it is done by {event.name}'}" for title, event in titles if stands is not Standing.SEEN]
        hanging += [f"{each.rule.title}, {each.on}" for one in by_event for each in one.maybe]
        sees[name] = tuple(dict.fromkeys(title for title, event in titles if stands is Standing.SEEN and not event.data))
        maybe[name] = tuple(dict.fromkeys(hanging))
    return sees, maybe


class Standing(Enum):
    """How a hop stands with detections. LOGGED: it is seen where data events are logged. SILENT: no log has a record of it."""

    SEEN = "seen"
    LOGGED = "logged"
    PERHAPS = "perhaps"
    BLIND = "blind"
    SILENT = "silent"


def standing(seen: Sequence[Sight]) -> Standing:
    """Say how a hop stands whose events are seen so."""
    if not seen:
        return Standing.SILENT
    steps: defaultdict[int, list[Sight]] = defaultdict(list)
    for place, one in enumerate(seen):
        steps[-place - 1 if one.event.step is None else one.event.step].append(one)
    whole = [step for step in steps.values() if all(one.rules for one in step)]
    if whole:
        return Standing.LOGGED if all(any(one.event.data for one in step) for step in whole) else Standing.SEEN
    return Standing.PERHAPS if any(one.rules or one.maybe for one in seen) else Standing.BLIND


def sights(paths: Iterable[PathRule], rules: LoadedRules) -> dict[str, tuple[Sight, ...]]:
    """Return, for each rule of paths by its id, the records that it leaves with the rules that see them."""
    told = [(path, [(event, emitted(path.provider, event), nobodys(path.provider, event)) for event in path.emits]) for path in paths]
    judged = _judged(rules, {one for _, events in told for _, made, blank in events for one in (*made, *blank)})
    always: defaultdict[str, _Judged] = defaultdict(_Judged)
    for one in {one for _, events in told for *_, blank in events for one in blank}:
        always[one.source].fired |= judged[one].fired
        always[one.source].hanging |= judged[one].hanging
    return {
        path.id: tuple(_sight(event, [judged[one] for one in made], always[made[0].source], rules) for event, made, _ in events)
        for path, events in told
    }


def _sight(event: Event, by_actor: Sequence[_Judged], always: _Judged, rules: LoadedRules) -> Sight:
    """Return who sees an event; ``always`` is what rules make of records of no event."""
    any_ = set[int]().union(*(one.fired for one in by_actor)) - always.fired
    counted = {one.number for one in rules.correlations if one.plan.kind in _COUNTS and any_.intersection(one.rules)}
    any_ -= rules.silent
    sees = any_ if all(one.fired & any_ for one in by_actor) else set()
    maybe = dict.fromkeys(counted, _OFTEN)
    if not sees:
        maybe |= {number: f"if {actor} does it" for actor, one in zip(ACTORS, by_actor, strict=True) for number in one.fired & any_}
    known = any_ | always.fired | always.hanging.keys() | rules.silent
    hanging = {number: names for one in by_actor for number, names in one.hanging.items() if number not in known}
    maybe |= {number: f"depending on {', '.join(names[:_MOST])}" for number, names in hanging.items()}
    return Sight(
        event,
        tuple(rules.rules[number] for number in sorted(sees)),
        tuple(Maybe(rules.rules[number], maybe[number]) for number in sorted(maybe)),
    )


def _judged(rules: LoadedRules, records: Iterable[Emitted]) -> dict[Emitted, _Judged]:
    """Read records by their sources, and judge them."""
    found = {one: _Judged() for one in records}
    context = Context(wanted=lambda route: rules.bind(route.views, given=route.given).fields)
    by_source: defaultdict[str, list[Emitted]] = defaultdict(list)
    for one in found:
        by_source[one.source].append(one)
    for name, made in by_source.items():
        source = catalogue().named(name)
        for part in () if source is None else source.parse([one.raw for one in made], context).parts:
            rows = [made[row] for row in part.rows]
            records_ = Records(part.frame, [one.raw for one in rows], structured=True)
            for hit in rules.bind(part.route.views, given=part.route.given).match(records_):
                for row in hit.rows:
                    found[rows[row]].fired.add(hit.rule)
            for number, row, names in _hanging(rules, part):
                found[rows[row]].hanging[number] = names
    return found


def _hanging(rules: LoadedRules, part: Part) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield rule, row and fields where it hangs on these whether the rule fires."""
    plans = [one for one in rules.plans(part.route.views, given=part.route.given) if not unjudgeable(one[1])]
    by_view: defaultdict[int, list[tuple[int, Node, View]]] = defaultdict(list)
    for one in plans:
        by_view[id(one[2])].append(one)
    for chosen in by_view.values():
        known = _Fields(part, chosen[0][2])
        judged = PartialBound([node for _, node, _ in chosen]).judge(Partial(part.frame.height, known.column))
        for place, (number, node, _) in enumerate(chosen):
            asked = tuple(dict.fromkeys(test.field for test in positive_tests(node)))
            for row in np.flatnonzero(judged.truths(place) == OPEN).tolist():
                yield number, row, tuple(name for name in asked if known.unknown(name)[row])


@dataclass(slots=True)
class _Fields:
    """The fields of some rows as rules name them, and where nothing is known of them."""

    part: Part
    view: View
    _columns: dict[str, Column] = field(default_factory=dict)

    def column(self, name: str) -> tuple[Column, npt.NDArray[np.bool_] | None]:
        """Return a field, and in which rows it is unknown."""
        return self._read(name), self.unknown(name)

    def unknown(self, name: str) -> npt.NDArray[np.bool_]:
        """Return the rows that do not have a field, unless its absence says something."""
        column = self._read(name)
        missing = np.array([value is ABSENT for value in column.values], dtype=bool)[np.frombuffer(column.codes, dtype=np.int32)]
        return missing & (name not in SETTLED)

    def _read(self, name: str) -> Column:
        if name not in self._columns:
            place, frame = self.view.aliases.get(name, name), self.part.frame
            self._columns[name] = frame.column(place) if isinstance(place, str) else evaluate({"it": place}, frame).column("it")
        return self._columns[name]
