"""Keep a lake small and fast: many files of a day made into few, what is past its time taken out, what nobody reads deleted.

One process at a time does this in a lake; others go on appending and reading. What is made anew is told to the index and the
ledger before it replaces anything, so that a crash leaves the lake as it was, with files beside it that the next run deletes.
"""

from __future__ import annotations

import fcntl
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from bartizan.errors import OutputError
from bartizan.lake.contract import Report
from bartizan.lake.delta.holding import held_by, holds
from bartizan.lake.delta.index import add_entries
from bartizan.lake.delta.making import Making, adding_of, file_item, removal_item
from bartizan.lake.delta.merging import merge_index, merge_ledger
from bartizan.lake.delta.reading import read_files
from bartizan.lake.delta.reindexing import reindex
from bartizan.lake.delta.tiering import TIERED, move_away, tidy_away
from bartizan.lake.facts import said_of
from bartizan.lake.trouble import trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.lake.contract import DataFile
    from bartizan.lake.delta.stores import Stores
    from bartizan.lake.policy import Policy

__all__ = ["EXPIRED", "alone", "maintain", "replace_files"]

SOURCE: Final = "maintenance"
EXPIRED: Final = "expired: "
"""How the ledger begins to say that a file went because it was past its time."""


@dataclass(slots=True)
class _Done:
    compacted: int = 0
    made: int = 0
    expired: int = 0
    held: int = 0
    moved: int = 0
    unlinked: int = 0
    notes: list[str] = field(default_factory=list)


def maintain(stores: Stores, policy: Policy) -> Report:
    """Do all of it once, and say what was done."""
    done = _Done()
    with alone(stores):
        for table in stores.names():
            _expire(stores, policy, table, done)
            _compact(stores, policy, table, done)
            done.moved += 0 if policy.cold_days is None else move_away(stores, table, policy.cold_days)
        if policy.reindex:
            done.notes.append(f"{reindex(stores)} files put into the index anew")
        merge_index(stores)
        merge_ledger(stores.ledger.log, uuid.uuid4().hex)
        for log in (stores.ledger.log, stores.index, *map(stores.table, stores.names()), *map(stores.cold, stores.names())):
            log.checkpoint()
        _unlink(stores, policy, done)
        done.unlinked += tidy_away(stores, policy.grace)
    return Report(
        compacted=done.compacted,
        made=done.made,
        expired=done.expired,
        held=done.held,
        moved=done.moved,
        unlinked=done.unlinked,
        notes=tuple(done.notes),
    )


@contextmanager
def alone(stores: Stores) -> Iterator[None]:
    """Be the only one who takes files out of the lake. Raises OutputError where another process does."""
    path = stores.root / "_lake" / "maintenance.lock"
    with trouble(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("wb")
    with lock as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            message = f"{stores.root}: another process maintains this lake: wait until it is done"
            raise OutputError(message) from error
        yield


def replace_files(stores: Stores, table: str, old: Sequence[DataFile], rows: pl.DataFrame, why: str) -> int:
    """Put rows in the place of files of a table, in one transaction; return how many files they are now."""
    batch_id = uuid.uuid4().hex
    making = Making.of(stores, batch_id)
    try:
        if rows.height:
            making.write(table, rows, _vague(old))
        add_entries(stores.index, (made.entries for made in making.files))
        told = f"{why}: in place of {', '.join(stores.relative(file.path) for file in old)}"
        items = [file_item(stores, made, (SOURCE, batch_id), told) for made in making.files]
        if items:
            stores.ledger.add(items, now=stores.now(), day=stores.today())
    except BaseException:
        making.discard()
        raise
    for schema in making.schemas.values():
        stores.widen(table, schema)
    stores.table(table).commit([made.adding for made in making.files], [adding_of(stores, table, file) for file in old])
    stores.ledger.add([removal_item(stores, table, file, why) for file in old], now=stores.now(), day=stores.today())
    return len(making.files)


def _vague(old: Sequence[DataFile]) -> frozenset[str] | None:
    """Return the columns in which null does not mean absent when files are joined: of some file, or not in every file."""
    said = [said_of(Path(file.path)) for file in old]
    everywhere = frozenset.intersection(*(one.there for one in said))
    vague: set[str] = set()
    for one in said:
        if one.vague is None:
            return None
        vague |= one.vague | (one.there - everywhere)
    return frozenset(vague)


def _expire(stores: Stores, policy: Policy, table: str, done: _Done) -> None:
    days = policy.tables.get(table, policy.days)
    if days is None:
        return
    oldest = (datetime.fromtimestamp(stores.now() / 1e9, UTC) - timedelta(days=days)).strftime("%Y%m%d")
    there = holds(stores)
    past = [file for file in stores.files_of(table)[1] if file.day < oldest]
    kept = [file for file in past if held_by(there, table, file)]
    gone = [file for file in past if file not in kept]
    done.held += len(kept)
    if gone:
        for log, away in ((stores.table(table), False), (stores.cold(table), True)):
            if leaving := [adding_of(stores, table, file) for file in gone if stores.is_away(file) is away]:
                log.commit([], leaving)
        items = [removal_item(stores, table, file, f"{EXPIRED}{days} days") for file in gone]
        stores.ledger.add(items, now=stores.now(), day=stores.today())
        done.expired += len(gone)


def _compact(stores: Stores, policy: Policy, table: str, done: _Done) -> None:
    there = holds(stores)
    days: dict[str, list[DataFile]] = {}
    for file in stores.table(table).files()[1]:
        if file.rows < policy.compact_rows // 2 and not held_by(there, table, file):
            days.setdefault(file.day, []).append(file)
    for files in days.values():
        for group in _groups(files, policy.compact_rows):
            if len(group) >= policy.compact_files:
                done.made += replace_files(stores, table, group, read_files(stores, table, group), "compacted")
                done.compacted += len(group)


def _groups(files: Sequence[DataFile], most: int) -> Iterator[list[DataFile]]:
    """Cut files into groups of so many rows at most, neighbours in time together."""
    group: list[DataFile] = []
    for file in files:
        if group and sum(one.rows for one in group) + file.rows > most:
            yield group
            group = []
        group.append(file)
    yield group


def _unlink(stores: Stores, policy: Policy, done: _Done) -> None:
    """Delete files that left their tables, and what crashes left, when nobody can still be reading them."""
    removed = stores.ledger.rows().filter(pl.col("kind").is_in(["removal", TIERED]))
    since = dict(zip(removed["path"], removed["at"], strict=True))
    active = {stores.relative(file.path) for table in stores.names() for file in stores.table(table).files()[1]}
    limit = stores.now() / 1e9 - policy.grace
    for path in sorted((stores.root / "ext").rglob("*.parquet")):
        name = stores.relative(path)
        if "_delta_log" in path.parts or name in active:
            continue
        old = since[name] / 1e3 <= limit if name in since else path.stat().st_mtime <= time.time() - policy.grace
        if old:
            path.unlink(missing_ok=True)
            done.unlinked += 1
    for log in (stores.ledger.log, stores.index):
        kept = {Path(file.path) for file in log.files()[1]}
        for path in log.folder.glob("*.parquet"):
            if path not in kept and path.stat().st_mtime <= time.time() - policy.grace:
                path.unlink(missing_ok=True)
                done.unlinked += 1
