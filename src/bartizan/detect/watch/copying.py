"""Copy the state of a watch while it runs, so that the copy can be started from: nothing lost of what was acknowledged, nothing twice.

Segments of the journal are held by hard links before the databases are copied, and again after: the copy then has every segment that
the copied places need, and everything up to them. Ids of records are only ever added to: they are copied behind the databases that
count them.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import OutputError, UsageError

if TYPE_CHECKING:
    from bartizan.detect.watch.places import Places

__all__ = ["copy_state"]

_FIRST: Final = ("node", "seed", "files.json")
"""Small files, of which an older one costs duplicates at most."""


def copy_state(places: Places, target: Path) -> list[str]:
    """Copy what a watch keeps in its folder to a new folder, and return what was copied. A database on a server is not copied.

    UsageError where there is no watch or the target is there already, OutputError where it cannot be written.
    """
    if not places.journal.is_dir():
        message = f"{places.root}: there is no state of a watch in this folder"
        raise UsageError(message)
    if target.exists():
        message = f"{target}: there is something already: name a new folder"
        raise UsageError(message)
    try:
        with tempfile.TemporaryDirectory(prefix="copying-", dir=places.root) as held:
            return list(_copied(places, target, Path(held)))
    except (OSError, sqlite3.Error) as error:
        message = f"{target}: the state cannot be copied there: {error}"
        raise OutputError(message) from error


def _copied(places: Places, target: Path, held: Path) -> list[str]:
    told = []
    target.mkdir(parents=True, mode=0o700)
    for name in _FIRST:
        with suppress(FileNotFoundError):
            shutil.copy2(places.root / name, target / name)
            told.append(name)
    _hold(places.journal, held)
    files = [each.file for each in (places, places.storing) if each.file.exists()]
    told += [_database(file, target / file.relative_to(places.root)) for file in files]
    for each in (places, places.storing):
        if each.seen.is_dir():
            folder = each.seen.relative_to(places.root)
            shutil.copytree(each.seen, target / folder)
            told.append(str(folder))
    _hold(places.journal, held)
    (target / "journal").mkdir()
    for segment in sorted(held.iterdir()):
        shutil.copy2(segment, target / "journal" / segment.name)
    return [*told, f"{len(list(held.iterdir()))} segments of the journal"]


def _hold(journal: Path, held: Path) -> None:
    """Keep segments from going away, by another name."""
    for segment in sorted(journal.glob("*.wal")):
        with suppress(FileExistsError, FileNotFoundError):
            os.link(segment, held / segment.name)


def _database(path: Path, target: Path) -> str:
    target.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path, timeout=30.0)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return f"{path.parent.name}/{path.name}"
