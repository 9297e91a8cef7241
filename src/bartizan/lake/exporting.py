"""Copy files of a snapshot out of a lake, or the raw records in them."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from hashlib import file_digest
from typing import TYPE_CHECKING, Final

import duckdb

from bartizan.errors import InputError, OutputError
from bartizan.lake.durable import replace
from bartizan.lake.layout import name_of
from bartizan.lake.relations import scan
from bartizan.lake.trouble import trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bartizan.lake.contract import Snapshot, TableFiles

__all__ = ["MANIFEST", "Exported", "copy_files", "write_raw"]

MANIFEST: Final = "manifest.json"
"""The list of exported files: path, table, rows, bytes, SHA-256."""
FORMAT: Final = 1
_BATCH: Final = 10_000
_FINDINGS: Final = "detection_finding"
"""Findings are made of records; they have no raw record of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """How much was written."""

    records: int
    files: int


def copy_files(over: Snapshot, folder: Path, digests: Mapping[str, str]) -> Exported:
    """Copy the files, under the same folders, with a list of them and their SHA-256: whoever takes them in sees that they are whole.

    InputError where a file is not as it was written: ``digests`` has what each must have, by the name of the file.
    """
    _new(folder)
    listed = []
    for table in over.tables:
        for file in table.files:
            name = name_of(over.root, file.path)
            place = folder / name
            with trouble(place):
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.path, place)
                with place.open("rb") as copy:
                    digest = file_digest(copy, "sha256").hexdigest()
            if digests.get(name, digest) != digest:
                message = f"{file.path}: is not as it was written, so it is not exported: `bartizan lake verify` says what is damaged"
                raise InputError(message)
            listed.append({"path": name, "table": table.table, "rows": file.rows, "bytes": file.bytes, "sha256": digest})
    with trouble(folder):
        replace(folder / MANIFEST, json.dumps({"format": FORMAT, "files": listed}, indent=1).encode())
    return Exported(records=over.rows, files=len(over.paths))


def write_raw(over: Snapshot, folder: Path) -> Exported:
    """Write raw records within the snapshot's time, one line each, one file for each source (``metadata.log_provider``).

    They stand in the order of their log and their number in it. A record of several lines (JSON) becomes one.
    """
    _new(folder)
    records, paths = 0, set()
    with duckdb.connect() as engine:
        for table in over.tables:
            if not table.files:
                continue
            for source, raw in _raw(engine, over, table):
                path = folder / f"{re.sub(r'[^A-Za-z0-9._-]', '_', source or 'unknown')}.log"
                with trouble(path), path.open("a", encoding="utf-8", newline="\n") as file:
                    file.write("".join(f"{' '.join(text.splitlines())}\n" for text in raw))
                records += len(raw)
                paths.add(path)
    return Exported(records=records, files=len(paths))


def _raw(engine: duckdb.DuckDBPyConnection, over: Snapshot, table: TableFiles) -> Iterator[tuple[str, list[str]]]:
    """Yield raw records of one source after the other, in batches."""
    start = None if over.start is None else over.start // 1_000_000
    end = None if over.end is None else -(-over.end // 1_000_000)  # the records of its millisecond too: a few more, none fewer
    kept = "metadata.log_provider IS NOT NULL" if table.table == _FINDINGS else "TRUE"  # findings of ours came from no log
    asked = f"""SELECT metadata.log_provider, raw_data FROM {scan(table)} WHERE {kept} AND raw_data IS NOT NULL
        AND ($start IS NULL OR time >= $start) AND ($end IS NULL OR time < $end)
        ORDER BY metadata.log_provider, metadata.log_source, metadata.sequence, time"""  # noqa: S608 - every part is quoted
    cursor = engine.execute(asked, {"start": start, "end": end})
    while rows := cursor.fetchmany(_BATCH):
        for source in dict.fromkeys(row[0] for row in rows):
            yield source or "", [raw for name, raw in rows if name == source]


def _new(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        message = f"{folder}: is not empty: name a new folder"
        raise OutputError(message)
    with trouble(folder):
        folder.mkdir(parents=True, exist_ok=True)
