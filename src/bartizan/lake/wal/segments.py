"""Keep the entries of a log in files of bounded size, cut what a crash tore, and set damaged bytes aside."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.errors import OutputError
from bartizan.lake.contract import Fault
from bartizan.lake.durable import sync_folder
from bartizan.lake.wal.frames import Damage, Entry, scan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["MAGIC", "Segment", "create", "entries", "recover"]

MAGIC: Final = b"BZWAL\x00\x01\n"
_SUFFIX: Final = ".wal"


@dataclass(slots=True)
class Segment:
    """A file of entries, ``first`` to ``last`` (``last`` is ``first - 1`` while it has none); ``size`` bytes are whole and on disk."""

    path: Path
    first: int
    last: int
    size: int


def create(folder: Path, first: int) -> Segment:
    """Make an empty segment whose entries begin at ``first``."""
    path = folder / f"{first:020d}{_SUFFIX}"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, MAGIC)
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(folder)
    return Segment(path, first, first - 1, len(MAGIC))


def recover(folder: Path) -> tuple[list[Segment], list[Fault]]:
    """Return the segments of a folder and what was wrong with them.

    Bytes behind the last whole entry of the last segment are what a crash left of a write that nobody was told of: they
    are cut off. Bytes elsewhere that are no entry were damaged later; readers step over them. Either way a copy of them is
    put into ``damaged/`` first, unless they are all zero.
    """
    segments, faults = [], []
    paths = sorted(path for path in folder.iterdir() if path.suffix == _SUFFIX)
    after = -1
    for path in paths:
        data = path.read_bytes()
        if not path.stem.isdigit() or not data.startswith(MAGIC):
            if path is paths[-1] and not data.removeprefix(MAGIC[: len(data)]):
                path.unlink()  # a crash while it was made: it never held anything
                continue
            faults.append(_aside(folder, path, data, Damage(0, min(len(data), len(MAGIC)))))
        segment, wrong = _read(folder, path, data, after)
        faults += wrong
        last = path is paths[-1]
        if last and segment.size < len(data):
            _cut(path, segment.size)
        elif not last:
            segment.size = len(data)
        after = max(after, segment.last)
        segments.append(segment)
    return segments, faults


def entries(segment: Segment, after: int) -> Iterator[Entry]:
    """Yield the whole entries of a segment beyond a sequence number."""
    try:
        with segment.path.open("rb") as file:
            data = file.read(segment.size)
    except OSError as error:
        message = f"{segment.path}: cannot be read: {error.strerror}: what was taken and not yet stored is in it"
        raise OutputError(message) from error
    for found in scan(data, len(MAGIC)):
        if not isinstance(found, Damage) and found.entry.sequence > after:
            yield found.entry


def _read(folder: Path, path: Path, data: bytes, after: int) -> tuple[Segment, list[Fault]]:
    first = int(path.stem) if path.stem.isdigit() else after + 1
    segment, faults = Segment(path, first, first - 1, len(MAGIC)), []
    for found in scan(data, len(MAGIC)):
        if isinstance(found, Damage):
            if data[found.start : found.end].strip(b"\0"):
                faults.append(_aside(folder, path, data, found))
        else:
            segment.last, segment.size = found.entry.sequence, found.end
    return segment, faults


def _aside(folder: Path, path: Path, data: bytes, damage: Damage) -> Fault:
    kept = folder / "damaged" / f"{path.stem}-{damage.start}.bin"
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(data[damage.start : damage.end])
    what = f"{damage.end - damage.start} bytes at {damage.start} are no whole entry, torn by a crash or damaged: a copy is in {kept}"
    return Fault(path=str(path), what=what)


def _cut(path: Path, size: int) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        os.ftruncate(handle, size)
        os.fsync(handle)
    finally:
        os.close(handle)
