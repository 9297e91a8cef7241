"""Write down everything that happens to a lake: batches, what became of what was read, files and their digests, removals.

Each entry holds a digest over itself and the entry before it by the same writer; a writer begins at the newest entry there
is. So an entry that was changed or taken out later is seen.
"""

from __future__ import annotations

import json
import threading
import uuid
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import polars as pl

from bartizan.errors import OutputError
from bartizan.lake.contract import Fault
from bartizan.lake.delta.encoding import encode_sorted
from bartizan.lake.delta.log import Adding
from bartizan.lake.parquet import write_whole
from bartizan.lake.trouble import reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.lake.delta.log import DeltaLog

__all__ = ["Item", "Ledger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is written down. ``kind``: batch, account, file, removal, hold, release, erasure."""

    kind: str
    source: str = ""
    batch_id: str = ""
    table: str = ""
    path: str = ""
    sha256: str = ""
    bytes: int = 0
    rows: int = 0
    read: int = 0
    stored: int = 0
    unparsed: int = 0
    duplicate: int = 0
    receipt: str = ""
    detail: str = ""


_LINK: Final = {
    "at": pl.Int64(),
    "day": pl.String(),
    "writer": pl.String(),
    "number": pl.Int64(),
    "before": pl.String(),
    "chain": pl.String(),
}
_COLUMNS: Final = pl.Schema(
    {**{one.name: pl.Int64() if one.type == "int" else pl.String() for one in fields(Item)}, **_LINK}  # types as the annotations spell them
)


class Ledger:
    """The ledger of a lake, and one writer of it."""

    def __init__(self, log: DeltaLog) -> None:
        """Read and write the ledger kept in ``log``."""
        self.log = log
        self._writer, self._number, self._chain = uuid.uuid4().hex, 0, ""
        self._at = 0
        self._read: dict[str, pl.DataFrame] = {}
        self._lock = threading.RLock()

    def add(self, items: Sequence[Item], *, now: int, day: str, transaction: str = "") -> bool:
        """Write items down; False where the transaction was made before, and then nothing is written."""
        with self._lock:
            if not self._number:
                self._chain = self._head()
            # A clock that was put back must not bring entries into another order: what is held is told by the last one.
            self._at = max(self._at, now // 1_000_000)
            rows, number, chain = [], self._number, self._chain
            for item in items:
                number += 1
                row = asdict(item) | {"at": self._at, "day": day, "writer": self._writer, "number": number, "before": chain}
                chain = _digest(row)
                rows.append(row | {"chain": chain})
            frame = pl.DataFrame(rows, schema=_COLUMNS)
            self.log.widen(frame.to_arrow(compat_level=pl.CompatLevel.oldest()).schema)
            name = f"part-{self._writer}-{number}.parquet"
            path = self.log.folder / name
            write_whole(frame, path, encode_sorted("receipt"))
            if not self.log.commit([Adding(path=name, bytes=path.stat().st_size, rows=frame.height)], transaction=transaction):
                path.unlink(missing_ok=True)
                return False
            self._number, self._chain = number, chain
            return True

    def rows(self) -> pl.DataFrame:
        """Return everything written down, oldest first. What was read before is not read again."""
        with self._lock:
            _version, files = self.log.files()
            known = self._read
            self._read = {file.path: known[file.path] if file.path in known else _read(file.path) for file in files}
            parts = list(self._read.values())
        return pl.concat([pl.DataFrame(schema=_COLUMNS), *parts]).sort("at", "number", "writer")

    def faults(self) -> Iterator[Fault]:
        """Yield what shows that the ledger was changed: entries that are not what their digest says, or miss the one before them."""
        rows = self.rows()
        chains: set[str] = set(rows["chain"])
        last: dict[str, str] = {}
        for row in rows.sort("writer", "number").iter_rows(named=True):
            where, writer = f"{self.log.folder}: entry {row['number']} of writer {row['writer']}", row["writer"]
            if _digest({name: value for name, value in row.items() if name != "chain"}) != row["chain"]:
                yield Fault(path=str(self.log.folder), what=f"{where} was changed after it was written")
            elif row["before"] != last.get(writer, row["before"]) or (row["before"] and row["before"] not in chains):
                yield Fault(path=str(self.log.folder), what=f"{where}: the entry before it is missing")
            last[writer] = row["chain"]

    def damaged(self) -> Iterator[Fault]:
        """Yield the files of the ledger that cannot be read."""
        for file in self.log.files()[1]:
            try:
                _read(file.path)
            except OutputError:
                yield Fault(path=file.path, what="is a part of the ledger and cannot be read: bring it back from a backup")

    def _head(self) -> str:
        rows = self.rows()
        if rows.is_empty():
            return ""
        # Numbers go on behind all that was seen, so that at one moment too what came later has the larger number.
        self._at, self._number = int(rows["at"][-1]), int(str(rows["number"].max()))
        return str(rows["chain"][-1])


def _read(path: str) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        message = f"{path}: is a part of the ledger and cannot be read: {reason(error)}: bring it back from a backup"
        raise OutputError(message) from error


def _digest(row: dict[str, object]) -> str:
    return sha256(json.dumps(row, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
