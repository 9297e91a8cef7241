"""Make facts of what was kept of running estates: each file says of which cloud it is."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Facts
from bartizan.collect.inventory.live.recording import format_of
from bartizan.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_recordings"]

_FORMAT: Final = re.compile(r"bartizan-([a-z]+)-recording/\d+")
_PACKAGE: Final = "bartizan.collect.inventory.estates"


def read_recordings(*places: Path) -> Facts:
    """Make facts of recordings, and of every one in folders: the same as when they were read; those of one cloud are one estate.

    InputError where there is none, or one that nobody knows.
    """
    files = [file for place in places for file in ([place] if place.is_file() else sorted(place.glob("*.ndjson")))]
    if not files:
        message = f"{', '.join(map(str, places))}: there is no recording here: a folder of ACCOUNT.ndjson was expected"
        raise InputError(message)
    modules: dict[str, list[Path]] = {}
    for file in files:
        told = format_of(file)
        known = _FORMAT.fullmatch(told)
        module = f"{_PACKAGE}.{known[1]}" if known else ""
        if not module or find_spec(module) is None:
            message = f"{file}:1: this is no line of a recording: its format is '{told}'"
            raise InputError(message)
        modules.setdefault(module, []).append(file)
    facts = Facts()
    for module, mine in modules.items():
        facts.add(import_module(module).recorded(*mine))
    return facts
