"""Find the documents of rule packs: files, folders, git checkouts and zip archives."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import RulesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["PackFile", "files"]

MAX_BYTES: Final = 4 << 20
"""A larger file is no rule: the largest published one has 90 kB, and 4 MiB of YAML take two seconds to read."""
MAX_MEMBERS: Final = 200_000
"""Members of a zip archive that are looked at: fifty times the largest published pack."""
_SUFFIXES: Final = (".yml", ".yaml")


@dataclass(frozen=True, slots=True)
class PackFile:
    """A file of a pack: its path as shown, and its content or, where it cannot be read, why."""

    path: str
    content: bytes
    problem: str = ""


def files(paths: Iterable[str | Path]) -> Iterator[PackFile]:
    """Give every rule file of the packs, once each, in the order of the packs and of the names within.

    Of a folder all ``*.yml`` and ``*.yaml`` are read, at any depth, but nothing in hidden folders (``.git``). A path that
    does not exist, or a pack without a single rule file, is a RulesError: nobody names a pack to get nothing.
    """
    seen: set[str] = set()
    for path in map(Path, paths):
        found = 0
        for file in _pack(path, seen):
            found += 1
            if file is not _SEEN:
                yield file
        if not found:
            message = f"{path}: holds no rule file (*.yml, *.yaml)"
            raise RulesError(message)


_SEEN: Final = PackFile("", b"")


def _pack(path: Path, seen: set[str]) -> Iterator[PackFile]:
    if path.is_dir():
        for name in _walk(str(path)):
            yield _unseen(name, seen)
    elif not path.is_file():
        message = f"{path}: no such rule file or folder"
        raise RulesError(message)
    elif zipfile.is_zipfile(path):
        yield from _members(path)
    else:
        yield _unseen(str(path), seen)


def _walk(folder: str) -> Iterator[str]:
    """List the rule files under a folder by name; links to folders are not followed, so there are no circles."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        message = f"{folder}: cannot be read: {error.strerror}"
        raise RulesError(message) from error
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith("."):
                yield from _walk(entry.path)
        elif entry.name.lower().endswith(_SUFFIXES):
            yield entry.path


def _unseen(path: str, seen: set[str]) -> PackFile:
    """Read a file unless another pack brought it already."""
    absolute = os.path.abspath(path)  # noqa: PTH100 - 4,000 of them: Path costs ten times as much
    if absolute in seen:
        return _SEEN
    seen.add(absolute)
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - as above
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return PackFile(path, b"", f"cannot be read: {error.strerror}")
    return _sized(path, content)


def _sized(path: str, content: bytes) -> PackFile:
    if len(content) > MAX_BYTES:
        return PackFile(path, b"", f"larger than {MAX_BYTES >> 20} MiB: this is no rule")
    return PackFile(path, content)


def _members(path: Path) -> Iterator[PackFile]:
    """Read the rule files of an archive; what it says of their size is not believed."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(name for name in archive.namelist()[:MAX_MEMBERS] if name.lower().endswith(_SUFFIXES))
            for name in names:
                if not any(part.startswith(".") for part in name.split("/")[:-1]):
                    yield _member(archive, name, f"{path}!{name}")
    except (OSError, zipfile.BadZipFile) as error:
        yield PackFile(str(path), b"", f"this archive cannot be read: {error}")


def _member(archive: zipfile.ZipFile, name: str, shown: str) -> PackFile:
    try:
        with archive.open(name) as member:
            return _sized(shown, member.read(MAX_BYTES + 1))
    except Exception as error:  # noqa: BLE001 - zipfile passes on whatever its decompressors raise on damaged members
        return PackFile(shown, b"", f"cannot be read: {error}")
