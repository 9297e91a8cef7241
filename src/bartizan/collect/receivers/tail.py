"""Follow files that grow: from where they were left, over rotation by renaming and by truncating, line by whole line.

A file is known by its device and inode, not by its name. What is behind the last newline waits for its end. Where a
file was left is told by ``state`` once its lines are safe; lines between that and a crash are read again and are then duplicates.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Left", "Lines", "Tail"]

BLOCK: Final = 4 << 20
"""Bytes read of a file at a time: each has its turn."""
LINE: Final = 1 << 20
"""The longest line that is waited for; of a longer one what is there is taken as a line."""
FILES: Final = 1_000
"""Files that are held open."""


class Left(msgspec.Struct, frozen=True):
    """Where a file was left: which file it was, and bytes from its beginning."""

    device: int
    inode: int
    offset: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines of a file, with their newlines."""

    path: str
    text: bytes


@dataclass(slots=True)
class _Open:
    handle: int
    left: Left


@dataclass(slots=True)
class Tail:
    """The files behind some patterns (globs). ``state``: where each was left, by its path, to be stored and given again."""

    patterns: Sequence[str]
    state: dict[str, Left] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    """Files that cannot be read, and why."""
    _open: dict[str, _Open] = field(default_factory=dict)

    def poll(self) -> Iterator[Lines]:
        """Yield what has come; when the next is asked for, what was yielded before is safe and is not yielded again."""
        for path in self._paths():
            try:
                yield from self._file(path)
                self.problems.pop(path, None)
            except OSError as error:
                self.problems[path] = error.strerror or str(error)
                self._close(path)

    def close(self) -> None:
        """Close all files."""
        for path in list(self._open):
            self._close(path)

    def _paths(self) -> list[str]:
        found = dict.fromkeys(path for pattern in self.patterns for path in sorted(glob(pattern, recursive=True)))  # noqa: PTH207 - patterns are absolute
        there = [path for path in found if Path(path).is_file()]
        there += sorted(self._open.keys() - set(there))
        return there[:FILES]

    def _file(self, path: str) -> Iterator[Lines]:
        held = self._open.get(path)
        now = _identity(path)
        if held is None:
            held = self._opened(path)
            if held is None:
                return
        yield from self._grown(path, held)
        if now is None or now != (held.left.device, held.left.inode):
            # Another file has its name now: what is left of this one has no newline to come.
            yield from self._rest(path, held)
            self._close(path)
            del self.state[path]
            if now is not None and (again := self._opened(path)) is not None:
                yield from self._grown(path, again)

    def _opened(self, path: str) -> _Open | None:
        left = self.state.get(path)
        if left is not None and _identity(path) != (left.device, left.inode):
            moved = _moved(path, left)
            if moved is not None:
                handle = os.open(moved, os.O_RDONLY)
                self._open[path] = _Open(handle, left)
                return self._open[path]
            left = None
        handle = os.open(path, os.O_RDONLY)
        told = os.fstat(handle)
        offset = left.offset if left is not None and left.offset <= told.st_size else 0
        self._open[path] = _Open(handle, Left(told.st_dev, told.st_ino, offset))
        self.state[path] = self._open[path].left
        return self._open[path]

    def _grown(self, path: str, held: _Open) -> Iterator[Lines]:
        size = os.fstat(held.handle).st_size
        if size < held.left.offset:
            self._move(path, held, -held.left.offset)
        while held.left.offset < size:
            text = os.pread(held.handle, BLOCK, held.left.offset)
            end = text.rfind(b"\n") + 1
            if not end and len(text) >= LINE:
                end = len(text)
            if not end:
                return
            yield Lines(path, text[:end])
            self._move(path, held, end)

    def _rest(self, path: str, held: _Open) -> Iterator[Lines]:
        text = os.pread(held.handle, LINE, held.left.offset)
        if text.strip():
            yield Lines(path, text)
            self._move(path, held, len(text))

    def _move(self, path: str, held: _Open, by: int) -> None:
        held.left = msgspec.structs.replace(held.left, offset=held.left.offset + by)
        self.state[path] = held.left

    def _close(self, path: str) -> None:
        held = self._open.pop(path, None)
        if held is not None:
            os.close(held.handle)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        told = Path(path).stat()
    except FileNotFoundError:
        return None
    return told.st_dev, told.st_ino


def _moved(path: str, left: Left) -> str | None:
    """Find, in the same folder, under which name a file goes on that was renamed while nobody looked."""
    with os.scandir(Path(path).parent) as entries:
        found = (entry for entry in entries if entry.is_file(follow_symlinks=False) and entry.inode() == left.inode)
        return next((entry.path for entry in found if entry.stat().st_dev == left.device), None)
