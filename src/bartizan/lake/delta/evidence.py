"""Fetch records by their ids, with a proof of where they stand and that their file is as it was written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from bartizan.lake.contract import Evidence, Proof
from bartizan.lake.delta.making import digest_of
from bartizan.lake.delta.places import Place, rows_at
from bartizan.lake.delta.snapshots import table_files
from bartizan.lake.delta.tiering import bring_back
from bartizan.lake.relations import column, scan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.lake.contract import DataFile
    from bartizan.lake.delta.stores import Stores

__all__ = ["evidence"]

_ID: Final = "metadata.uid"


def evidence(stores: Stores, record_ids: Sequence[str], *, proofs: bool = True) -> Iterator[Evidence]:
    """Yield every record with one of these ids; without ``proofs`` files are not read again to see that they are whole."""
    ids = sorted({one.lower() for one in record_ids})
    if not ids:
        return
    found = [(table, *row) for table in stores.names() for row in _rows(stores, table, ids)]
    here = {_uid(record) for _table, _path, _row, record in found}
    if missing := [one for one in ids if one not in here]:
        found += [(table, *row) for table in stores.names() for row in _rows(stores, table, missing, away=True)]
    items = _items(stores, {stores.relative(path) for _table, path, *_rest in found})
    digests: dict[str, str] = {}
    for table, path, row, record in found:
        item = items.get(stores.relative(path), {})
        if proofs and path not in digests:
            digests[path] = digest_of(Path(path))
        said = str(item.get("sha256", ""))
        proof = Proof(
            path=path,
            row=row,
            sha256=said,
            chain=str(item.get("chain", "")),
            batch_id=str(item.get("batch_id", "")),
            intact=proofs and bool(said) and digests[path] == said,
        )
        yield Evidence(record_id=_uid(record), table=table, record=_without_nulls(record), proof=proof)


def _uid(record: dict[str, object]) -> str:
    metadata = record["metadata"]
    return str(metadata["uid"]) if isinstance(metadata, dict) else ""


def _rows(stores: Stores, table: str, ids: Sequence[str], *, away: bool = False) -> list[tuple[str, int, dict[str, object]]]:
    """Return records by their ids in files that are here, or in those elsewhere, of which only the column of ids is read."""
    schema = stores.table(table).columns()
    version, everywhere = stores.files_of(table)
    files = [file for file in everywhere if stores.is_away(file) is away]
    if not files or "metadata" not in schema:
        return []
    if away and not (files := _fetched(stores, files, ids)):
        return []
    marks = ", ".join(f"$v{number}" for number in range(len(ids)))
    source = scan(table_files(stores, table, version, files))
    asked = f"SELECT filename, file_row_number, time FROM {source} WHERE {column(_ID)} IN ({marks})"  # noqa: S608 - paths are quoted
    with stores.engine() as engine:
        params = {f"v{number}": value for number, value in enumerate(ids)}
        places = sorted(Place(*row) for row in engine.execute(asked, params).fetchall())
        rows = rows_at(stores, engine, table, places, tuple(schema))
    return [(place.path, place.row, dict(zip(schema, cells, strict=True))) for place, cells in zip(places, rows, strict=True)]


def _fetched(stores: Stores, files: Sequence[DataFile], ids: Sequence[str]) -> list[DataFile]:
    store = stores.store
    holding = [file for file in files if Path(file.path).exists() or store is None or store.holds(stores.relative(file.path), _ID, ids)]
    bring_back(stores, holding)
    return holding


def _items(stores: Stores, paths: set[str]) -> dict[str, dict[str, object]]:
    rows = stores.ledger.rows().filter(pl.col("kind") == "file", pl.col("path").is_in(sorted(paths)))
    return {row["path"]: row for row in rows.iter_rows(named=True)}


def _without_nulls(value: dict[str, object]) -> dict[str, object]:
    kept = {name: _without_nulls(item) if isinstance(item, dict) else item for name, item in value.items()}
    return {name: item for name, item in kept.items() if item is not None and item != {}}
