"""What an import is: rules of another language as Sigma, and for each of their parts what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "APPROXIMATED",
    "CARRIED",
    "EITHER",
    "OVER",
    "REFUSED",
    "UNDER",
    "Imported",
    "Piece",
    "Translated",
    "approximated",
    "carried",
    "refused",
]

CARRIED: Final = "carried"
APPROXIMATED: Final = "approximated"
REFUSED: Final = "refused"
OVER: Final = "may match more"
UNDER: Final = "may match less"
EITHER: Final = "may match more or less"

_WORST: Final = (REFUSED, APPROXIMATED, CARRIED)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a rule (``match``, ``if_sid 5710``), its ``fate``, and how or why; ``direction`` says what an approximation changes."""

    part: str
    fate: str = CARRIED
    why: str = ""
    direction: str = ""


def carried(part: str, why: str = "") -> Piece:
    """Say that a part means the same in what was written."""
    return Piece(part, CARRIED, why)


def approximated(part: str, why: str, direction: str) -> Piece:
    """Say that a part means nearly the same: how, and whether the rule may now match more, less, or either."""
    return Piece(part, APPROXIMATED, why, direction)


def refused(part: str, why: str) -> Piece:
    """Say that a part cannot be written in Sigma, and why."""
    return Piece(part, REFUSED, why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """A rule of another language: what it is called there, where it stands, what became of its parts, and the Sigma documents.

    A rule of which one part is refused has no documents: a rule that lacks a condition would be another rule.
    """

    id: str
    title: str
    path: str
    line: int
    pieces: Sequence[Piece]
    documents: Sequence[Mapping[str, Any]] = ()
    place: str = ""
    """The file that its documents are written to, below the folder for results; "" where there are none."""
    note: str = ""
    """Why a rule that was carried has no document of its own."""

    @property
    def fate(self) -> str:
        """Return the worst fate of its parts."""
        fates = {piece.fate for piece in self.pieces}
        return next((fate for fate in _WORST if fate in fates), CARRIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was read: each rule, the mapping files that its logs need, and the files or parts of files that could not be read."""

    language: str
    rules: Sequence[Translated]
    mappings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Mapping files by name: what makes sources of the logs that the rules judge."""
    sources: Sequence[Translated] = ()
    """What became of decoders, as of rules."""
    problems: Sequence[str] = ()
    remarks: Sequence[str] = ()
