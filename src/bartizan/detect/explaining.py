"""Say of records in a file why a rule fires on them or does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Context, Framing
from bartizan.collect.reading import parse_chunk
from bartizan.collect.units import Numbering, read, units
from bartizan.rules.explain import Explanation, explain
from bartizan.rules.reference.texts import texts_of
from bartizan.schema.expressions import Expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.collect.chunk import Chunk
    from bartizan.collect.contract import Part
    from bartizan.rules.reference.reading import ReferenceRule
    from bartizan.schema.columns import Cell
    from bartizan.schema.logsource import View

__all__ = ["Told", "explain_records"]


@dataclass(frozen=True, slots=True)
class Told:
    """What a rule makes of one record: an explanation, or why the rule does not judge such a record."""

    path: str
    record: int
    source: str
    explanation: Explanation | None
    why_not: str = ""


def explain_records(rule: ReferenceRule, paths: Sequence[str]) -> Iterator[Told]:
    """Explain a rule on every record of some files, in order."""
    numbering = Numbering()
    for unit in units(paths):
        for chunk in read(unit):
            first = numbering.first(chunk)
            yield from sorted(_in_chunk(rule, chunk, first), key=lambda told: told.record)


def _in_chunk(rule: ReferenceRule, chunk: Chunk, first: int) -> Iterator[Told]:
    reading = parse_chunk(chunk, Context(head=chunk.head, modified=chunk.modified), catalogue())
    for row, why in reading.unparsed.items():
        yield Told(chunk.origin, first + row, "", None, f"no source reads this record: {why}")
    for source, part in reading.parts:
        view = next((view for view in part.route.views if view.logsource.serves(rule.logsource)), None)
        for at, row in enumerate(part.rows):
            if view is None:
                are = ", ".join(str(view.logsource) for view in part.route.views)
                why = f"the rule asks for {rule.logsource}; this record is of {are}"
                yield Told(chunk.origin, first + row, source.name, None, why)
                continue
            told = explain(rule, _Look(view, part, at), _Texts(chunk, row))
            yield Told(chunk.origin, first + row, source.name, told)


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks a rule's field up in a row, through the aliases of the view."""

    view: View
    part: Part
    row: int

    def __call__(self, name: str) -> Cell:
        place = self.view.aliases.get(name, name)
        columns = self.part.frame
        if isinstance(place, Expression):
            return place.apply(*(columns.column(native)[self.row] for native in place.inputs))
        return columns.column(place)[self.row]


@dataclass(frozen=True, slots=True)
class _Texts:
    """Gives the texts of a record in which keywords are looked for."""

    chunk: Chunk
    row: int

    def __call__(self) -> tuple[str, ...]:
        return texts_of(self.chunk.records[self.row], structured=self.chunk.framing is not Framing.LINES)
