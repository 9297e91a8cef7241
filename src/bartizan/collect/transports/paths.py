"""Turn what a user named into files, always in the same order, and say what was passed over."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from glob import glob, has_magic
from typing import TYPE_CHECKING, Final

from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["STDIN", "Found", "Passed", "find", "shown"]

STDIN: Final = "-"

_KINDS: Final = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """Something to read. ``path`` opens it, ``name`` is for people; a ``stream`` (pipe, standard input) has no size and no end to seek."""

    path: str
    name: str
    size: int = 0
    modified: float = 0.0
    stream: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """Something that is not read, and why; ``lost`` where it may hold records that the user wanted."""

    name: str
    why: str
    lost: bool = False


def shown(path: str) -> str:
    r"""Return a path as text that any file can hold: what is not UTF-8 or not printable becomes ``\x..``."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def find(paths: Sequence[str], *, results: str | None = None) -> Iterator[Found | Passed]:
    """Yield what is behind the paths: files, folders, globs, ``-``. InputError, before anything, if one names nothing.

    ``results`` is a folder that is written to meanwhile: it is passed over.
    """
    named = [name for path in paths for name in _named(path)]
    return _Finder(results).find(named)


def _named(path: str) -> list[str]:
    if path == STDIN or os.path.lexists(path):
        return [path]
    if has_magic(path):
        if found := sorted(glob(path, recursive=True), key=os.fsencode):  # noqa: PTH207 - Path.glob cannot take an absolute pattern
            return found
        message = f"{shown(path)}: no file matches this pattern"
        raise InputError(message)
    message = f"{shown(path)}: no such file or folder"
    raise InputError(message)


class _Finder:
    """Walks folders without recursion, and remembers what it has seen so that links cannot make it read twice."""

    def __init__(self, results: str | None) -> None:
        self._seen: dict[tuple[int, int], str] = {}
        about = None if results is None else os.stat(results)  # noqa: PTH116 - undecodable names stay str here
        self._results = None if about is None else (about.st_dev, about.st_ino)

    def find(self, named: Sequence[str]) -> Iterator[Found | Passed]:
        for path in named:
            if path == STDIN:
                yield Found(STDIN, STDIN, stream=True)
                continue
            waiting = [path]
            while waiting:
                inside: list[str] = []
                yield from self._look(waiting.pop(), inside, named=not inside and path)
                waiting += reversed(inside)

    def _look(self, path: str, inside: list[str], *, named: str | bool) -> Iterator[Found | Passed]:
        name = shown(path)
        try:
            about = os.stat(path)  # noqa: PTH116 - undecodable names stay str here
        except OSError as error:
            yield Passed(name, _why(path, error), lost=True)
            return
        if not (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)):
            if stat.S_ISFIFO(about.st_mode) and path == named:
                yield Found(path, name, modified=about.st_mtime, stream=True)
                return
            kind = next((kind for test, kind in _KINDS if test(about.st_mode)), "no file")
            yield Passed(name, f"{kind}: passed over")
            return
        if (about.st_dev, about.st_ino) == self._results:
            yield Passed(name, "the results are written here: passed over")
            return
        before = self._seen.setdefault((about.st_dev, about.st_ino), name)
        if before is not name:
            yield Passed(name, f"the same as {before}: read once")
        elif stat.S_ISREG(about.st_mode):
            yield Found(path, name, about.st_size, about.st_mtime)
        else:
            yield from _list(path, name, inside)


def _list(path: str, name: str, inside: list[str]) -> Iterator[Passed]:
    try:
        entries = sorted(os.listdir(path), key=os.fsencode)  # noqa: PTH208 - undecodable names stay str here
    except OSError as error:
        yield Passed(name, _why(path, error), lost=True)
        return
    for entry in entries:
        full = os.path.join(path, entry)  # noqa: PTH118 - undecodable names stay str here
        if entry.startswith("."):
            yield Passed(shown(full), "hidden: passed over; name it to have it read")
        else:
            inside.append(full)


def _why(path: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and os.path.islink(path):  # noqa: PTH114 - undecodable names stay str here
        return "a link to nothing"
    return f"cannot be opened: {error.strerror or error}"
