"""Open a lake that is kept: make it where there is none, say which extra it needs where that is missing."""

from __future__ import annotations

import importlib.util
import json
import time
from typing import TYPE_CHECKING, Final

from bartizan.errors import InputError, MissingExtra, OutputError
from bartizan.lake.durable import replace
from bartizan.lake.layout import LAKE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bartizan.lake.contract import Declared
    from bartizan.lake.delta.lake import DeltaLake

__all__ = ["is_lake", "make_lake", "open_lake"]

FORMAT: Final = 1
_NEEDED: Final = ("deltalake", "duckdb", "pyarrow")


def is_lake(root: Path) -> bool:
    """Say whether a folder is a lake."""
    return (root / LAKE).is_file()


def make_lake(root: Path, tables: Mapping[str, Declared], *, now: Callable[[], int] = time.time_ns) -> DeltaLake:
    """Open the lake in a folder to append to it; where there is none, make one. ``tables`` as ``declared.declare`` gives them."""
    check_extra()
    try:
        root.mkdir(parents=True, exist_ok=True)
        if not is_lake(root):
            replace(root / LAKE, json.dumps({"format": FORMAT}).encode())
    except OSError as error:
        message = f"{root}: cannot be made a lake: {error.strerror}: name a folder that you may write to"
        raise OutputError(message) from error
    return open_lake(root, tables, now=now)


def open_lake(root: Path, tables: Mapping[str, Declared] | None = None, *, now: Callable[[], int] = time.time_ns) -> DeltaLake:
    """Open a lake that is there; without ``tables`` to read it only. Raises InputError where there is none, MissingExtra."""
    check_extra()
    from bartizan.lake.delta.lake import DeltaLake  # noqa: PLC0415 - needs the extra

    if not is_lake(root):
        message = f"{root}: is no lake: `bartizan lake init {root}` makes one, `bartizan lake import` puts what a hunt kept into it"
        raise InputError(message)
    found = json.loads((root / LAKE).read_bytes()).get("format")
    if found != FORMAT:
        message = f"{root / LAKE}: format {found} is not one that this version reads ({FORMAT}): use the version that wrote it"
        raise InputError(message)
    return DeltaLake(root, tables or {}, now)


def check_extra() -> None:
    """Raise MissingExtra where what a lake needs is not installed."""
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        feature = "a lake that is kept"
        raise MissingExtra(feature, "lake")
