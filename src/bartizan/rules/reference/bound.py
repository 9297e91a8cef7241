"""Bind rules to the views of a log and judge batches with the naive matcher.

Two ways to the same answer: ``plain`` takes row after row; the other judges each distinct tuple of the cells that a rule
reads once and repeats the verdict for every row that holds it, which is what makes 400,000 records a matter of minutes.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from sigma.types import SigmaFieldReference

from bartizan.rules.contract import Hit, Records
from bartizan.rules.reference.matcher import Texts, Verdict, answers_in, matches, verdict_of
from bartizan.rules.reference.missing import missing_of
from bartizan.rules.reference.texts import texts_of
from bartizan.rules.reference.tree import Ask, Node, asks_of, fields_of
from bartizan.schema.columns import ABSENT
from bartizan.schema.expressions import Expression, evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.rules.reference.reading import ReferenceRule
    from bartizan.rules.reference.values import Look
    from bartizan.schema.columns import Cell, Column, Frame
    from bartizan.schema.logsource import View

__all__ = ["ReferenceBound", "reference_bound"]


@dataclass(frozen=True, slots=True)
class _Task:
    """One rule, ready to judge: its tree, its fields with where each is found, and whether it asks for keywords."""

    rule: int
    tree: Node
    places: tuple[tuple[str, str | Expression], ...]
    keywords: bool


@dataclass(slots=True)
class ReferenceBound:
    """Rules bound to one route, judged naively; see ``bartizan.rules.contract.Bound``."""

    rules: Sequence[int]
    fields: frozenset[str]
    tasks: Sequence[_Task]
    plain: bool

    def match(self, records: Records) -> Sequence[Hit]:
        """Judge every row by every bound rule; hits in rule order, rows ascending."""
        batch = _Batch(records)
        hits = []
        for task in self.tasks:
            judged = batch.row_by_row(task) if self.plain or task.keywords else batch.tuple_by_tuple(task)
            if judged:
                hits.append(Hit(task.rule, array("i", [row for row, _ in judged]), [verdict.matched for _, verdict in judged]))
        return hits

    def missing(self, rule: int, present: frozenset[str]) -> tuple[str, ...]:
        """Name the fields without which the rule cannot be true where only ``present`` native columns have values; () if it can."""
        task = next(task for task in self.tasks if task.rule == rule)
        there = {name for name, place in task.places if any(native in present for native in _natives(place)) or _is_given(place)}
        return missing_of(task.tree, frozenset(there))


def reference_bound(
    rules: Mapping[int, ReferenceRule],
    views: Sequence[View],
    *,
    plain: bool = False,
) -> ReferenceBound:
    """Bind each rule, under the number given, to the first view that serves it; ``plain`` forgoes the grouping of rows."""
    tasks = []
    for number, rule in sorted(rules.items()):
        view = next((view for view in views if view.logsource.serves(rule.logsource)), None)
        if view is not None:
            places = tuple((name, view.aliases.get(name, name)) for name in fields_of(rule.tree))
            tasks.append(_Task(number, rule.tree, places, any(ask.field is None for ask, _ in asks_of(rule.tree))))
    fields = frozenset(native for task in tasks for _, place in task.places for native in _natives(place))
    return ReferenceBound(tuple(task.rule for task in tasks), fields, tasks, plain)


@dataclass(slots=True)
class _Batch:
    """The records of one call: what rules share among themselves is worked out once."""

    records: Records
    _columns: dict[str | Expression, Column] = field(default_factory=dict)
    _groups: dict[tuple[str | Expression, ...], tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = field(default_factory=dict)
    _texts: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def row_by_row(self, task: _Task) -> list[tuple[int, Verdict]]:
        """Judge one row after the other."""
        judged = ((row, matches(task.tree, self._look(task, row), self._texts_at(row))) for row in range(self.records.frame.height))
        return [(row, verdict) for row, verdict in judged if verdict.fires]

    def tuple_by_tuple(self, task: _Task) -> list[tuple[int, Verdict]]:
        """Judge the first row of each distinct tuple of cells and repeat what came out for the others.

        The answer to a question about one cell alone is kept for the other tuples that hold the cell.
        """
        firsts, groups = self._grouping(tuple(place for _, place in task.places))
        columns = {name: self._column(place) for name, place in task.places}
        lone = [ask for ask, _ in asks_of(task.tree) if not isinstance(ask.value, SigmaFieldReference)]
        codes = {id(ask): columns[ask.field].codes for ask in lone if ask.field is not None}
        known: dict[tuple[int, int], bool] = {}

        def verdict(row: int) -> Verdict:
            def look(name: str) -> Cell:
                return columns[name][row]

            afresh = answers_in(look, tuple)

            def answers(ask: Ask) -> bool:
                if id(ask) not in codes:
                    return afresh(ask)
                key = (id(ask), codes[id(ask)][row])
                if key not in known:
                    known[key] = afresh(ask)
                return known[key]

            return verdict_of(task.tree, answers, look, tuple)

        verdicts = [verdict(row) for row in firsts.tolist()]
        firing = np.array([verdict.fires for verdict in verdicts], dtype=bool)
        if not firing.any():
            return []
        rows = np.flatnonzero(firing[groups])
        return [(row, verdicts[group]) for row, group in zip(rows.tolist(), groups[rows].tolist(), strict=True)]

    def _look(self, task: _Task, row: int) -> Look:
        columns = {name: self._column(place) for name, place in task.places}
        return lambda name: columns[name][row]

    def _texts_at(self, row: int) -> Texts:
        def texts() -> tuple[str, ...]:
            if row not in self._texts:
                self._texts[row] = texts_of(self.records.raw[row], structured=self.records.structured)
            return self._texts[row]

        return texts

    def _column(self, place: str | Expression) -> Column:
        if place not in self._columns:
            self._columns[place] = _column_of(place, self.records.frame)
        return self._columns[place]

    def _grouping(self, places: tuple[str | Expression, ...]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the first row of each group of rows with the same cells, and the group of each row."""
        if places not in self._groups:
            groups = np.zeros(self.records.frame.height, dtype=np.int64)
            for place in places:
                column = self._column(place)
                joined = groups * max(len(column.values), 1) + np.frombuffer(column.codes, dtype=np.int32)
                groups = np.unique(joined, return_inverse=True)[1]
            firsts = np.unique(groups, return_index=True)[1]
            self._groups[places] = (firsts, groups)
        return self._groups[places]


def _column_of(place: str | Expression, frame: Frame) -> Column:
    if isinstance(place, str):
        return frame.column(place)
    return evaluate({"it": place}, frame).column("it")


def _is_given(place: str | Expression) -> bool:
    """Say whether a view gives the field a value although the record has none of what it is made of."""
    return not isinstance(place, str) and place.apply(*[ABSENT] * len(place.inputs)) not in (ABSENT, None)


def _natives(place: str | Expression) -> tuple[str, ...]:
    return (place,) if isinstance(place, str) else place.inputs
