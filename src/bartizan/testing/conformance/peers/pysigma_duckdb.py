"""pySigma with the DuckDB backend: ``python -m bartizan.testing.conformance.peers.pysigma_duckdb``.

The backend (0.1) asks for pySigma 1, so it lives in an environment of its own. Columns hold texts where events differ in type.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import duckdb
from sigma_backend_duckdb.backend import DuckDBBackend

from bartizan.testing.conformance.peers.sql import answer, rows_of
from bartizan.testing.conformance.serving import serve_standard_streams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def judge(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Answer one request."""
    names, rows = rows_of(asked["events"])
    if len({name.lower() for name in names}) < len(names):
        return {"unsupported": "columns of DuckDB differ in more than letter case"}
    kinds = [_kind([row[place] for row in rows], clock=name == asked["time"]) for place, name in enumerate(names)]
    cells = [
        [None if cell is None else str(cell) if kind == "VARCHAR" else cell for cell, kind in zip(row, kinds, strict=True)] for row in rows
    ]

    def query(sql: str, missing: Sequence[str]) -> tuple[list[str], list[tuple[Any, ...]]]:
        with duckdb.connect(":memory:") as database:
            columns = [f"{_quoted(name)} {kind}" for name, kind in zip(names, kinds, strict=True)]
            columns += [f"{_quoted(name)} VARCHAR" for name in missing]
            database.execute(f"CREATE TABLE logs ({', '.join(columns)})")
            marks = ", ".join("?" for _ in columns)
            if cells:
                empty = [None] * len(missing)
                database.executemany(f"INSERT INTO logs VALUES ({marks})", [[*row, *empty] for row in cells])  # noqa: S608 - marks alone
            try:
                result = database.execute(sql)
            except duckdb.Error as error:
                absent = re.search('Referenced column "(.*?)" not found', str(error))
                raise (KeyError(absent[1]) if absent else NotImplementedError(str(error).splitlines()[0])) from error
            return [column[0] for column in result.description or ()], result.fetchall()

    def make(pipeline: object) -> Any:  # noqa: ANN401 - the backend carries no types
        backend = DuckDBBackend(pipeline)
        backend.timestamp_field = asked["time"]
        return backend

    return answer(asked, make, query)


def _kind(cells: Sequence[Any], *, clock: bool) -> str:
    """Return the type that holds every value of a column, as a reader of JSON would guess it."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if clock:
        return "TIMESTAMP"
    if kinds and kinds <= {int}:
        return "HUGEINT"
    return "DOUBLE" if kinds and kinds <= {int, float} else "VARCHAR"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


if __name__ == "__main__":
    serve_standard_streams(judge)
