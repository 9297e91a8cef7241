"""Put a batch into a lake, once: files first, then the index, then the tables, and the ledger last.

Whatever moment the process dies at, appending the same batch again completes it: a table that has it already refuses the
transaction of that name, and the ledger's entry, written last, says that all is done.
"""

from __future__ import annotations

import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import file_digest, sha256
from typing import TYPE_CHECKING, Final

import polars as pl

from bartizan.errors import UsageError
from bartizan.lake.contract import Account, Commit, Written
from bartizan.lake.declared import FINDINGS, UNPARSED
from bartizan.lake.delta.encoding import encode_records
from bartizan.lake.delta.index import add_entries, entries_of
from bartizan.lake.delta.ledger import Item
from bartizan.lake.delta.log import Adding
from bartizan.lake.layout import partition_of
from bartizan.lake.parquet import Form, ParquetLake

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bartizan.lake.contract import Batch
    from bartizan.lake.delta.stores import Stores

__all__ = ["Made", "append", "digest_of", "made_of"]

_KEY: Final = 16


@dataclass(slots=True)
class Made:
    """A file that was written and its entries for the index."""

    written: Written
    adding: Adding
    entries: pl.DataFrame
    sha256: str


@dataclass(slots=True)
class _Making:
    """Takes note of every file that the writer finishes."""

    stores: Stores
    files: list[Made] = field(default_factory=list)

    def tell(self, rows: pl.DataFrame, written: Written) -> None:
        self.files.append(made_of(self.stores, rows, written))

    def discard(self, table: str | None = None) -> None:
        """Delete files that did not come into their table."""
        for made in self.files:
            if table in {None, made.written.table}:
                with suppress(OSError):
                    made.written.path.unlink(missing_ok=True)


def append(stores: Stores, batches: Iterable[Batch], name: tuple[str, str], accounts: Sequence[Account]) -> Commit:
    """Put records in once for each ``name``, the source and its batch id."""
    source, batch_id = name
    key = sha256(f"{source}\0{batch_id}".encode("utf-8", "surrogatepass")).hexdigest()[: 2 * _KEY]
    if stores.ledger.log.made(key):
        return Commit(source=source, batch_id=batch_id, new=False, rows=0)
    making = _Making(stores)
    writer = ParquetLake(
        stores.root, stores.declared, part=f"{key}-{uuid.uuid4().hex[:8]}", form=Form(encode_records, making.tell, stores.mark)
    )
    try:
        for batch in batches:
            writer.add(batch.table, batch.frame, raw=batch.raw)
        written = writer.close()
        settled = _settled(accounts, written, source)
        add_entries(stores.index, (made.entries for made in making.files))
    except BaseException:
        making.discard()
        raise
    made = [file for table in sorted({item.table for item in written}) for file in _commit(stores, making, table, key)]
    items = [
        Item(kind="batch", source=source, batch_id=batch_id, rows=sum(file.written.rows for file in made)),
        *(_account_item(account, batch_id) for account in settled),
        *(_file_item(stores, file, name) for file in made),
    ]
    if not stores.ledger.add(items, now=stores.now(), day=stores.today(), transaction=key):
        return Commit(source=source, batch_id=batch_id, new=False, rows=0)
    files = tuple(file.written for file in made)
    return Commit(
        source=source, batch_id=batch_id, new=True, rows=sum(file.rows for file in files), files=files, misfits=tuple(writer.misfits())
    )


def made_of(stores: Stores, rows: pl.DataFrame, written: Written) -> Made:
    """Describe a file that was just written."""
    folder = stores.table(written.table).folder
    adding = Adding(
        path=str(written.path.relative_to(folder)),
        bytes=written.path.stat().st_size,
        rows=written.rows,
        first=_bound(rows["time"].min()),
        last=_bound(rows["time"].max()),
        partition=partition_of(written.path),
    )
    return Made(written, adding, entries_of(rows, written.table, stores.relative(written.path)), digest_of(written.path))


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _commit(stores: Stores, making: _Making, table: str, key: str) -> list[Made]:
    """Add the files of a table; where an earlier attempt did, return its files instead."""
    log = stores.table(table)
    ours = [made for made in making.files if made.written.table == table]
    stores.widen(table)
    if log.commit([made.adding for made in ours], transaction=key):
        return ours
    making.discard(table)
    return [_theirs(stores, table, path) for path in (file.path for file in log.files()[1]) if f"part-{key}-" in path]


def _theirs(stores: Stores, table: str, path: str) -> Made:
    from pathlib import Path  # noqa: PLC0415 - needed only after a crash

    rows = pl.read_parquet(path, columns=["time", "observables"], hive_partitioning=False)
    return made_of(stores, rows, Written(Path(path), table, rows.height))


def _settled(accounts: Sequence[Account], written: Sequence[Written], source: str) -> list[Account]:
    """Return what became of what was read. It must be what is in the files: a balance that does not close is refused."""
    rows: Counter[bool] = Counter()
    for item in written:
        if item.table != FINDINGS:
            rows[item.table == UNPARSED] += item.rows
    if not accounts:
        return [Account(source=source, read=rows.total(), stored=rows[False], unparsed=rows[True])]
    for account in accounts:
        if account.read != account.stored + account.unparsed + account.duplicate:
            message = f"{account.source}: {account.read} records read are not {account.stored} + {account.unparsed} + {account.duplicate}"
            raise UsageError(message)
    told = sum(account.stored for account in accounts), sum(account.unparsed for account in accounts)
    if told != (rows[False], rows[True]):
        message = f"{source}: {told[0]} records stored and {told[1]} unparsed were said, {rows[False]} and {rows[True]} are in the batch"
        raise UsageError(message)
    return list(accounts)


def _account_item(account: Account, batch_id: str) -> Item:
    return Item(
        kind="account",
        source=account.source,
        batch_id=batch_id,
        read=account.read,
        stored=account.stored,
        unparsed=account.unparsed,
        duplicate=account.duplicate,
        receipt=account.receipt,
    )


def _file_item(stores: Stores, made: Made, name: tuple[str, str]) -> Item:
    written = made.written
    return Item(
        kind="file",
        source=name[0],
        batch_id=name[1],
        table=written.table,
        path=stores.relative(written.path),
        sha256=made.sha256,
        bytes=made.adding.bytes,
        rows=written.rows,
    )


def _bound(value: object) -> int:
    return value if isinstance(value, int) else 0
