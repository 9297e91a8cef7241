"""Keep rule packs that a person added, so that each hunt uses them: copies below the user's data folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from bartizan.errors import OutputError, RulesError

__all__ = ["add", "added", "library_folder", "remove"]

_RULE_FILES: Final = (".yml", ".yaml")
_NOTICES: Final = ("license", "licence", "copying", "notice")
"""A pack's terms travel with it."""


def library_folder() -> Path:
    """Return where added packs are kept: ``$XDG_DATA_HOME/bartizan/packs``, by default below ``~/.local/share``."""
    data = os.environ.get("XDG_DATA_HOME", "")
    return (Path(data) if data else Path.home() / ".local" / "share") / "bartizan" / "packs"


def added() -> tuple[Path, ...]:
    """Return the packs that were added, by name."""
    folder = library_folder()
    return tuple(sorted(path for path in folder.iterdir() if not path.name.startswith("."))) if folder.is_dir() else ()


def add(pack: Path, name: str = "") -> Path:
    """Copy a pack (a rule file, a folder such as a git checkout, or a zip file) into the library; one of that name is replaced."""
    if not pack.exists():
        message = f"{pack}: there is no such file or folder; name a rule file, a folder of rules or a zip file"
        raise RulesError(message)
    suffix = pack.suffix if pack.is_file() else ""
    place = library_folder() / f"{name or pack.resolve().stem}{suffix}"
    draft = place.with_name(f".{place.name}.draft")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _clear(draft)
        _copy(pack, draft)
        _clear(place)
        draft.rename(place)
    except OSError as error:
        _clear(draft)
        message = f"{place}: cannot be written: {error.strerror or error}"
        raise OutputError(message) from error
    return place


def remove(name: str) -> Path:
    """Take a pack out of the library."""
    found = next((path for path in added() if name in {path.name, path.stem}), None)
    if found is None:
        there = ", ".join(path.name for path in added()) or "none"
        message = f"no pack is called '{name}'; added are: {there}"
        raise RulesError(message)
    _clear(found)
    return found


def _copy(pack: Path, place: Path) -> None:
    if pack.is_file():
        shutil.copyfile(pack, place)
        return
    place.mkdir()
    for file in sorted(pack.rglob("*")):
        wanted = file.suffix.lower() in _RULE_FILES or file.stem.lower() in _NOTICES
        if wanted and file.is_file() and not file.is_symlink() and ".git" not in file.parts:
            target = place / file.relative_to(pack)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def _clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
