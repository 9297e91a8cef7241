"""Rows of one route while they are judged, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from bartizan.schema.columns import Column, Frame
from bartizan.schema.expressions import evaluate, on_demand
from bartizan.schema.identity import record_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bartizan.collect.chunk import Chunk
    from bartizan.collect.contract import Part, Route, Source
    from bartizan.schema.columns import Cell

__all__ = ["Place", "RoutePart", "only", "place_of", "route_part"]

_NANO: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class RoutePart:
    """Rows of one route with all that is known of them: their native fields, what these map to, their raw text and their times.

    ``sparing``: what they map to is computed where somebody asks. ``faults``: rows on which the mapping was found to fail, and how.
    """

    source: Source
    route: Route
    rows: Sequence[int]
    frame: Frame
    mapped: Frame
    raw: Sequence[bytes]
    times: Sequence[int] = ()
    sparing: bool = False
    faults: dict[int, str] = field(default_factory=dict)

    def take(self, kept: Sequence[int]) -> RoutePart:
        """Return some of the rows; what is found to fail is told of the whole."""
        return replace(
            self,
            rows=[self.rows[at] for at in kept],
            frame=self.frame.take(kept),
            mapped=self.mapped.take(kept),
            raw=[self.raw[at] for at in kept],
            times=[self.times[at] for at in kept],
            sparing=False,
        )

    def mapping(self, rows: Iterable[int]) -> Callable[[int], dict[str, Cell]]:
        """Return what gives each of some rows as it is mapped; of a part that spares it nothing is computed for the others."""
        wanted = sorted(set(rows)) if self.sparing else []
        if not wanted:
            return self.mapped.row
        faults: dict[int, str] = {}
        few = on_demand(self.route.ocsf, self.frame.only(wanted), faults)
        places = {row: place for place, row in enumerate(wanted)}
        few.columns.items()
        self.faults.update((wanted[place], told) for place, told in faults.items())
        return lambda row: few.row(places[row])


def route_part(source: Source, part: Part, chunk: Chunk, *, sparing: bool) -> RoutePart:
    """Map a part of what a source read; see ``RoutePart`` for ``sparing``."""
    faults: dict[int, str] = {}
    mapped = (on_demand if sparing else evaluate)(part.route.ocsf, part.frame, faults)
    raw = list(map(chunk.records.__getitem__, part.rows))
    made = RoutePart(source, part.route, part.rows, part.frame, mapped, raw, sparing=sparing, faults=faults)
    return replace(made, times=_times(made, chunk))


def only(part: Part, at: Sequence[int]) -> Part:
    """Return some rows of a part, whose columns hold no value but theirs."""
    columns = {name: Column.encode(column.take(at).cells()) for name, column in part.frame.columns.items()}
    return replace(part, rows=[part.rows[row] for row in at], frame=Frame(len(at), columns))


class Place(NamedTuple):
    """Where a record stands, and its id; number 0 where only the log is known from which it came into a lake."""

    uid: bytes
    path: str
    record: int


def place_of(chunk: Chunk, part: RoutePart, at: int) -> Place:
    """Return where a row of a part stands."""
    row = part.rows[at]
    if chunk.known is None:
        return Place(record_id(part.raw[at]), chunk.origin, row + 1)
    return Place(chunk.known.ids[row], chunk.known.origins[row], 0)


def _times(part: RoutePart, chunk: Chunk) -> Sequence[int]:
    """Return each row's time in nanoseconds; a record that tells none has that of its file."""
    if chunk.known is not None:
        return [chunk.known.times[row] for row in part.rows]
    column = part.mapped.column("time")
    fallback = int(chunk.modified * _NANO)
    values = [value if type(value) is int else fallback for value in column.values]
    return list(map(values.__getitem__, column.codes))
