"""Keep rule packs that a person added, so that each hunt uses them: copies below the user's data folder."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from bartizan.errors import OutputError, RulesError

__all__ = ["add", "added", "library_folder", "remove"]

_RULE_FILES: Final = (".yml", ".yaml")
_NOTICES: Final = ("license", "licence", "copying", "notice")
"""A pack's terms travel with it."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def library_folder() -> Path:
    """Return where added packs are kept: ``$XDG_DATA_HOME/bartizan/packs``, by default below ``~/.local/share``."""
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    if not data.is_absolute():
        try:
            data = Path.home() / ".local" / "share"
        except RuntimeError as error:
            message = "there is no home folder to keep packs in: set XDG_DATA_HOME to a folder"
            raise OutputError(message) from error
    return data / "bartizan" / "packs"


def added() -> tuple[Path, ...]:
    """Return the packs that were added, by name; none where there is nowhere to keep them."""
    try:
        return tuple(sorted(path for path in library_folder().iterdir() if not path.name.startswith(".")))
    except (OSError, OutputError):
        return ()


def add(pack: Path, name: str = "") -> Path:
    """Copy a pack (a rule file, a folder such as a git checkout, or a zip file) into the library; one of that name is replaced."""
    if not pack.exists():
        message = f"{pack}: there is no such file or folder; name a rule file, a folder of rules or a zip file"
        raise RulesError(message)
    known = name or _name_of(pack.resolve())
    if not _NAME.fullmatch(known):
        message = f"'{known}' cannot be a pack's name: use letters, digits, '.', '_' and '-', and begin with a letter or digit (--name)"
        raise RulesError(message)
    place = library_folder() / f"{known}{pack.suffix.lower() if pack.is_file() else ''}"
    draft = place.with_name(f".{place.name}.draft")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _clear(draft)
        _copy(pack, draft)
        for old in added():
            if _name_of(old) == known:
                _clear(old)
        draft.rename(place)
    except OSError as error:
        with suppress(OSError):
            _clear(draft)
        message = f"{place}: cannot be written: {error.strerror or error}"
        raise OutputError(message) from error
    return place


def remove(name: str) -> Path:
    """Take a pack out of the library."""
    found = next((path for path in added() if name in {path.name, _name_of(path)}), None)
    if found is None:
        there = ", ".join(_name_of(path) for path in added()) or "none"
        message = f"no pack is called '{name}'; added are: {there}"
        raise RulesError(message)
    try:
        _clear(found)
    except OSError as error:
        message = f"{found}: cannot be removed: {error.strerror or error}"
        raise OutputError(message) from error
    return found


def _name_of(pack: Path) -> str:
    return pack.stem if pack.is_file() else pack.name


def _copy(pack: Path, place: Path) -> None:
    if pack.is_file():
        shutil.copyfile(pack, place)
        return
    place.mkdir()
    for file in sorted(pack.rglob("*")):
        inside = file.relative_to(pack)
        wanted = file.suffix.lower() in _RULE_FILES or file.stem.lower() in _NOTICES
        if wanted and file.is_file() and not file.is_symlink() and not any(part.startswith(".") for part in inside.parts[:-1]):
            target = place / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def _clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
