"""Cut the work into units that any process can do, in an order that tells how to put the results together again.

Small files are bundled, a large plain file is cut into spans at line ends, and what can only be read from the beginning
(large compressed files, pipes) is cut into records by who hands the units out. Where the cuts are depends on the files alone, never on the
number of processes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.collect.catalogue import Catalogue, catalogue
from bartizan.collect.chunk import Chunk
from bartizan.collect.files import cannot_open, chunks_of
from bartizan.collect.limits import Limits
from bartizan.collect.spans import Span, chunks_in, spans_of
from bartizan.collect.transports.paths import Found, Passed, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Numbering", "Unit", "read", "units"]

_BUNDLE_FILES: Final = 64
"""Files of a bundle: thousands of tiny files must not become one unit that one process reads for minutes."""
_PACKED: Final = 32 << 20
"""Up to this size a compressed file or archive is one unit: unpacking it takes seconds, and is done by whoever gets it."""

_Piece = Found | Span | Chunk


@dataclass(frozen=True, slots=True)
class Unit:
    """Work for one process: whole files, a span of one, or records already cut. ``number`` counts from 0 in the order of the files."""

    number: int
    pieces: tuple[_Piece, ...]
    limits: Limits = field(default_factory=Limits)

    @property
    def origins(self) -> tuple[str, ...]:
        """The files that the unit is about, as shown."""
        return tuple(dict.fromkeys(_name(piece) for piece in self.pieces))

    def __str__(self) -> str:
        """Say which part of which files this is."""
        names = self.origins
        where = f"bytes {piece.begin} to {piece.end} of " if isinstance(piece := self.pieces[0], Span) else ""
        return f"{where}{names[0]}" if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


class Numbering:
    """Numbers the records of each file from 1, whatever units they came in. Chunks must come in the order of their units."""

    def __init__(self) -> None:
        """Start with no file."""
        self._counts: dict[str, int] = {}

    def first(self, chunk: Chunk) -> int:
        """Return the number of a chunk's first record, and count its records."""
        before = self._counts.get(chunk.origin, 0)
        self._counts[chunk.origin] = before + len(chunk.records)
        return before + 1


def units(
    paths: Sequence[str], *, limits: Limits | None = None, sources: Catalogue | None = None, results: str | None = None
) -> Iterator[Unit]:
    """Yield the work behind paths. InputError, before any work, if one of them names nothing. ``results``: a folder to pass over."""
    cut = _Cut(limits or Limits(), sources or catalogue())
    found = find(paths, results=results)
    return (Unit(number, pieces, cut.limits) for number, pieces in enumerate(_bundled(cut.pieces(found), cut.limits)))


def read(unit: Unit, *, sources: Catalogue | None = None) -> Iterator[Chunk]:
    """Yield the chunks of a unit, in order."""
    known = sources or catalogue()
    for piece in unit.pieces:
        if isinstance(piece, Chunk):
            yield piece
        elif isinstance(piece, Span):
            yield from chunks_in(piece, known, unit.limits)
        else:
            yield from chunks_of(piece, known, unit.limits)


@dataclass(frozen=True, slots=True)
class _Cut:
    limits: Limits
    sources: Catalogue

    def pieces(self, found: Iterable[Found | Passed]) -> Iterator[_Piece]:
        """Yield the pieces of each file."""
        for each in found:
            if isinstance(each, Passed):
                said = (each.why,)
                yield Chunk(origin=each.name, problems=said if each.lost else (), notes=() if each.lost else said)
            elif each.stream:
                yield from chunks_of(each, self.sources, self.limits)
            elif each.size <= self.limits.chunk:
                yield each
            else:
                yield from self._large(each)

    def _large(self, found: Found) -> Iterator[_Piece]:
        try:
            spans = spans_of(found, self.sources, self.limits)
            if spans is not None:
                yield from spans
                return
        except OSError as error:
            yield Chunk(origin=found.name, modified=found.modified, problems=(cannot_open(error),))
            return
        if found.size <= _PACKED:
            yield found
        else:
            yield from chunks_of(found, self.sources, self.limits)


def _bundled(pieces: Iterable[_Piece], limits: Limits) -> Iterator[tuple[_Piece, ...]]:
    """Put small files together until they make a chunk; anything larger stays alone."""
    bundle: list[_Piece] = []
    held = 0
    for piece in pieces:
        size = _size(piece)
        if bundle and (held + size > limits.chunk or len(bundle) >= _BUNDLE_FILES):
            yield tuple(bundle)
            bundle, held = [], 0
        bundle.append(piece)
        held += size
    if bundle:
        yield tuple(bundle)


def _size(piece: _Piece) -> int:
    return piece.end - piece.begin if isinstance(piece, Span) else piece.size


def _name(piece: _Piece) -> str:
    return piece.name if isinstance(piece, Found) else piece.origin
