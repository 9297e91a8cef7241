"""What keeping records is: tables with a schema declared beforehand, batches added to them, files that are whole or not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bartizan.schema.columns import Frame
    from bartizan.schema.ocsf import Attribute

__all__ = ["Declared", "Lake", "Leaf", "Misfit", "Written"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column by its dotted OCSF name, and what OCSF says of it."""

    path: str
    attribute: Attribute


@dataclass(frozen=True, slots=True)
class Declared:
    """A table: records of one OCSF class. ``leaves`` are its columns, in order, whatever a batch holds."""

    name: str
    class_uid: int
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Misfit:
    """Values that their column cannot hold and that were left null there; ``raw_data`` and ``unmapped`` still have them."""

    table: str
    path: str
    values: int
    example: str


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is complete and on disk."""

    path: Path
    table: str
    rows: int


class Lake(Protocol):
    """Where records go. Nothing is in it for certain before ``close`` returns."""

    tables: Mapping[str, Declared]

    def add(self, table: str, frame: Frame, *, raw: Sequence[bytes] = ()) -> None:
        """Take in completed records (dotted names); ``raw`` becomes ``raw_data`` where the frame does not hold it."""

    def close(self) -> Sequence[Written]:
        """Write what is still held and return every file written."""

    def misfits(self) -> Sequence[Misfit]:
        """Return what did not fit, most frequent first."""
