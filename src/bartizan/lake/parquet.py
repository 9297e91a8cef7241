"""Write records as Parquet files that are whole or not there, in bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from bartizan.errors import NoRoom, OutputError
from bartizan.lake.contract import Batch, Written
from bartizan.lake.durable import sync, sync_folder
from bartizan.lake.facts import facts_of
from bartizan.lake.layout import day_folder
from bartizan.lake.table import Builder
from bartizan.lake.trouble import is_full, of_engine, reason
from bartizan.schema.columns import Frame
from bartizan.schema.unmapped import unmapped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from bartizan.lake.contract import Declared, Misfit

__all__ = ["FILE_ROWS", "PLAIN", "Encode", "Form", "ParquetLake", "write_whole"]

Encode: TypeAlias = "Callable[[pl.DataFrame, Path, Mapping[str, str]], None]"
"""Writes rows into a file; the file also says, by name, what the mapping says."""

FILE_ROWS: Final = 100_000
"""Rows per file at most: the row group size that DuckDB reads fastest in parallel is about this (122,880)."""
BUFFER_BYTES: Final = 64 << 20
"""Bytes of raw records and columns held over all tables: with copies made while writing, 200 MB in all."""
ROW_BYTES: Final = 400
"""What a row of about 60 coded columns takes beside its raw record."""
_DAY: Final = 86_400_000
_ZSTD: Final = 3
_NO_FACTS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Form:
    """How rows become a file, who is told of each file when it is on disk, with its rows, and what a table's files have in their names."""

    encode: Encode
    tell: Callable[[pl.DataFrame, Written], None] = lambda _rows, _written: None
    mark: Callable[[str], str] = lambda _table: ""


def _plain(rows: pl.DataFrame, path: Path, facts: Mapping[str, str]) -> None:
    rows.write_parquet(path, compression="zstd", compression_level=_ZSTD, row_group_size=FILE_ROWS, metadata=dict(facts))


PLAIN: Final = Form(_plain)
"""Files as the base install writes them: without filters on ids, which need an extra."""


@dataclass(slots=True)
class _Buffer:
    declared: Declared
    builder: Builder
    known: frozenset[str]
    batches: list[Batch] = field(default_factory=list)
    rows: int = 0
    bytes: int = 0


class ParquetLake:
    """A lake in a folder. ``part`` tells apart the files of workers that write into the same lake at the same time."""

    def __init__(
        self, root: Path, tables: Mapping[str, Declared], *, part: str = "0", buffer_bytes: int = BUFFER_BYTES, form: Form = PLAIN
    ) -> None:
        """Write below ``root``, which ``layout.prepare`` made; nothing is written before the first buffer is full."""
        self.tables = tables
        self._root = root
        self._part = part
        self._form = form
        self._buffer_bytes = buffer_bytes
        self._buffers: dict[str, _Buffer] = {}
        self._written: list[Written] = []
        self._held = 0

    def add(self, table: str, frame: Frame, *, raw: Sequence[bytes] = ()) -> None:
        """Take in completed records (dotted names). Columns that the table does not have are kept in ``unmapped``."""
        if not frame.height:
            return
        buffer = self._buffers.get(table)
        if buffer is None:
            declared = self.tables[table]
            known = frozenset(leaf.path for leaf in declared.leaves)
            buffer = self._buffers[table] = _Buffer(declared, Builder(declared), known)
        buffer.batches.append(Batch(table, _fitted(frame, buffer.known), raw))
        size = sum(map(len, raw)) + ROW_BYTES * frame.height
        buffer.rows += frame.height
        buffer.bytes += size
        self._held += size
        if buffer.rows >= FILE_ROWS:
            self._flush(buffer)
        while self._held > self._buffer_bytes:
            self._flush(max(self._buffers.values(), key=lambda held: held.bytes))

    def close(self) -> list[Written]:
        """Write what is still held and return every file written, in the order of their paths."""
        for buffer in self._buffers.values():
            self._flush(buffer)
        return sorted(self._written, key=lambda written: written.path)

    def misfits(self) -> list[Misfit]:
        """Return what did not fit, most frequent first."""
        found = [misfit for buffer in self._buffers.values() for misfit in buffer.builder.misfits()]
        return sorted(found, key=lambda misfit: (-misfit.values, misfit.table, misfit.path))

    def _flush(self, buffer: _Buffer) -> None:
        """Write the rows of a buffer sorted by time, one file per day of event time."""
        batches, buffer.batches = buffer.batches, []
        self._held -= buffer.bytes
        buffer.rows = buffer.bytes = 0
        if not batches:
            return
        before = _unfit(buffer.builder)
        frame = buffer.builder.build(batches).sort("time", maintain_order=True, nulls_last=False)
        vague = frozenset(_unfit(buffer.builder) - before)
        days = frame["time"].fill_null(0) // _DAY
        for day in days.unique().sort().to_list():
            rows = frame if days.n_unique() == 1 else frame.filter(days == day)
            name = f"part-{self._part}{self._form.mark(buffer.declared.name)}-{len(self._written):05d}.parquet"
            path = day_folder(self._root, buffer.declared.name, day) / name
            write_whole(rows, path, self._form.encode, facts_of(rows, vague))
            written = Written(path, buffer.declared.name, rows.height)
            self._written.append(written)
            self._form.tell(rows, written)


def _fitted(frame: Frame, known: frozenset[str]) -> Frame:
    """Fold the columns that a table does not have into ``unmapped``."""
    strange = frame.columns.keys() - known
    if not strange:
        return frame
    mapped = {name: column for name, column in frame.columns.items() if name in known}
    extra = {name.removeprefix("unmapped."): column for name, column in frame.columns.items() if name in strange}
    return Frame(frame.height, unmapped(mapped, Frame(frame.height, extra), frozenset()))


def _unfit(builder: Builder) -> Counter[str]:
    return Counter({misfit.path: misfit.values for misfit in builder.misfits()})


def write_whole(rows: pl.DataFrame, path: Path, encode: Encode = _plain, facts: Mapping[str, str] = _NO_FACTS) -> None:
    """Write a file under another name, make sure that it is on disk, then give it its name. OutputError where that cannot be."""
    draft = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        encode(rows, draft, facts)
        sync(draft)
        draft.replace(path)
        sync_folder(path.parent)
    except Exception as error:
        _remove(draft)
        if not of_engine(error):
            raise
        kind = NoRoom if is_full(error) else OutputError
        message = f"{path}: cannot be written: {reason(error)}: make room or name another folder; files already complete stay"
        raise kind(message) from error


def _remove(draft: Path) -> None:
    try:
        draft.unlink(missing_ok=True)
    except OSError:
        return
