"""Put a batch into a lake, once: files first, then the index, then the tables, and the ledger last.

Whatever moment the process dies at, appending the same batch again completes it: a table that has it already refuses the
transaction of that name, and the ledger's entry, written last, says that all is done.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bartizan.errors import BartizanError, UsageError
from bartizan.lake.contract import Account, Commit
from bartizan.lake.declared import UNPARSED
from bartizan.lake.delta.encoding import encode_records
from bartizan.lake.delta.index import add_entries
from bartizan.lake.delta.ledger import Item
from bartizan.lake.delta.making import Making, file_item
from bartizan.lake.parquet import Form, ParquetLake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import polars as pl

    from bartizan.lake.contract import Batch, Misfit
    from bartizan.lake.delta.making import Made
    from bartizan.lake.delta.stores import Stores

__all__ = ["Sheet", "append", "append_frames"]

_KEY: Final = 32


class Sheet(NamedTuple):
    """Rows of a table; ``vague``: columns in which null does not mean absent, None where nobody knows.

    ``origin`` is written down with the files that they become: of which file they are, if of any.
    """

    table: str
    rows: pl.DataFrame
    vague: frozenset[str] | None = None
    origin: str = ""


def append(stores: Stores, batches: Iterable[Batch], name: tuple[str, str], accounts: Sequence[Account]) -> Commit:
    """Put records in once for each ``name``, the source and its batch id."""

    def write(making: Making) -> Sequence[Misfit]:
        form = Form(encode_records, making.tell, stores.mark)
        writer = ParquetLake(stores.root, stores.declared, part=making.part, form=form)
        for batch in batches:
            writer.add(batch.table, batch.frame, raw=batch.raw)
        writer.close()
        return writer.misfits()

    return _append(stores, write, name, accounts)


def append_frames(stores: Stores, sheets: Iterable[Sheet], name: tuple[str, str], accounts: Sequence[Account] = ()) -> Commit:
    """Put rows that are nested columns already into their tables, as ``append`` does records."""

    def write(making: Making) -> Sequence[Misfit]:
        for sheet in sheets:
            making.write(sheet.table, sheet.rows, sheet.vague, sheet.origin)
        return ()

    return _append(stores, write, name, accounts)


def _append(stores: Stores, write: Callable[[Making], Sequence[Misfit]], name: tuple[str, str], accounts: Sequence[Account]) -> Commit:
    source, batch_id = name
    key = sha256(f"{source}\0{batch_id}".encode("utf-8", "surrogatepass")).hexdigest()[:_KEY]
    if stores.ledger.log.made(key):
        return Commit(source=source, batch_id=batch_id, new=False, rows=0)
    making = Making.of(stores, key)
    try:
        misfits = write(making)
        settled = _settled(accounts, making.files, source)
        add_entries(stores.index, (made.entries for made in making.files))
    except BaseException:
        making.discard()
        raise
    made = [file for table in sorted({file.written.table for file in making.files}) for file in _commit(stores, making, table, key)]
    items = [
        Item(kind="batch", source=source, batch_id=batch_id, rows=sum(file.written.rows for file in made)),
        *(_account_item(account, batch_id) for account in settled),
        *(file_item(stores, file, name, making.origins.get(file.written.path, "")) for file in made),
    ]
    if not stores.ledger.add(items, now=stores.now(), day=stores.today(), transaction=key):
        return Commit(source=source, batch_id=batch_id, new=False, rows=0)
    files = tuple(sorted((file.written for file in made), key=lambda written: written.path))
    rows = sum(file.rows for file in files)
    return Commit(source=source, batch_id=batch_id, new=True, rows=rows, files=files, misfits=tuple(misfits))


def _commit(stores: Stores, making: Making, table: str, key: str) -> list[Made]:
    """Add the files of a table; where an earlier attempt did, return its files instead."""
    log = stores.table(table)
    ours = [made for made in making.files if made.written.table == table]
    try:
        stores.widen(table, making.schemas[table])
        added = log.commit([made.adding for made in ours], transaction=key)
    except BaseException:
        with suppress(BartizanError):  # where it cannot be told whether the table has them the files stay: maintenance finds them
            if not log.made(key):
                making.discard(table)
        raise
    if added:
        return ours
    making.discard(table)
    return [making.there(table, Path(file.path)) for file in log.files()[1] if f"/part-{key}-" in file.path]


def _settled(accounts: Sequence[Account], files: Sequence[Made], source: str) -> list[Account]:
    """Return what became of what was read. It must be what is in the files: a balance that does not close is refused."""
    rows: Counter[bool] = Counter()
    for made in files:
        rows[made.written.table == UNPARSED] += made.records
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
