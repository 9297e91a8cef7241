"""Look at the values of a batch: columns of the rules' fields, open questions, evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from bartizan.rules.cells import texts_in
from bartizan.rules.match.binding import KEYWORDS
from bartizan.rules.match.formula import TRUE
from bartizan.rules.match.keywords import KEYWORD, excerpt
from bartizan.rules.match.memory import MAX_LENGTH
from bartizan.rules.plan import Reference, Regex
from bartizan.rules.regexes import searcher
from bartizan.schema.columns import ABSENT, Cell, Column
from bartizan.schema.expressions import evaluate

if TYPE_CHECKING:
    import numpy.typing as npt

    from bartizan.rules.contract import Records
    from bartizan.rules.match.binding import Layout, Place, Task
    from bartizan.rules.match.prefilter import Prefilter
    from bartizan.rules.match.slot import Signature

__all__ = ["Batch"]

Group = tuple["npt.NDArray[np.int64]", Sequence[Mapping[str, Cell]]]


class Batch:
    """The records of one call."""

    def __init__(self, records: Records, layout: Layout, prefilter: Prefilter | None, resolved: dict[object, bool]) -> None:
        """Take the columns of a frame that rules read; ``resolved`` remembers what looks at values found."""
        self._records = records
        self._layout = layout
        self._resolved = resolved
        self._prefilter = prefilter
        self.columns: list[Column | None] = [self._column(place) for place in layout.places]

    def evidence(self, task: Task, kind: Sequence[Signature], rows: npt.NDArray[np.int64]) -> Sequence[Mapping[str, Cell]]:
        """Return, for rows of a kind on which a rule fires, the fields that made it, with their values."""
        names = dict(task.formula.support(kind, None))
        return self._named(names, task, rows)

    def opened(self, task: Task, kind: Sequence[Signature], rows: npt.NDArray[np.int64]) -> Iterator[Group]:
        """Judge rows on which a rule depends on more than their kind: rows that answer all open questions alike once."""
        wanted = rows.tolist()
        questions = [(slot, number) for slot, numbers in task.asked.items() for number in sorted(numbers & kind[slot].maybe)]
        answers = [self._answers(slot, number, task, wanted) for slot, number in questions]
        alike: dict[tuple[bool, ...], list[int]] = {}
        for row, answer in zip(wanted, zip(*answers, strict=True), strict=True):
            alike.setdefault(answer, []).append(row)
        for answer, same in alike.items():
            known = dict(zip(questions, answer, strict=True))

            def resolve(slot: int, number: int, known: Mapping[tuple[int, int], bool] = known) -> bool:
                return known[slot, number]

            if task.formula.truth(kind, resolve) == TRUE:
                names = dict(task.formula.support(kind, resolve))
                numbers = np.array(same, dtype=np.int64)
                yield numbers, self._named(names, task, numbers)

    def _answers(self, slot: int, number: int, task: Task, rows: Sequence[int]) -> list[bool]:
        """Say for each row whether a predicate that may hold does; rows with the same value are asked once."""
        predicate = self._layout.slots[slot].predicates[number]
        column = cast("Column", self.columns[slot])  # where there is no column, nothing may hold
        codes = [column.codes[row] for row in rows]
        if isinstance(predicate, Reference):
            other = self.columns[task.references[slot, number]]
            if other is None:
                return [False] * len(rows)
            pairs = list(zip(codes, [other.codes[row] for row in rows], strict=True))
            judged = {pair: _refers(predicate.how, column.values[pair[0]], other.values[pair[1]]) for pair in set(pairs)}
            return [judged[pair] for pair in pairs]
        pattern = cast("Regex", predicate)  # nothing else is left open
        found = {code: self._found(pattern, column.values[code]) for code in set(codes)}
        return [found[code] for code in codes]

    def _found(self, predicate: Regex, cell: Cell) -> bool:
        key = (predicate, cell) if isinstance(cell, str) and len(cell) <= MAX_LENGTH else None
        known = None if key is None else self._resolved.get(key)
        if known is None:
            search = searcher(predicate.pattern, predicate.flags)
            known = any(search.found(text) for text in texts_in(cell))
            if key is not None:
                self._resolved[key] = known
                self._layout.memory.spend(1, len(cell) if isinstance(cell, str) else 0)
        return known

    def _cell(self, slot: int, row: int) -> Cell:
        column = self.columns[slot]
        return ABSENT if column is None else column[row]

    def _column(self, place: Place) -> Column | None:
        """Return the column of a place, None where it is absent in every row."""
        frame = self._records.frame
        if place is KEYWORDS:
            return None if self._prefilter is None else self._prefilter.column(self._records)
        if isinstance(place, str):
            return frame.columns.get(place)
        return evaluate({"it": place}, frame).column("it")

    def _named(self, names: Mapping[str, int], task: Task, rows: npt.NDArray[np.int64]) -> Sequence[Mapping[str, Cell]]:
        """Return the values of fields in rows; rows with the same values share one mapping."""
        columns = [(name, column) for name, slot in names.items() if name and (column := self.columns[slot]) is not None]
        wanted = rows.tolist()
        keyword = names.get("")
        codes = [[column.codes[row] for row in wanted] for _, column in columns]
        if keyword is not None:
            codes.append(wanted)
        if not codes:
            empty: Mapping[str, Cell] = {}
            return [empty] * len(wanted)
        made: dict[tuple[int, ...], dict[str, Cell]] = {}
        found = []
        for key in zip(*codes, strict=True):
            mapping = made.get(key)
            if mapping is None:
                pairs = ((name, column.values[code]) for (name, column), code in zip(columns, key, strict=False))
                mapping = made[key] = {name: cell for name, cell in pairs if cell is not ABSENT}
                if keyword is not None:
                    mapping[KEYWORD] = self._excerpt(task, keyword, key[-1])
            found.append(mapping)
        return found

    def _excerpt(self, task: Task, slot: int, row: int) -> str:
        cell = self._cell(slot, row)
        return excerpt(texts_in(cell), [self._layout.slots[slot].predicates[number] for number in sorted(task.keywords)])


def _refers(how: str, cell: Cell, other: Cell) -> bool:
    pairs: Any = ((mine.lower(), wanted.lower()) for mine in texts_in(cell) for wanted in texts_in(other))
    if how == "is":
        return any(mine == wanted for mine, wanted in pairs)
    if how == "in":
        return any(wanted in mine for mine, wanted in pairs)
    if how == "start":
        return any(mine.startswith(wanted) for mine, wanted in pairs)
    return any(mine.endswith(wanted) for mine, wanted in pairs)
