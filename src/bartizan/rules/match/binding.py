"""Lay the rules of one route out for judging: columns to read, predicates by column, a formula and a trigger per rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TypeAlias

from bartizan.rules.match.formula import Each, Either, Every, Formula, Negation, Some
from bartizan.rules.match.likelihood import likelihood
from bartizan.rules.match.slot import Signature, Slot
from bartizan.rules.plan import AllOf, Node, Not, Predicate, Reference, Test

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.rules.match.memory import Memory
    from bartizan.schema.expressions import Expression
    from bartizan.schema.logsource import View

__all__ = ["KEYWORDS", "Layout", "Place", "Task", "laid_out", "names_of", "place_of", "places_of", "tests_of"]

KEYWORDS: Final = None
"""The place of keywords: the whole record."""

Place: TypeAlias = "str | Expression | None"
Trigger: TypeAlias = tuple[float, list[tuple[int, int]]]
"""How likely it is that some of these predicates (slot, number) holds, and which they are."""


@dataclass(slots=True)
class Task:
    """One rule: its formula, the slots it reads, and a memory of verdicts by their signatures.

    ``asked`` has the numbers of its predicates by slot,
    ``references`` gives the slot that a predicate (slot, number) compares with; ``keywords`` the numbers of its keywords.
    """

    rule: int
    formula: Formula
    slots: tuple[int, ...]
    fields: Mapping[str, int]
    asked: Mapping[int, frozenset[int]]
    references: Mapping[tuple[int, int], int]
    keywords: frozenset[int]
    verdicts: dict[object, int]
    key: itemgetter[object]


@dataclass(slots=True)
class Layout:
    """Slots with their places, and tasks in rule order; ``always`` lists the tasks that no predicate wakes."""

    places: list[Place]
    slots: list[Slot]
    tasks: Tasks
    always: tuple[int, ...]
    memory: Memory
    anything: dict[int, Signature] = field(default_factory=dict)
    """For each slot asked about, the signature of a value of which nothing is known."""


@dataclass(slots=True)
class _Drafts:
    """Slots in the making: predicates numbered in the order of their first use."""

    places: dict[Place, int] = field(default_factory=dict)
    predicates: list[dict[Predicate, int]] = field(default_factory=list)
    wakes: list[dict[int, list[int]]] = field(default_factory=list)
    chances: list[list[float]] = field(default_factory=list)

    def slot(self, place: Place) -> int:
        """Return the number of the slot of a place."""
        number = self.places.setdefault(place, len(self.places))
        if number == len(self.predicates):
            self.predicates.append({})
            self.wakes.append({})
            self.chances.append([])
        return number

    def enter(self, node: Node, view: View) -> Trigger | None:
        """Enter a plan, and return what wakes it: the rarest predicates one of which holds, or may, wherever the plan is true.

        None if there are no such predicates.
        """
        if isinstance(node, Test):
            return self._enter_test(node, view)
        if isinstance(node, Not):
            self.enter(node.part, view)
            return None
        parts = [self.enter(part, view) for part in node.parts]
        known = [part for part in parts if part is not None]
        if isinstance(node, AllOf):
            return min(known, key=lambda one: (one[0], len(one[1])), default=None)
        if len(known) < len(parts):
            return None
        return sum(chance for chance, _ in known), [pair for _, pairs in known for pair in pairs]

    def _enter_test(self, test: Test, view: View) -> Trigger:
        slot = self.slot(place_of(test.field, view))
        known, chances = self.predicates[slot], self.chances[slot]
        pairs = []
        total = 0.0
        for one in test.of:
            placed = one
            if type(one) is Reference:
                self.slot(place_of(one.field, view))
                placed = _placed(one, view)
            number = known.get(placed)
            if number is None:
                number = known[placed] = len(known)
                chances.append(likelihood(one))
            total += chances[number]
            pairs.append((slot, number))
        if not test.every:
            return total, pairs
        rarest = min(pairs, key=lambda pair: (chances[pair[1]], pair[1]))
        return chances[rarest[1]], [rarest]

    def formula(self, node: Node, view: View) -> Formula:
        """Turn a plan that was entered into a formula over slots, tests before parts that hold several."""
        if isinstance(node, Test):
            slot = self.slot(place_of(node.field, view))
            known = self.predicates[slot]
            ids = frozenset([known[_placed(one, view)] for one in node.of])
            return Each(node.field, slot, ids) if node.every else Some(node.field, slot, ids)
        if isinstance(node, Not):
            return Negation(self.formula(node.part, view))
        parts = [self.formula(part, view) for part in node.parts]
        if isinstance(node, AllOf):
            return Every(sorted(parts, key=_rank))
        return Either(sorted(parts, key=_rank))


class Tasks:
    """The rules of a route, in rule order. A task is made when somebody asks for it: most rules never come near to firing."""

    __slots__ = ("_conditions", "_drafts", "_made", "_memory")

    def __init__(self, conditions: Sequence[tuple[int, Node, View]], drafts: _Drafts, memory: Memory) -> None:
        """Take the rules, given as (number, plan, view), and the numbers of what they ask."""
        self._conditions = conditions
        self._drafts = drafts
        self._memory = memory
        self._made: dict[int, Task] = {}

    def __getitem__(self, place: int) -> Task:
        """Return the task of a place."""
        found = self._made.get(place)
        if found is None:
            found = self._made[place] = _task(*self._conditions[place], self._drafts, self._memory)
        return found


def laid_out(conditions: Sequence[tuple[int, Node, View]], memory: Memory) -> Layout:
    """Lay out rules given as (number, plan, view)."""
    drafts = _Drafts()
    always = []
    for place, (_, node, view) in enumerate(conditions):
        trigger = drafts.enter(node, view)
        if trigger is None:
            always.append(place)
            continue
        for slot, number in trigger[1]:
            drafts.wakes[slot].setdefault(number, []).append(place)
    slots = [
        Slot(tuple(known), wakes, memory, remember=place is not KEYWORDS)
        for place, known, wakes in zip(drafts.places, drafts.predicates, drafts.wakes, strict=True)
    ]
    return Layout(list(drafts.places), slots, Tasks(conditions, drafts, memory), tuple(always), memory)


def _task(rule: int, node: Node, view: View, drafts: _Drafts, memory: Memory) -> Task:
    fields: dict[str, int] = {}
    references = {}
    keywords: set[int] = set()
    asked: dict[int, set[int]] = {}
    for test in tests_of(node):
        slot = fields[test.field] = drafts.slot(place_of(test.field, view))
        for one in test.of:
            number = drafts.predicates[slot][_placed(one, view)]
            asked.setdefault(slot, set()).add(number)
            if not test.field:
                keywords.add(number)
            if isinstance(one, Reference):
                fields[one.field] = drafts.slot(place_of(one.field, view))
                references[slot, number] = fields[one.field]
    slots = tuple(dict.fromkeys(fields.values()))
    numbers = {slot: frozenset(some) for slot, some in asked.items()}
    formula = drafts.formula(node, view)
    return Task(rule, formula, slots, fields, numbers, references, frozenset(keywords), memory.dictionary(), itemgetter(*slots))


def tests_of(node: Node) -> Iterator[Test]:
    """List the tests of a plan."""
    if isinstance(node, Test):
        yield node
    elif isinstance(node, Not):
        yield from tests_of(node.part)
    else:
        for part in node.parts:
            yield from tests_of(part)


def names_of(node: Node) -> frozenset[str]:
    """Return the fields that a plan names, "" for the whole record."""
    tests = list(tests_of(node))
    return frozenset((*(test.field for test in tests), *(one.field for test in tests for one in test.of if type(one) is Reference)))


def places_of(node: Node, view: View) -> Iterator[Place]:
    """List the places that a plan reads, seen through a view."""
    for test in tests_of(node):
        yield place_of(test.field, view)
        for one in test.of:
            if isinstance(one, Reference):
                yield place_of(one.field, view)


def place_of(name: str, view: View) -> Place:
    """Return where a field that a rule names is read through a view."""
    return view.aliases.get(name, name) if name else KEYWORDS


def _placed(one: Predicate, view: View) -> Predicate:
    """Tell references of rules that see fields through different views apart, by giving them the native name where there is one."""
    if isinstance(one, Reference):
        place = view.aliases.get(one.field, one.field)
        return Reference(place, one.how) if isinstance(place, str) else one
    return one


def _rank(part: Formula) -> int:
    return {Some: 0, Each: 1, Every: 2, Either: 2, Negation: 3}[type(part)]
