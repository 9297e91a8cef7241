"""Hold the raw records that were cut from one file, before any source has read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.contract import Framing

__all__ = ["Chunk", "Known"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of records that a lake gives back, beside their raw text: of each its id (16 bytes), its time, the log it came from.

    ``times`` in nanoseconds UTC. It is believed before anything that the raw text or the chunk says.
    """

    ids: Sequence[bytes]
    times: Sequence[int]
    origins: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Consecutive raw records of one file. ``len(records)`` is what the balance calls *read*, ``unreadable`` included.

    A file that gave no record (binary, empty, unreadable) has one chunk without records that says so.
    """

    origin: str
    """The path as shown: ``logs/a.zip!dir/b.json`` for a member of an archive, ``-`` for standard input."""
    framing: Framing | None = None
    """None where nothing could be cut into records."""
    records: Sequence[bytes] = ()
    offsets: Sequence[int] | None = None
    """Where each record begins, in bytes of the file (unpacked, as UTF-8); None where records are not bytes of the file (EVTX)."""
    unreadable: Mapping[int, str] = field(default_factory=dict)
    """Index of a record that no source shall be asked to read -> why: too long, cut off, damaged. It counts as unparsed."""
    head: Sequence[bytes] = ()
    """The last block of ``#`` lines before these records."""
    size: int = 0
    """Bytes of the file (unpacked, as UTF-8) that this chunk accounts for."""
    modified: float = 0.0
    """When the file was last written, epoch seconds; 0.0 unknown."""
    source: str = ""
    """The source that the file was taken for, "" for none."""
    why: str = ""
    """Why the file was taken for that source, for a reader."""
    problems: tuple[str, ...] = ()
    """What of the file could not be read, each a sentence that says where."""
    notes: tuple[str, ...] = ()
    """What a reader should know although nothing was lost: an unusual encoding, a file that is no log."""
    known: Known | None = None
    """Where the records come out of a lake; ``origin`` is then the name of their table."""
