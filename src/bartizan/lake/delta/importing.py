"""Take in a folder that a hunt kept, or that was exported from another lake."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

import polars as pl

from bartizan.errors import InputError
from bartizan.lake.contract import Account
from bartizan.lake.delta.appending import Sheet, append_frames
from bartizan.lake.delta.making import digest_of
from bartizan.lake.facts import said_of
from bartizan.lake.trouble import trouble

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.lake.contract import Commit
    from bartizan.lake.delta.stores import Stores

__all__ = ["take_in"]

_SOURCE = "import"


def take_in(stores: Stores, folder: Path) -> Commit:
    """Put the Parquet files below ``folder/ext`` into their tables, once, whatever the folder is called.

    What became of what was read is taken from the hunt's ``balance.json`` where there is one.
    """
    paths = sorted((folder / "ext").rglob("*.parquet")) if (folder / "ext").is_dir() else []
    if not paths:
        message = f"{folder}: holds no records: name a folder that `bartizan hunt --out` or `bartizan lake export` wrote"
        raise InputError(message)
    with trouble(folder):
        batch_id = sha256("".join(sorted(map(digest_of, paths))).encode()).hexdigest()
        sheets = (Sheet(_table(folder, path), pl.read_parquet(path, hive_partitioning=False), said_of(path).vague) for path in paths)
        return append_frames(stores, sheets, (_SOURCE, batch_id), _accounts(folder))


def _table(folder: Path, path: Path) -> str:
    return path.relative_to(folder / "ext").parts[0]


def _accounts(folder: Path) -> list[Account]:
    path = folder / "balance.json"
    if not path.is_file():
        return []
    counts: dict[str, Counter[str]] = {}
    try:
        files = json.loads(path.read_bytes())["files"]
        for file in files:
            found = counts.setdefault(file["source"] or "unknown", Counter())
            found.update({name: int(file[name]) for name in ("read", "stored", "unparsed", "duplicate")})
    except (ValueError, KeyError, TypeError) as error:
        message = f"{path}: is no balance of a hunt ({error!r}): restore it, or take it out of the folder to import without it"
        raise InputError(message) from error
    return [
        Account(source=source, read=found["read"], stored=found["stored"], unparsed=found["unparsed"], duplicate=found["duplicate"])
        for source, found in sorted(counts.items())
    ]
