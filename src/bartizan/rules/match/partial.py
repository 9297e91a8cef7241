"""Judge rows of which some values are not known: each rule is true, false, or open because of what is missing.

The values of an unknown cell could be anything, so every predicate of it may hold, and the formula of a rule decides with three
values: ``a and b`` is false where ``a`` is, whatever ``b`` may be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from bartizan.rules.cells import texts_in
from bartizan.rules.match.binding import Layout, laid_out, tests_of
from bartizan.rules.match.formula import FALSE
from bartizan.rules.match.memory import Memory
from bartizan.rules.match.slot import Signature
from bartizan.rules.plan import Reference, Regex
from bartizan.rules.regexes import searcher
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from bartizan.rules.plan import Node
    from bartizan.schema.columns import Cell, Column

__all__ = ["Partial", "PartialBound", "unjudgeable"]

_AS_WRITTEN: Final = View(Logsource())
_NOTHING: Final = Signature(frozenset(), frozenset(), ())
_ROOM: Final = 1 << 16
"""Combinations of signatures up to which a table of all of them is kept: half a megabyte."""


@dataclass(frozen=True, slots=True)
class Partial:
    """Rows to judge: ``column`` gives a field by name with, for each row, whether it is unknown there (None: nowhere)."""

    height: int
    column: Callable[[str], tuple[Column, npt.NDArray[np.bool_] | None]]


@dataclass(slots=True)
class PartialBound:
    """Rules bound to rows that name their fields as the rules do; see ``unjudgeable`` for what they may not ask."""

    conditions: Sequence[Node]
    _layout: Layout = field(init=False)

    def __post_init__(self) -> None:
        """Lay the rules out together: what two of them ask of a field is looked up once."""
        self._layout = laid_out([(number, node, _AS_WRITTEN) for number, node in enumerate(self.conditions)], Memory())

    def judge(self, rows: Partial) -> Judged:
        """Begin to judge rows."""
        return Judged(self._layout, rows)


@dataclass(slots=True)
class Judged:
    """Rows that are being judged: what rules have in common is worked out once."""

    layout: Layout
    rows: Partial
    _slots: dict[int, tuple[list[Signature], npt.NDArray[np.int64] | None]] = field(default_factory=dict)

    def truths(self, rule: int) -> npt.NDArray[np.int8]:
        """Return for each row whether a rule, by its place, is FALSE, TRUE or OPEN."""
        task = self.layout.tasks[rule]
        combined: npt.NDArray[np.int64] | None = None
        room = 1
        varying: list[tuple[int, list[Signature]]] = []
        kind: list[Signature] = [_NOTHING] * len(self.layout.slots)
        for slot in task.slots:
            signatures, numbers = self._slot(slot)
            kind[slot] = signatures[0]
            if numbers is not None:
                combined = numbers if combined is None else combined * len(signatures) + numbers
                room *= len(signatures)
                varying.append((slot, signatures))
        if combined is None:
            return np.full(self.rows.height, task.formula.truth(kind, None), dtype=np.int8)
        if room <= _ROOM:
            used, back = np.flatnonzero(np.bincount(combined, minlength=room)), None
        else:
            used, back = np.unique(combined, return_inverse=True)
        table = np.full(room if back is None else len(used), FALSE, dtype=np.int8)
        for place, code in enumerate(used.tolist()):
            rest = code
            for slot, signatures in reversed(varying):
                rest, number = divmod(rest, len(signatures))
                kind[slot] = signatures[number]
            table[code if back is None else place] = task.formula.truth(kind, None)
        found: npt.NDArray[np.int8] = table[combined if back is None else back]
        return found

    def _slot(self, slot: int) -> tuple[list[Signature], npt.NDArray[np.int64] | None]:
        """Return the distinct signatures of a column and each row's, None where all rows have the same."""
        known = self._slots.get(slot)
        if known is None:
            known = self._slots[slot] = self._signed(slot)
        return known

    def _signed(self, slot: int) -> tuple[list[Signature], npt.NDArray[np.int64] | None]:
        place = self.layout.places[slot]
        column, unknown = self.rows.column(str(place))
        judged = [self._settled(slot, value) for value in column.values]
        anything = Signature(frozenset(), frozenset(range(len(self.layout.slots[slot].predicates))), ())
        distinct = {signature: number for number, signature in enumerate(dict.fromkeys([*judged, anything]))}
        lookup = np.array([distinct[signature] for signature in judged], dtype=np.int64)
        numbers = lookup[np.frombuffer(column.codes, dtype=np.int32)]
        if unknown is not None:
            numbers = np.where(unknown, distinct[anything], numbers)
        first = numbers[0]
        if (numbers == first).all():
            return [list(distinct)[first]], None
        return list(distinct), numbers

    def _settled(self, slot: int, value: Cell) -> Signature:
        """Return the signature of a value in which nothing is left open: what has to be looked for in its text is looked for."""
        of = self.layout.slots[slot]
        signature = of.signature(value)
        if not signature.maybe:
            return signature
        found = {number for number in signature.maybe if _found(of.predicates[number], value)}
        return of.settled(signature, frozenset(found))


def unjudgeable(node: Node) -> str:
    """Say what a condition asks that cannot be judged where values are missing, "" if nothing."""
    for test in tests_of(node):
        if not test.field:
            return "keywords look at a whole record, and here is none: name the properties"
        if any(isinstance(one, Reference) for one in test.of):
            return f"{test.field}: fieldref compares two properties, which only a join can do"
    return ""


def _found(predicate: object, value: Cell) -> bool:
    return isinstance(predicate, Regex) and any(searcher(predicate.pattern, predicate.flags).found(text) for text in texts_in(value))
