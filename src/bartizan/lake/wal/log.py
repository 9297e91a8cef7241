"""Take entries from many threads and put them on disk together: one wait for the disk serves all that came meanwhile.

with WriteAheadLog(folder) as log:
    ticket = log.append(b'{"source": "web"}', body)
    ticket.result()                        # on disk now: acknowledge
    while portion := log.portion():        # a single drainer, in this process
        lake.append(parsed(portion.entries), source=..., batch_id=portion.batch_id)
        log.done(portion)

``portion`` gives the same entries under the same ``batch_id`` until ``done`` was called, across any crash; the lake takes
a batch once. So every entry comes into the lake exactly once.
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Self

from bartizan.errors import NoRoom, OutputError
from bartizan.lake.trouble import is_full
from bartizan.lake.wal.frames import HEAD, MOST, Entry, encode
from bartizan.lake.wal.segments import Segment, create, entries, recover
from bartizan.lake.wal.state import State, load, save

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


__all__ = ["Limits", "Portion", "Ticket", "WriteAheadLog"]

Ticket = Future[int]
"""``result()`` waits until the entry is on disk and returns its sequence number, or raises NoRoom or OutputError: it is not kept then.
For asyncio: ``asyncio.wrap_future``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a log may hold: bytes of a segment, of all that is not yet in the lake, and what must stay free on the disk."""

    segment: int = 64 << 20
    held: int = 8 << 30
    free: int = 256 << 20
    """Storing what was taken needs room as well."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Entries to be put into the lake as one batch."""

    batch_id: str
    first: int
    last: int
    entries: Sequence[Entry]


class WriteAheadLog:
    """The log in a folder; one process at a time may have it open. ``faults``: what was damaged when it was opened."""

    def __init__(self, folder: Path, *, limits: Limits | None = None) -> None:
        """Open a log, or make one. Raises OutputError where another process has it open or the folder cannot be written."""
        self._folder, self._limits = folder, limits or Limits()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(folder / "lock")
            self._state = load(folder)
            self._segments, self.faults = recover(folder)
        except OSError as error:
            message = f"{folder}: cannot be a write-ahead log: {error.strerror}: name a folder that you may write to"
            raise OutputError(message) from error
        self._next = max((segment.last for segment in self._segments), default=0) + 1
        self._next = max(self._next, self._state.released + 1, (self._state.portion or (0, 0))[1] + 1)
        self._handle = -1
        self._waiting: list[tuple[bytes, bytes, Ticket]] = []
        self._queued = 0
        self._changed = threading.Condition()
        self._files = threading.Lock()
        self._closing = False
        self._thread = threading.Thread(target=self._write_all, name="write-ahead log", daemon=True)
        self._thread.start()

    @property
    def held(self) -> int:
        """How many bytes are in the log and not yet in the lake."""
        return sum(segment.size for segment in self._segments)

    def append(self, meta: bytes, body: bytes) -> Ticket:
        """Take an entry. It is kept when the ticket is done without an error, and not before.

        Raises NoRoom at once where the log holds as much as it may.
        """
        size = HEAD + len(meta) + len(body)
        if size - HEAD > MOST:
            message = f"an entry of {size} bytes is too long for the write-ahead log: send less at once"
            raise OutputError(message)
        ticket: Ticket = Future()
        with self._changed:
            if self._closing:
                message = f"{self._folder}: the write-ahead log is closed"
                raise OutputError(message)
            if self.held + self._queued + size > self._limits.held:
                message = f"{self._folder}: {self.held} bytes wait to be stored, which is all there may be: send again later"
                raise NoRoom(message)
            self._queued += size
            self._waiting.append((meta, body, ticket))
            self._changed.notify()
        return ticket

    def portion(self, *, most_bytes: int = 64 << 20, most: int = 100_000) -> Portion | None:
        """Return what is to be put into the lake next, None where there is nothing; again the same until it is ``done``."""
        found = self._state.portion
        if found is None:
            chosen = list(islice(_upto(self._entries(self._state.released), most_bytes), most))
            if not chosen:
                return None
            found = chosen[0].sequence, chosen[-1].sequence
            self._remember(State(self._state.shard, self._state.released, found))
        else:
            chosen = list(takewhile(lambda entry: entry.sequence <= found[1], self._entries(found[0] - 1)))
        return Portion(f"{self._state.shard}:{found[0]}-{found[1]}", *found, chosen)

    def done(self, portion: Portion) -> None:
        """Forget a portion that is in the lake, and delete what is no longer needed."""
        self._remember(State(self._state.shard, portion.last, None))
        with self._files:
            newest = self._segments[-1]
            if newest.last <= portion.last and self._handle >= 0:
                os.close(self._handle)
                self._handle = -1
            over = [segment for segment in self._segments if segment.last <= portion.last]
            self._segments = [segment for segment in self._segments if segment.last > portion.last]
        for segment in over:
            segment.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Put on disk what waits, then let go of the folder."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        with self._files:
            if self._handle >= 0:
                os.close(self._handle)
                self._handle = -1
            if self._lock >= 0:
                os.close(self._lock)
                self._lock = -1

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _entries(self, after: int) -> Iterator[Entry]:
        """Yield what is on disk beyond a sequence number. Writing goes on meanwhile."""
        with self._files:
            there = [replace(segment) for segment in self._segments if segment.last > after]
        for segment in there:
            yield from entries(segment, after)

    def _remember(self, state: State) -> None:
        try:
            save(self._folder, state)
        except OSError as error:
            raise _error(self._folder, error) from error
        self._state = state

    def _write_all(self) -> None:
        """Write what waits, until closed: the one thread that writes."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                if not self._waiting:
                    return
                group, self._waiting, self._queued = self._waiting, [], 0
            with self._files:
                self._write(group)

    def _write(self, group: list[tuple[bytes, bytes, Ticket]]) -> None:
        sequences = range(self._next, self._next + len(group))
        self._next += len(group)
        frames = [encode(Entry(sequence, meta, body)) for sequence, (meta, body, _ticket) in zip(sequences, group, strict=True)]
        try:
            self._put(b"".join(frames), sequences)
        except OSError as error:
            failed = _error(self._folder, error)
            for _meta, _body, ticket in group:
                ticket.set_exception(failed)
            return
        for sequence, (_meta, _body, ticket) in zip(sequences, group, strict=True):
            ticket.set_result(sequence)

    def _put(self, content: bytes, sequences: range) -> None:
        """Write and wait for the disk. Where that fails nothing of it stays: the segment ends where it ended before."""
        free = os.statvfs(self._folder)
        if free.f_bavail * free.f_frsize < self._limits.free + len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self._handle < 0 or self._segments[-1].size >= self._limits.segment:
            self._begin(sequences[0])
        segment = self._segments[-1]
        try:
            at = 0
            while at < len(content):
                at += os.pwrite(self._handle, memoryview(content)[at:], segment.size + at)
            os.fdatasync(self._handle)
        except OSError:
            self._withdraw(segment)
            raise
        segment.last, segment.size = sequences[-1], segment.size + len(content)

    def _withdraw(self, segment: Segment) -> None:
        """Cut off what was not written wholly. After a failed wait for the disk its pages cannot be trusted: no more goes into it."""
        try:
            os.ftruncate(self._handle, segment.size)
            os.fsync(self._handle)
        except OSError:
            os.close(self._handle)
            self._handle = -1

    def _begin(self, first: int) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
        segment = create(self._folder, first)
        self._handle = os.open(segment.path, os.O_WRONLY)
        self._segments = [*(held for held in self._segments if held.path != segment.path), segment]


def _upto(found: Iterator[Entry], most: int) -> Iterator[Entry]:
    """Yield entries of so many bytes, but at least one."""
    size = 0
    for entry in found:
        size += len(entry.meta) + len(entry.body)
        yield entry
        if size >= most:
            return


def _locked(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        message = f"{path.parent}: another process has this write-ahead log open: stop it first, or name another folder"
        raise OutputError(message) from error
    return handle


def _error(folder: Path, error: OSError) -> OutputError:
    if is_full(error):
        return NoRoom(f"{folder}: cannot be written: {error.strerror}: make room; what was not acknowledged is to be sent again")
    return OutputError(f"{folder}: cannot be written: {error.strerror}: what was not acknowledged is to be sent again")
