"""Move files of old days to the place for them, and bring single ones back when somebody reads them.

A file has the same name here and there. It is copied, the copy is read and compared, the table of files elsewhere gets it, and
only then the table here loses it; while it is in both it counts as here. So a process that dies on the way loses nothing and
doubles nothing, and the next run goes on. The table of files elsewhere is a Delta table too, kept here and copied beside its files:
whoever may read the place reads it as a table of Delta Lake.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from bartizan.errors import UsageError
from bartizan.lake.delta.holding import held_by, holds
from bartizan.lake.delta.ledger import Item
from bartizan.lake.delta.making import adding_of
from bartizan.lake.facts import said_of
from bartizan.lake.layout import COLD
from bartizan.lake.trouble import trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bartizan.lake.cold import ColdStore
    from bartizan.lake.contract import DataFile
    from bartizan.lake.delta.stores import Stores
    from bartizan.lake.needs import Said

__all__ = ["bring_back", "digests", "forget_away", "move_away", "said_by", "thaw", "tidy_away"]

TIERED: Final = "tiered"
"""What the ledger calls it when a file is moved."""


def move_away(stores: Stores, table: str, days: int) -> int:
    """Move the files of a table that are of days before the last ``days`` and under no legal hold; return how many."""
    store = stores.store
    if store is None:
        message = f"{stores.root}: has no place for old files: name one with `bartizan lake cold`"
        raise UsageError(message)
    oldest = (datetime.fromtimestamp(stores.now() / 1e9, UTC) - timedelta(days=days)).strftime("%Y%m%d")
    there = holds(stores)
    told = digests(stores)  # a batch that was cut off is not told of yet: its files stay until it was appended again
    old = [file for file in stores.table(table).files()[1] if file.day < oldest and stores.relative(file.path) in told]
    files = [file for file in old if not held_by(there, table, file)]
    if files:
        cold = stores.cold(table)
        known = {stores.relative(file.path) for file in cold.files()[1]}
        new = [file for file in files if stores.relative(file.path) not in known]
        for file in new:
            store.put(Path(file.path), stores.relative(file.path))
        cold.widen(stores.table(table).whole_schema())
        if new:
            cold.commit([replace(adding_of(stores, table, file), first=file.first, last=file.last) for file in new])
        items = [_item(stores, table, file, store) for file in files]
        stores.ledger.add(items, now=stores.now(), day=stores.today())
        stores.table(table).commit([], [adding_of(stores, table, file) for file in files])
    _copy_log(stores, table, store)
    return len(files)


def bring_back(stores: Stores, files: Iterable[DataFile]) -> None:
    """See that files can be read here: those that are elsewhere and not at hand are fetched, each compared with the ledger.

    UsageError where they are more than is kept at hand.
    """
    away = [file for file in files if stores.is_away(file)]
    if not away:
        return
    store = _store(stores)
    size = sum(file.bytes for file in away)
    if size > store.place.cache_bytes:
        message = (
            f"{len(away)} files with {size / 1e9:,.1f} GB would have to be fetched from {store.place.url}, and"
            f" {store.place.cache_bytes / 1e9:,.1f} GB are kept at hand: ask for less time"
        )
        raise UsageError(message)
    missing = [file for file in away if not _at_hand(file)]
    if missing:
        _make_room(stores, store, away)
        told = digests(stores)
        for file in missing:
            name = stores.relative(file.path)
            store.fetch(name, Path(file.path), told.get(name, ""))


def said_by(stores: Stores, file: DataFile) -> Said:
    """Return what a file says of its columns; of one that is elsewhere only its end is read."""
    if not stores.is_away(file) or Path(file.path).exists():
        return said_of(Path(file.path))
    return _store(stores).said(stores.relative(file.path))


def thaw(stores: Stores, table: str, files: Sequence[DataFile]) -> list[DataFile]:
    """Make files that are elsewhere files of the table here again, as they are; return all as they are now."""
    away = [file for file in files if stores.is_away(file)]
    bring_back(stores, away)
    back = []
    for file in away:
        place = stores.root / stores.relative(file.path)
        with trouble(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.exists():
                os.link(file.path, place)
        back.append(replace(file, path=str(place)))
    if away:
        log = stores.table(table)
        known = {file.path for file in log.files()[1]}
        new = [file for file in back if file.path not in known]
        log.commit([replace(adding_of(stores, table, file), first=file.first, last=file.last) for file in new])
        stores.cold(table).commit([], [adding_of(stores, table, file) for file in away])
    return [*(file for file in files if not stores.is_away(file)), *back]


def tidy_away(stores: Stores, grace: float) -> int:
    """Delete what is elsewhere and in no table for so many seconds, and what was at hand as long unread; return how many files."""
    store = stores.store
    if store is None:
        return 0
    removed = stores.ledger.rows().filter(pl.col("kind") == "removal")
    since = dict(zip(removed["path"], removed["at"], strict=True))
    kept, deleted, limit = stores.files(), 0, stores.now() / 1e9 - grace
    cold = {stores.relative(file.path) for name in stores.names() for file in stores.cold(name).files()[1]}
    for name in stores.names():
        _copy_log(stores, name, store)
    for name, written in store.names("ext").items():
        if "/_delta_log/" in name or name in cold:
            continue
        old = since[name] / 1e3 <= limit if name in since else written <= datetime.now(UTC).timestamp() - grace
        if old:
            store.delete(name)
            deleted += 1
    for path in (stores.root / COLD).rglob("*.parquet"):
        if "_delta_log" not in path.parts and (
            stores.relative(path) not in kept or path.stat().st_mtime <= datetime.now(UTC).timestamp() - grace
        ):
            path.unlink(missing_ok=True)
    return deleted


def forget_away(stores: Stores) -> None:
    """Delete at once what is elsewhere, or was brought back from there, and is in no table of files elsewhere any more."""
    store = stores.store
    if store is None:
        return
    for table in stores.names():
        _copy_log(stores, table, store)
    cold = {stores.relative(file.path) for table in stores.names() for file in stores.cold(table).files()[1]}
    for name in store.names("ext"):
        if "/_delta_log/" not in name and name not in cold:
            store.delete(name)
    for path in (stores.root / COLD).rglob("*.parquet"):
        if "_delta_log" not in path.parts and stores.relative(path) not in cold:
            path.unlink(missing_ok=True)


def _store(stores: Stores) -> ColdStore:
    if stores.store is None:
        message = f"{stores.root}: files of it are elsewhere, and it does not say where: name the place with `bartizan lake cold`"
        raise UsageError(message)
    return stores.store


def _item(stores: Stores, table: str, file: DataFile, store: ColdStore) -> Item:
    return Item(kind=TIERED, table=table, path=stores.relative(file.path), bytes=file.bytes, rows=file.rows, detail=store.place.url)


def _at_hand(file: DataFile) -> bool:
    """Say whether a file was fetched before; if so, it was used now."""
    try:
        os.utime(file.path)
    except OSError:
        return False
    return True


def _make_room(stores: Stores, store: ColdStore, wanted: Sequence[DataFile]) -> None:
    """Delete what was at hand longest unread, until what is wanted has room."""
    paths = {Path(file.path) for file in wanted}
    there = sorted((path for path in (stores.root / COLD / "ext").rglob("*.parquet") if "_delta_log" not in path.parts), key=_used)
    held = sum(file.bytes for file in wanted) + sum(path.stat().st_size for path in there if path not in paths)
    for path in there:
        if held <= store.place.cache_bytes:
            return
        if path not in paths:
            held -= path.stat().st_size
            path.unlink(missing_ok=True)


def _used(path: Path) -> float:
    return path.stat().st_mtime


def digests(stores: Stores) -> dict[str, str]:
    """Return the SHA-256 of every file, as the ledger has it, by name."""
    rows = stores.ledger.rows().filter(pl.col("kind") == "file")
    return dict(zip(rows["path"], rows["sha256"], strict=True))


def _copy_log(stores: Stores, table: str, store: ColdStore) -> None:
    """Copy what is new in the log of files elsewhere beside them, in its order; the name of the newest checkpoint last."""
    folder = stores.cold(table).folder / "_delta_log"
    if not folder.is_dir():
        return
    there = store.names(stores.relative(folder))
    for path in sorted(folder.iterdir(), key=lambda path: (path.name.startswith("_"), path.name)):
        if path.is_file() and not path.name.startswith(".") and (path.name.startswith("_") or stores.relative(path) not in there):
            store.put(path, stores.relative(path))
