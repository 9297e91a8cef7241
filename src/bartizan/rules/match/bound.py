"""Judge the batches of one route."""

from __future__ import annotations

from array import array
from functools import cached_property
from typing import TYPE_CHECKING

from bartizan.rules.contract import Hit, Records
from bartizan.rules.match.batch import Batch
from bartizan.rules.match.binding import KEYWORDS, Layout, laid_out, names_of, place_of
from bartizan.rules.match.formula import FALSE, OPEN
from bartizan.rules.match.missing import is_absent, missing_of
from bartizan.rules.match.prefilter import Prefilter
from bartizan.rules.match.rows import sorted_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    import numpy as np
    import numpy.typing as npt

    from bartizan.rules.match.binding import Place
    from bartizan.rules.match.memory import Memory
    from bartizan.rules.match.slot import Signature
    from bartizan.rules.plan import Node
    from bartizan.schema.columns import Cell
    from bartizan.schema.logsource import View

__all__ = ["FastBound"]


class FastBound:
    """Rules bound to one route; see ``bartizan.rules.contract.Bound``. The tables behind it are built with the first batch."""

    def __init__(self, conditions: Sequence[tuple[int, Node, View]], memory: Memory, names: Sequence[frozenset[str]] | None = None) -> None:
        """Bind rules given as (number, plan, view); ``names``, where they are known, are the fields that each names."""
        self._conditions = conditions
        self._names = names if names is not None else [names_of(node) for _, node, _ in conditions]
        self._memory = memory
        self._outcomes: dict[tuple[Signature, ...], tuple[tuple[int, ...], tuple[int, ...]]] = memory.dictionary()
        self.rules: Sequence[int] = tuple(rule for rule, _, _ in conditions)
        self.fields: frozenset[str] = _natives(self._seen())

    def match(self, records: Records) -> Sequence[Hit]:
        """Judge every row by every bound rule; hits in rule order, rows ascending."""
        if not records.frame.height or not self.rules:
            return ()
        self._memory.settle()
        layout = self._layout
        batch = Batch(records, layout, self._prefilter, self._resolved)
        rows = sorted_rows(layout.slots, batch.columns, records.frame.height)
        outcomes = [self._outcome(kind) for kind in rows.kinds]
        wanted = [group for group, (fired, open_) in enumerate(outcomes) if fired or open_]
        found: dict[int, list[tuple[npt.NDArray[np.int64], Sequence[Mapping[str, Cell]]]]] = {}
        for group, numbers in zip(wanted, rows.of(wanted), strict=True):
            fired, open_ = outcomes[group]
            for place in fired:
                found.setdefault(place, []).append((numbers, batch.evidence(layout.tasks[place], rows.kinds[group], numbers)))
            for place in open_:
                found.setdefault(place, []).extend(batch.opened(layout.tasks[place], rows.kinds[group], numbers))
        return [_hit(layout.tasks[place].rule, found[place]) for place in sorted(found) if found[place]]

    def missing(self, rule: int, present: frozenset[str]) -> tuple[str, ...]:
        """Name the fields without which the rule cannot be true where only ``present`` native columns have values; () if it can."""
        number = self._places[rule]
        view = self._conditions[number][2]
        if not any(is_absent(place_of(name, view), present) for name in self._names[number]):
            return ()
        return missing_of(self._layout, self._layout.tasks[number], present)

    def _seen(self) -> set[Place]:
        """Return every place that some rule reads."""
        through: dict[int, tuple[View, set[str]]] = {}
        for (_, _, view), names in zip(self._conditions, self._names, strict=True):
            through.setdefault(id(view), (view, set()))[1].update(names)
        return {place_of(name, view) for view, names in through.values() for name in names}

    @cached_property
    def _places(self) -> Mapping[int, int]:
        return {rule: place for place, rule in enumerate(self.rules)}

    @cached_property
    def _layout(self) -> Layout:
        return laid_out(self._conditions, self._memory)

    @cached_property
    def _prefilter(self) -> Prefilter | None:
        places = self._layout.places
        return Prefilter(self._layout.slots[places.index(KEYWORDS)].predicates) if KEYWORDS in places else None

    @cached_property
    def _resolved(self) -> dict[object, bool]:
        return self._memory.dictionary()

    def _outcome(self, kind: tuple[Signature, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the tasks that fire on rows of a kind, and those that depend on more than their kind."""
        known = self._outcomes.get(kind)
        if known is not None:
            return known
        layout = self._layout
        awake = set(layout.always)
        for signature in kind:
            if signature.wakes:
                awake.update(signature.wakes)
        fired: list[int] = []
        open_: list[int] = []
        for place in sorted(awake):
            task = layout.tasks[place]
            key = task.key(kind)
            truth = task.verdicts.get(key)
            if truth is None:
                truth = task.verdicts[key] = task.formula.truth(kind, None)
                self._memory.spend(1)
            if truth != FALSE:
                (open_ if truth == OPEN else fired).append(place)
        made = self._outcomes[kind] = (tuple(fired), tuple(open_))
        self._memory.spend(1, 8 * len(kind))
        return made


def _natives(places: AbstractSet[Place]) -> frozenset[str]:
    """Return the native columns that places are computed from."""
    single = {place for place in places if isinstance(place, str)}
    return frozenset(single.union(*(place.inputs for place in places if place is not KEYWORDS and not isinstance(place, str))))


def _hit(rule: int, found: Sequence[tuple[npt.NDArray[np.int64], Sequence[Mapping[str, Cell]]]]) -> Hit:
    """Join what groups of rows gave, in row order."""
    if len(found) == 1:
        return Hit(rule, array("i", found[0][0].tolist()), found[0][1])
    pairs = [(row, matched) for numbers, evidence in found for row, matched in zip(numbers.tolist(), evidence, strict=True)]
    pairs.sort(key=lambda pair: pair[0])
    return Hit(rule, array("i", [row for row, _ in pairs]), [matched for _, matched in pairs])
