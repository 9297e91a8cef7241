"""Give the functions of HCL the files that they may see: those inside one folder, regular, and not too large."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from bartizan.collect.inventory.declared.values import Unknown
from bartizan.collect.inventory.terraform.hcl.expressions import Expressions
from bartizan.collect.inventory.terraform.hcl.syntax import Broken
from bartizan.collect.inventory.terraform.hcl.templates import template

__all__ = ["Files"]

_MAX_BYTES: Final = 2_000_000
_MAX_NAMES: Final = 5_000


class Files:
    """The files of a folder ``within`` which all must lie; relative paths begin at ``here``."""

    def __init__(self, within: Path, here: Path) -> None:
        """Hold both folders, which are real paths."""
        self.within = within
        self.here = here

    def place(self, path: str) -> Path | Unknown:
        """Return where a path leads, links followed; Unknown where that is outside."""
        try:
            place = (self.here / path).resolve()
        except (OSError, ValueError, RuntimeError):
            return Unknown(f"'{path[:80]}' is no path")
        if not place.is_relative_to(self.within):
            return Unknown(f"'{path[:80]}' lies outside of the folder that is read")
        return place

    def bytes(self, path: str) -> bytes | Unknown:
        """Return what a file holds."""
        place = self.place(path)
        if isinstance(place, Unknown):
            return place
        try:
            if not place.is_file():
                return Unknown(f"there is no file '{path[:80]}'")
            if place.stat().st_size > _MAX_BYTES:
                return Unknown(f"the file '{path[:80]}' is too large")
            return place.read_bytes()
        except OSError as error:
            return Unknown(f"the file '{path[:80]}' cannot be read: {error.strerror}")

    def text(self, path: str) -> str | Unknown:
        """Return the text of a file."""
        held = self.bytes(path)
        if isinstance(held, Unknown):
            return held
        try:
            return held.decode()
        except UnicodeDecodeError:
            return Unknown(f"the file '{path[:80]}' is no text")

    def names(self, path: str, pattern: str) -> Any:  # noqa: ANN401 - a list or unknown
        """Return the files below a folder that match a pattern, sorted."""
        place = self.place(path)
        if isinstance(place, Unknown):
            return place
        if ".." in Path(pattern).parts:
            return Unknown(f"'{pattern[:80]}' leads outside of the folder that is read")
        found: list[str] = []
        for one in place.glob(pattern):
            if len(found) == _MAX_NAMES:
                return Unknown(f"'{pattern[:80]}' matches more than {_MAX_NAMES} files")
            if one.is_file():
                found.append(one.relative_to(place).as_posix())
        return sorted(found)

    def template(self, text: str) -> Any:  # noqa: ANN401 - an expression or unknown
        """Return a text as the expression of a template."""
        try:
            return template(text, 1, Expressions)
        except Broken as broken:
            return Unknown(f"it is no template: line {broken.line}: {broken.why}")
