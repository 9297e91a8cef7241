"""A write-ahead log: entries are on disk before their senders are answered, and are read again from any place.

A segment is a file of frames: length, CRC-32, entry (msgpack). Many entries share one flush to disk. A torn tail, which only a
crash leaves, was never acknowledged: it is put aside when the journal is opened. Where whole entries stand behind what cannot be read, that
was no crash, or not only one: they go on in the next segment. Damage anywhere else is an error that names the place.
"""

from __future__ import annotations

import fcntl
import os
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from bartizan.detect.watch.contract import Entry, Place
from bartizan.errors import OutputError
from bartizan.lake.durable import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Journal", "JournalReader", "frame"]

_HEADER: Final = struct.Struct("<II")
SEGMENT_BYTES: Final = 64 << 20
"""A segment is freed as a whole: small enough that little is kept for long, large enough that files are few."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


def frame(entry: Entry) -> bytes:
    """Return an entry as it stands in a segment."""
    payload = _encode(entry)
    return _HEADER.pack(len(payload), zlib.crc32(payload)) + payload


@dataclass(slots=True)
class JournalReader:
    """Reads the journal of a folder, from any process."""

    folder: Path
    until: Place | None = None
    """Where to stop: what is behind is not known to be on disk; None reads all that is there."""

    def after(self, place: Place, *, most: int) -> Iterator[tuple[Entry, Place]]:
        """Yield entries behind a place, each with the place behind it, until there are no more or ``most`` bytes were read."""
        read = 0
        # What is asked for again was freed only where whoever asks begins anew.
        place = max(place, self.first())
        while read < most:
            path = _segment(self.folder, place.segment)
            try:
                with path.open("rb") as file:
                    for entry, end in _frames(file.fileno(), place.offset):
                        if self.until is not None and Place(place.segment, end) > self.until:
                            return
                        read += end - place.offset
                        place = Place(place.segment, end)
                        yield entry, place
                        if read >= most:
                            return
            except FileNotFoundError:
                whole = True
            else:
                # A segment that ends before the place is older than whoever reads, or was cut when the journal was opened.
                whole = place.offset >= path.stat().st_size
            # The next is not always the one behind: somebody may have moved a damaged segment away.
            following = next((number for number, _ in _segments(self.folder) if number > place.segment), None)
            durable = self.until is not None and place < self.until
            if following is None and (whole or not durable):
                return
            # What is durable, or has a successor, is whole: what cannot be read of it now never will be.
            if following is None or not whole:
                message = f"{path}: damaged at byte {place.offset}: move the file away to go on without what is behind that place"
                raise OutputError(message)
            place = Place(following)

    def forget(self, place: Place) -> None:
        """Remove segments before a place."""
        for number, path in _segments(self.folder):
            if number < place.segment:
                path.unlink(missing_ok=True)

    def first(self) -> Place:
        """Return the beginning of what is kept."""
        return Place(next((number for number, _ in _segments(self.folder)), 1))

    def held(self, place: Place) -> int:
        """Return the bytes that are kept behind a place."""
        sizes = [(number, path.stat().st_size) for number, path in _segments(self.folder)]
        return sum(size - (place.offset if number == place.segment else 0) for number, size in sizes if number >= place.segment)


@dataclass(slots=True)
class Journal:
    """Appends to the journal of a folder; a second one for it is refused. Not safe for threads: one writes."""

    folder: Path
    segment_bytes: int = SEGMENT_BYTES
    end: Place = field(default_factory=Place)
    behind: Place = field(default_factory=Place)
    """The place up to which readers are: where the journal is older than they are, it goes on behind that, or they would pass over it."""
    torn: Path | None = None
    """Where the end of a segment was put that could not be read when the journal was opened."""
    saved: int = 0
    """Entries that stood whole behind what could not be read, and go on in the next segment."""
    _file: int = -1
    _lock: int = -1
    _doubtful: bool = False
    """Whether the disk failed while it was waited for: pages of that segment cannot be trusted, no more goes into it."""

    def __post_init__(self) -> None:
        """Open the last segment, without what a crash left half written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.folder / "lock")
        except OSError as error:
            raise _trouble(self.folder, error) from error
        try:
            self._open()
            sync_folder(self.folder)
        except OSError as error:
            self.close()
            raise _trouble(self.folder, error) from error

    def _open(self) -> None:
        number, path = next(reversed(list(_segments(self.folder))), (1, _segment(self.folder, 1)))
        draft, following = _segment(self.folder, number + 1).with_suffix(".draft"), _segment(self.folder, number + 1)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        whole = max((end for _, end in _frames(self._file, 0)), default=0)
        rest = os.pread(self._file, os.fstat(self._file).st_size - whole, whole)
        if rest:
            self.torn = path.with_suffix(f".torn-{whole}")
            _written(self.torn, rest)
            kept = list(_whole_frames(rest))
            self.saved = len(kept)
            _written(draft, b"".join(kept))
            os.ftruncate(self._file, whole)
        os.fsync(self._file)
        self.end = Place(number, whole)
        # No more goes into a segment that was cut: somebody may have come further in it than it goes now.
        if draft.exists():
            draft.replace(following)
            os.close(self._file)
            self._file = os.open(following, os.O_RDWR)
            self.end = Place(number + 1, os.fstat(self._file).st_size)
        os.lseek(self._file, self.end.offset, os.SEEK_SET)
        if self.end < self.behind:
            self._next(self.behind.segment + 1)

    def append(self, frames: Sequence[bytes]) -> Place:
        """Write frames, flush them to disk, and return the place behind them. OutputError: none of them is there."""
        text = memoryview(b"".join(frames))
        try:
            if self.end.offset >= self.segment_bytes or (self._doubtful and self.end.offset):
                self._next()
            at = 0
            while at < len(text):
                at += os.write(self._file, text[at:])
            self._flush()
        except OSError as error:
            self._undo()
            raise _trouble(self.folder, error) from error
        self.end = Place(self.end.segment, self.end.offset + len(text))
        return self.end

    def close(self) -> None:
        """Close the segment and let go of the folder."""
        for number in (self._file, self._lock):
            if number >= 0:
                os.close(number)
        self._file = self._lock = -1

    def _flush(self) -> None:
        try:
            os.fdatasync(self._file)
        except OSError:
            self._doubtful = True
            raise

    def _next(self, number: int = 0) -> None:
        number = number or self.end.segment + 1
        file = os.open(_segment(self.folder, number), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        sync_folder(self.folder)
        os.close(self._file)
        self._file, self.end, self._doubtful = file, Place(number, 0), False

    def _undo(self) -> None:
        """Take back what was written in part, so that the next frames stand behind whole ones."""
        try:
            os.ftruncate(self._file, self.end.offset)
            os.lseek(self._file, self.end.offset, os.SEEK_SET)
        except OSError as error:
            raise _trouble(self.folder, error) from error


def _frames(file: int, offset: int) -> Iterator[tuple[Entry, int]]:
    """Yield whole frames from an offset on, each with the offset behind it."""
    while True:
        header = os.pread(file, _HEADER.size, offset)
        if len(header) < _HEADER.size:
            return
        size, check = _HEADER.unpack(header)
        # A power cut may leave zeros, which are a length and a check of nothing.
        if not size or offset + _HEADER.size + size > os.fstat(file).st_size:
            return
        payload = os.pread(file, size, offset + _HEADER.size)
        if zlib.crc32(payload) != check:
            return
        offset += _HEADER.size + size
        yield _decode(payload), offset


def _whole_frames(rest: bytes) -> Iterator[bytes]:
    """Yield the frames that are whole behind one that is not, as far as their lengths lead.

    They are not looked for anywhere else: a sender could have written what looks like one.
    """
    at = 0
    while at + _HEADER.size <= len(rest):
        size, check = _HEADER.unpack_from(rest, at)
        begin, at = at, at + _HEADER.size + size
        payload = rest[begin + _HEADER.size : at]
        if size and at <= len(rest) and zlib.crc32(payload) == check:
            yield rest[begin:at]


def _written(path: Path, text: bytes) -> None:
    with path.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _segment(folder: Path, number: int) -> Path:
    return folder / f"{number:012d}.wal"


def _segments(folder: Path) -> Iterator[tuple[int, Path]]:
    yield from sorted((int(path.stem), path) for path in folder.glob("*.wal") if path.stem.isdecimal())


def _locked(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        message = f"{path.parent}: another process writes this journal: stop it first, or name another folder"
        raise OutputError(message) from error
    return handle


def _trouble(folder: Path, error: OSError) -> OutputError:
    return OutputError(f"{folder}: the journal cannot be written: {error.strerror or error}: free some room; nothing was acknowledged")
