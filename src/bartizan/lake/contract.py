"""What keeping records is: tables with a schema declared beforehand, batches added to them, files that are whole or not there.

``Writer`` turns batches into Parquet files. ``Lake`` keeps such files for years: every batch once, every answer from files
that are named, every record with a proof of where it stands. Times are nanoseconds since 1970 UTC unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    import pyarrow as pa

    from bartizan.lake.policy import Policy
    from bartizan.schema.columns import Frame
    from bartizan.schema.ocsf import Attribute

__all__ = [
    "Account",
    "Answer",
    "Batch",
    "Change",
    "Commit",
    "DataFile",
    "Declared",
    "Evidence",
    "Fault",
    "Lake",
    "Leaf",
    "Misfit",
    "Proof",
    "Report",
    "Sighting",
    "Snapshot",
    "Status",
    "TableFiles",
    "TableStatus",
    "Writer",
    "Written",
]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column by its dotted OCSF name, and what OCSF says of it."""

    path: str
    attribute: Attribute


@dataclass(frozen=True, slots=True)
class Declared:
    """A table: records of one OCSF class. ``leaves`` are its columns, in order, whatever a batch holds."""

    name: str
    class_uid: int
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Misfit:
    """Values that their column cannot hold and that were left null there; ``raw_data`` and ``unmapped`` still have them."""

    table: str
    path: str
    values: int
    example: str


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is complete and on disk."""

    path: Path
    table: str
    rows: int


class Writer(Protocol):
    """Where records go. Nothing is in it for certain before ``close`` returns."""

    tables: Mapping[str, Declared]

    def add(self, table: str, frame: Frame, *, raw: Sequence[bytes] = ()) -> None:
        """Take in completed records (dotted names); ``raw`` becomes ``raw_data`` where the frame does not hold it."""

    def close(self) -> Sequence[Written]:
        """Write what is still held and return every file written."""

    def misfits(self) -> Sequence[Misfit]:
        """Return what did not fit, most frequent first."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Completed records (dotted names) of one table; ``raw`` is empty where the frame holds ``raw_data`` or there is none."""

    table: str
    frame: Frame
    raw: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of one delivery of a sender: ``read == stored + unparsed + duplicate``, or appending it is refused.

    ``receipt`` is the sender's own name of the delivery ("" if it has none): ``Lake.known`` tells it for a week, so that
    a delivery sent again can be told.
    """

    source: str
    read: int
    stored: int
    unparsed: int = 0
    duplicate: int = 0
    receipt: str = ""
    day: date | None = None
    """The day (UTC) it is asked for by; in what is appended None stands for today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What appending a batch did. ``new`` is False where the batch was in the lake already; its ``rows`` are then 0."""

    source: str
    batch_id: str
    new: bool
    rows: int
    files: tuple[Written, ...] = ()
    misfits: tuple[Misfit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A Parquet file of a snapshot. ``first`` and ``last``: event time of its records, epoch milliseconds as in the file."""

    path: str
    rows: int
    bytes: int
    first: int
    last: int
    day: str
    """``eventDay``, YYYYMMDD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFiles:
    """The files of one table at one version. ``schema``: top-level column -> DuckDB type, whichever of them a file has.

    Where they are not ``uniform`` some files lack columns that a later version declared: read them by name, together with
    ``shape``, an empty file that has every column ("" if there is none).
    """

    table: str
    version: int
    schema: Mapping[str, str]
    files: tuple[DataFile, ...]
    uniform: bool = True
    shape: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one commit brought to a table: its ``version``, when it was made (``at``, epoch milliseconds), files of new records or none."""

    version: int
    at: int
    files: TableFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Files that hold every record asked for (and more: they are whole files). A plain value that can be sent to other machines.

    It stays readable as long as the grace period of ``maintain`` (a day, if not told otherwise). A table without a file
    that may hold such a record is still there, with no files.
    """

    root: str
    tables: tuple[TableFiles, ...]
    start: int | None = None
    end: int | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of all files: the unit of work of every engine."""
        return tuple(file.path for table in self.tables for file in table.files)

    @property
    def rows(self) -> int:
        """How many records the files hold."""
        return sum(file.rows for table in self.tables for file in table.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Rows of a query: ``columns`` by name, a row a tuple. ``more`` says that there were more rows than were asked for."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Where an observable was seen: ``count`` records of one file, ``first`` to ``last`` in epoch milliseconds."""

    value: str
    type_id: int
    """OCSF ``observable.type_id``."""
    table: str
    path: str
    count: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Where a record stands and that its file is as it was written: ``sha256`` is the ledger's, ``chain`` the ledger's at that entry."""

    path: str
    row: int
    """Counted from 0 within the file."""
    sha256: str
    chain: str
    batch_id: str
    intact: bool
    """Whether the file's bytes still have that digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A record by its id: the OCSF object, and its proof. One for each place where it stands."""

    record_id: str
    table: str
    record: Mapping[str, object]
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in a lake that is not as it should be: which file, what is wrong, what to do."""

    path: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What maintenance did. ``held``: files past their time that a legal hold keeps."""

    compacted: int = 0
    made: int = 0
    expired: int = 0
    held: int = 0
    erased: int = 0
    moved: int = 0
    """Files of old days that are now kept elsewhere."""
    unlinked: int = 0
    notes: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStatus:
    """How much is in a table; ``first`` and ``last`` are days of event time, YYYYMMDD. ``away``: files that are kept elsewhere."""

    name: str
    version: int
    files: int
    rows: int
    bytes: int
    first: str
    last: str
    away: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is in a lake. ``balance`` by source; ``holds`` as name and reason."""

    tables: tuple[TableStatus, ...]
    entries: int
    index_bytes: int
    ledger: int
    balance: tuple[Account, ...]
    holds: tuple[tuple[str, str], ...]


class Lake(Protocol):
    """Records of years on disk. Several processes may append to one lake and read it at the same time."""

    tables: Mapping[str, Declared]

    def append(self, batches: Iterable[Batch], *, source: str, batch_id: str, accounts: Sequence[Account] = ()) -> Commit:
        """Put records in, all of them or none, once for each ``(source, batch_id)`` however often it is called.

        When it returns the records are on disk. Where the process dies before, call it again with the same batch. Without
        ``accounts`` every record counts as read and stored, those of the table ``unparsed`` as unparsed. Raises NoRoom where
        the disk is full, OutputError where the lake cannot be written; nothing of the batch is to be seen then.
        """

    def known(self, source: str, receipts: Sequence[str]) -> frozenset[str]:
        """Return which of a sender's receipts the lake has."""

    def snapshot(
        self,
        tables: Sequence[str] = (),
        *,
        start: int | None = None,
        end: int | None = None,
        having: Sequence[str] = (),
        as_of: int | None = None,
    ) -> Snapshot:
        """Return the files that hold every record asked for: of these tables (() all), from ``start`` to before ``end``.

        ``having``: records with one of these observables. ``as_of``: as the lake was at that time.
        """

    def versions(self) -> Mapping[str, int]:
        """Return the version of every table now."""

    def changes(self, since: Mapping[str, int]) -> Sequence[Change]:
        """Return what each commit after some versions brought, the oldest first; of a table that is not named everything that it holds.

        InputError where that cannot be told any more.
        """

    def sql(
        self,
        query: str,
        params: Mapping[str, object] | Sequence[object] = (),
        *,
        over: Snapshot | None = None,
        timeout: float = 60.0,
        max_rows: int = 10_000,
    ) -> Answer:
        """Answer one SELECT in a process that can do nothing else. Raises UsageError with the reason where it is refused or too long."""

    def pivot(self, observables: Sequence[str], *, start: int | None = None, end: int | None = None) -> Sequence[Sighting]:
        """Return where these values were seen, first seen first; it reads the index and no records."""

    def get(self, record_ids: Sequence[str]) -> Sequence[Evidence]:
        """Return records by their ids (``metadata.uid``), with proof."""

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

    def balance(self, *, start: date | None = None, end: date | None = None) -> Sequence[Account]:
        """Return what became of what was read, by source and day of arrival; ``end`` is not included."""

    def maintain(self, policy: Policy) -> Report:
        """Compact, expire what is past its time and not held, and delete files that nobody can still be reading."""

    def verify(self) -> Sequence[Fault]:
        """Return what is not as it should be: damaged or missing files, a broken chain, records that no index knows."""
