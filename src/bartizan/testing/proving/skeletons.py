"""Take the records of a source's examples as models of what it writes: read them, and say what of them may be changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bartizan.collect.carried import carried_by
from bartizan.collect.contract import Context
from bartizan.schema.columns import ABSENT
from bartizan.testing.proving.writing import written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.contract import Carried, Example, Source
    from bartizan.schema.columns import Cell

__all__ = ["Seen", "Skeleton", "made", "shown_by", "skeletons_of"]

_NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a source reads of a record: by which route, and the cells of its row."""

    route: str
    row: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Records of which one is of a kind that a source has: ``raw[at]``. ``ways`` remembers how each field is written."""

    source: Source
    carried: Carried
    raw: tuple[bytes, ...]
    at: int
    head: Sequence[bytes]
    fresh: bool = True
    """Whether it is still as the example has it."""
    settled: bool = True
    """Whether it is read by the route of its kind already; else it still takes an event id to be."""
    ways: dict[str, int] = field(default_factory=dict, compare=False)

    def read(self, raw: Sequence[bytes], wanted: frozenset[str] | None = None) -> Seen | None:
        """Read records as the source does; None where it does not read the one that matters."""
        marks = self.source.marks
        if marks and not any(mark in raw[self.at] for mark in marks):
            return None
        context = Context(head=self.head, wanted=lambda _route: wanted)
        for part in self.source.parse(list(raw), context).parts:
            if self.at in part.rows:
                return Seen(part.route.name, part.frame.row(list(part.rows).index(self.at)))
        return None

    def with_(self, raw: tuple[bytes, ...], name: str, cell: Cell) -> tuple[bytes, ...] | None:
        """Return the records with a field of the one that matters set to a cell; None where no way was found to write it."""

        def reads(record: bytes) -> Cell:
            seen = self.read((*raw[: self.at], record, *raw[self.at + 1 :]), frozenset((name, *self.carried.route.given)))
            return _UNREAD if seen is None or (self.settled and seen.route != route) else seen.row.get(name, ABSENT)

        route = self.carried.route.name
        found = written(raw[self.at], name, cell, reads, self.ways)
        return None if found is None else (*raw[: self.at], found, *raw[self.at + 1 :])


_UNREAD: Final = ("record", "is", "not", "read", "as", "before")
"""A cell that nobody asks for."""


def shown_by(source: Source, asked: frozenset[str]) -> frozenset[str]:
    """Return the fields that the source's own examples show."""
    found: set[str] = set()
    for example in source.examples:
        for wanted in (None, asked):
            context = Context(head=example.head, wanted=lambda _route, wanted=wanted: wanted)  # type: ignore[misc]  # bound at once
            for part in source.parse(list(example.raw), context).parts:
                found.update(name for row in range(part.frame.height) for name in part.frame.row(row))
    return frozenset(found)


def skeletons_of(source: Source, asked: frozenset[str]) -> list[Skeleton]:
    """Return models of each kind of record that a source is known to write, as its examples have them; ``made`` makes them so."""
    return [model for carried in carried_by(source, asked) for model in _models(source, carried)]


def _models(source: Source, carried: Carried) -> Iterator[Skeleton]:
    for example in source.examples:
        for at, route in enumerate(example.routes):
            if route is None or not (carried.given or route == carried.route.name):
                continue
            yield _cut(source, carried, example, at)
            if carried.given:
                return


def _cut(source: Source, carried: Carried, example: Example, at: int) -> Skeleton:
    """Take one record of an example, with its neighbours where they belong to it."""
    if source.group is None:
        return Skeleton(source, carried, (example.raw[at],), 0, example.head)
    mine = source.group(example.raw[at])
    kept = [place for place, raw in enumerate(example.raw) if source.group(raw) == mine]
    return Skeleton(source, carried, tuple(example.raw[place] for place in kept), kept.index(at), example.head)


def made(skeleton: Skeleton) -> Skeleton | None:
    """Let a model be of its kind: its given fields say so, and it has no field that its kind has not."""
    given = {name: text for name, text in skeleton.carried.given.items() if text}
    if not given:
        return replace(skeleton, fresh=False)
    raw: tuple[bytes, ...] | None = skeleton.raw
    loose = replace(skeleton, settled=False)
    for name, text in given.items():
        raw = None if raw is None else loose.with_(raw, name, text)
    seen = None if raw is None else skeleton.read(raw)
    if raw is None or seen is None:
        return None
    for name in seen.row.keys() - skeleton.carried.fields:
        raw = loose.with_(raw, name, ABSENT) or raw
    return replace(skeleton, raw=raw, fresh=False, settled=seen.route == skeleton.carried.route.name)
