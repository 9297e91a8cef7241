"""Take in a folder that a hunt kept, or that was exported from another lake."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import polars as pl

from bartizan.errors import InputError
from bartizan.lake.contract import Account, Commit
from bartizan.lake.delta.appending import Sheet, append_frames
from bartizan.lake.delta.making import digest_of
from bartizan.lake.delta.upkeep import EXPIRED
from bartizan.lake.exporting import MANIFEST
from bartizan.lake.facts import said_of
from bartizan.lake.layout import LAKE
from bartizan.lake.trouble import trouble

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bartizan.lake.delta.stores import Stores

__all__ = ["take_in"]

_SOURCE: Final = "import"
_OF: Final = "of "
"""What the ledger says of an imported file before the digest of the one that it was made of."""


def take_in(stores: Stores, folder: Path) -> Commit:
    """Put the Parquet files below ``folder/ext`` into their tables, each once, whatever the folder is called.

    A file that is in the lake already, from here or from another export, is passed over; one that went because it was past its
    time comes back. What became of what was read is taken from the hunt's ``balance.json`` where there is one. InputError
    where a file is not what the list of an export says.
    """
    if (folder / LAKE).is_file():
        message = f"{folder}: is a lake: `bartizan lake export {folder} FOLDER` writes what can be imported"
        raise InputError(message)
    paths = [path for path in sorted((folder / "ext").rglob("*.parquet")) if "_delta_log" not in path.parts]
    if not paths:
        message = f"{folder}: holds no records: name a folder that `bartizan hunt --out` or `bartizan lake export` wrote"
        raise InputError(message)
    with trouble(folder):
        found = {path: digest_of(path) for path in paths}
        _check(folder, found)
        known, gone = _known(stores)
        new = {path: digest for path, digest in found.items() if digest not in known}
        # What comes back after it went is another batch than the one that it came with first.
        before = sorted(name for digest in new.values() for name in gone.get(digest, ()))
        batch_id = sha256("".join([*sorted(new.values() or found.values()), *before]).encode()).hexdigest()
        if not new:
            return Commit(source=_SOURCE, batch_id=batch_id, new=False, rows=0)
        sheets = (
            Sheet(_table(folder, path), pl.read_parquet(path, hive_partitioning=False), said_of(path).vague, f"{_OF}{digest}")
            for path, digest in new.items()
        )
        return append_frames(stores, sheets, (_SOURCE, batch_id), _accounts(folder) if len(new) == len(found) else ())


def _check(folder: Path, found: Mapping[Path, str]) -> None:
    """See that files are those that the list of an export names, if there is one."""
    path = folder / MANIFEST
    if not path.is_file():
        return
    try:
        listed = {folder / one["path"]: one["sha256"] for one in json.loads(path.read_bytes())["files"]}
    except (ValueError, KeyError, TypeError) as error:
        message = f"{path}: is no list of an export ({error!r}): export again"
        raise InputError(message) from error
    for place, digest in listed.items():
        if found.get(place) != digest:
            what = "is missing" if place not in found else "is not as it was exported"
            message = f"{place}: {what}: nothing is imported; export again"
            raise InputError(message)
    if strange := sorted(map(str, found.keys() - listed.keys())):
        message = f"{strange[0]}: is not in {path}: nothing is imported; take it away, or import it by itself"
        raise InputError(message)


def _known(stores: Stores) -> tuple[frozenset[str], Mapping[str, Sequence[str]]]:
    """Return the digests of files that the lake has, and of those that it let go because they were past their time, with their names."""
    rows = stores.ledger.rows()
    expired = set(rows.filter(pl.col("kind") == "removal", pl.col("detail").str.starts_with(EXPIRED))["path"])
    known, gone = set[str](), dict[str, list[str]]()
    for path, digest, detail in rows.filter(pl.col("kind") == "file").select("path", "sha256", "detail").iter_rows():
        for one in (digest, *([detail.removeprefix(_OF)] if detail.startswith(_OF) else [])):
            if path in expired:
                gone.setdefault(one, []).append(path)
            else:
                known.add(one)
    return frozenset(known), gone


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
