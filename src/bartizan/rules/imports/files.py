"""Find the files of an import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["files_of"]


def files_of(path: Path, suffixes: Sequence[str]) -> list[tuple[Path, str]]:
    """Return a file, or every file of a folder with one of the suffixes, each with what it is called; InputError where there is none."""
    if path.is_file():
        return [(path, path.name)]
    if not path.is_dir():
        message = f"{path}: there is no such file or folder"
        raise InputError(message)
    found = sorted(file for file in path.rglob("*") if file.suffix.lower() in suffixes and file.is_file())
    if not found:
        message = f"{path}: holds no {' or '.join(suffixes)} file"
        raise InputError(message)
    return [(file, str(file.relative_to(path))) for file in found]
