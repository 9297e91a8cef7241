"""A lake in a folder: what ``contract.Lake`` promises, by Delta tables, a ledger and an index."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Self

import polars as pl

from bartizan.lake.contract import Account
from bartizan.lake.delta.appending import append
from bartizan.lake.delta.candidates import candidates
from bartizan.lake.delta.changes import changes, versions
from bartizan.lake.delta.checking import faults
from bartizan.lake.delta.erasing import erase
from bartizan.lake.delta.evidence import evidence
from bartizan.lake.delta.holding import hold, holds, release
from bartizan.lake.delta.importing import take_in
from bartizan.lake.delta.index import distinct, look_up
from bartizan.lake.delta.latest import latest
from bartizan.lake.delta.snapshots import Wanted, snapshot
from bartizan.lake.delta.stores import Stores
from bartizan.lake.delta.telling import status
from bartizan.lake.delta.tiering import bring_back, digests
from bartizan.lake.delta.upkeep import maintain
from bartizan.lake.mapping import run, work_of
from bartizan.lake.sql.asking import MEMORY, Asking
from bartizan.lake.sql.names import named_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from bartizan.lake.contract import Answer, Batch, Change, Commit, Declared, Evidence, Fault, Lake, Report, Sighting, Snapshot, Status
    from bartizan.lake.delta.candidates import Candidates
    from bartizan.lake.delta.erasing import Erased
    from bartizan.lake.delta.holding import Hold
    from bartizan.lake.needs import Need
    from bartizan.lake.policy import Policy

__all__ = ["DeltaLake"]

_REMEMBERED = 7


class DeltaLake:
    """Records of years on disk. Close it, or use it in a ``with`` block, to end the process that answers queries."""

    def __init__(self, root: Path, tables: Mapping[str, Declared], now: Callable[[], int], *, memory: int = MEMORY) -> None:
        """Use ``opening.open_lake``. ``now``: what gives the time, nanoseconds UTC. ``memory``: bytes that a user's query may take."""
        self.tables = tables
        self.stores = Stores(root, tables, now)
        self._asking = Asking(memory)

    def append(self, batches: Iterable[Batch], *, source: str, batch_id: str, accounts: Sequence[Account] = ()) -> Commit:
        """Put records in, once for each ``(source, batch_id)``."""
        return append(self.stores, batches, (source, batch_id), accounts)

    def known(self, source: str, receipts: Sequence[str]) -> frozenset[str]:
        """Return which of a sender's receipts the lake has."""
        rows = self.stores.ledger.rows().filter(
            pl.col("kind") == "account", pl.col("source") == source, pl.col("receipt").is_in(list(receipts))
        )
        return frozenset(rows["receipt"])

    def snapshot(
        self,
        tables: Sequence[str] = (),
        *,
        start: int | None = None,
        end: int | None = None,
        having: Sequence[str] = (),
        as_of: int | None = None,
    ) -> Snapshot:
        """Return the files that hold every record asked for; those that are elsewhere are brought back."""
        found = snapshot(self.stores, Wanted(tables=tables, start=start, end=end, having=having, as_of=as_of))
        self.fetch(found)
        return found

    def fetch(self, over: Snapshot) -> None:
        """See that the files of a snapshot are at their paths: those that are elsewhere are brought back."""
        bring_back(self.stores, [file for table in over.tables for file in table.files])

    def listed(self, tables: Sequence[str] = (), *, start: int | None = None, end: int | None = None) -> Snapshot:
        """Return what ``snapshot`` does, and leave files elsewhere that are there: they are not at their paths yet."""
        return snapshot(self.stores, Wanted(tables=tables, start=start, end=end))

    def versions(self) -> Mapping[str, int]:
        """Return the version of every table now."""
        return versions(self.stores)

    def changes(self, since: Mapping[str, int]) -> Sequence[Change]:
        """Return what each commit after some versions brought, the oldest first."""
        return changes(self.stores, since)

    def sql(
        self,
        query: str,
        params: Mapping[str, object] | Sequence[object] = (),
        *,
        over: Snapshot | None = None,
        timeout: float = 60.0,
        max_rows: int = 10_000,
    ) -> Answer:
        """Answer one SELECT in a process that can do nothing else."""
        whole, named = self.listed() if over is None else over, named_in(query)
        # Files that are elsewhere are brought back for a table that is named; another that has some is none for this query.
        tables = tuple(table for table in whole.tables if table.table in named or not any(map(self.stores.is_away, table.files)))
        asked = replace(whole, tables=tables)
        self.fetch(asked)
        return self._asking.ask(query, params, over=asked, timeout=timeout, max_rows=max_rows)

    def pivot(self, observables: Sequence[str], *, start: int | None = None, end: int | None = None) -> Sequence[Sighting]:
        """Return where these values were seen, first seen first."""
        with self.stores.engine() as connection:
            found = list(look_up(self.stores.index, connection, observables, self.stores.files()))
        late, early = (None if bound is None else bound // 1_000_000 for bound in (end, start))
        kept = [one for one in found if (late is None or one.first < late) and (early is None or one.last >= early)]
        return sorted(kept, key=lambda one: (one.first, one.path, one.type_id, one.value))

    def observables(self) -> Sequence[tuple[int, str]]:
        """Return the type and value of every observable that was seen, in lower case; it reads the index and no records."""
        with self.stores.engine() as connection:
            return distinct(self.stores.index, connection)

    def get(self, record_ids: Sequence[str], *, proofs: bool = True) -> Sequence[Evidence]:
        """Return records by their ids, with proof; without ``proofs`` no file is read wholly to see that it is intact."""
        return list(evidence(self.stores, record_ids, proofs=proofs))

    def candidates(self, needs: Mapping[str, Need], over: Snapshot) -> Iterator[Candidates]:
        """Yield the rows of a snapshot's files that may be what is needed (by table), without reading the records."""
        return candidates(self.stores, over, needs)

    def latest(self, table: str, count: int, *, columns: Sequence[str] = ()) -> Answer:
        """Return the newest records of a table, newest first, with these columns (dotted names) or all."""
        return latest(self.stores, table, count, columns)

    def map(
        self,
        function: Callable[[pa.RecordBatch], pa.RecordBatch],
        over: Snapshot,
        *,
        columns: Sequence[str],
        out: pa.Schema,
        workers: int = 1,
    ) -> Iterator[pa.RecordBatch]:
        """Yield what a pure function makes of batches of records with these columns (dotted names)."""
        self.fetch(over)
        return run(function, work_of(over, columns), out, workers=workers)

    def maintain(self, policy: Policy) -> Report:
        """Compact, expire what is past its time and not held, and delete files that nobody can still be reading."""
        return maintain(self.stores, policy)

    def verify(self) -> Sequence[Fault]:
        """Return what is not as it should be."""
        return list(faults(self.stores))

    def status(self) -> Status:
        """Return what is in the lake."""
        return status(self.stores)

    def take_in(self, folder: Path) -> Commit:
        """Put in what a hunt kept in a folder, or what was exported, once."""
        return take_in(self.stores, folder)

    def digests(self) -> Mapping[str, str]:
        """Return the SHA-256 of every file, as the ledger has it, by name."""
        return digests(self.stores)

    def hold(self, held: Hold) -> None:
        """Keep files whatever the policy says, until the hold is released."""
        hold(self.stores, held)

    def release(self, name: str, *, reason: str, by: str) -> None:
        """End a hold."""
        release(self.stores, name, reason=reason, by=by)

    def holds(self) -> Sequence[Hold]:
        """Return the holds that are in force."""
        return holds(self.stores)

    def erase(self, values: Sequence[str], *, reason: str, by: str) -> Erased:
        """Take every record out that holds one of these texts, and write down that it was done."""
        return erase(self.stores, values, reason=reason, by=by)

    def balance(self, *, start: date | None = None, end: date | None = None) -> Sequence[Account]:
        """Return what became of what was read, by source and day of arrival."""
        rows = self.stores.ledger.rows().filter(pl.col("kind") == "account")
        if start is not None:
            rows = rows.filter(pl.col("day") >= start.strftime("%Y%m%d"))
        if end is not None:
            rows = rows.filter(pl.col("day") < end.strftime("%Y%m%d"))
        summed = rows.group_by("day", "source").agg(pl.col("read", "stored", "unparsed", "duplicate").sum()).sort("day", "source")
        return [
            Account(
                source=row["source"],
                read=row["read"],
                stored=row["stored"],
                unparsed=row["unparsed"],
                duplicate=row["duplicate"],
                day=datetime.strptime(row["day"], "%Y%m%d").replace(tzinfo=UTC).date(),
            )
            for row in summed.iter_rows(named=True)
        ]

    def close(self) -> None:
        """End the process that answers queries."""
        self._asking.close()
        self.stores.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


if TYPE_CHECKING:
    _KEEPS_THE_CONTRACT: type[Lake] = DeltaLake
