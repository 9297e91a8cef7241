"""pySigma with its SQLite backend: ``python -m bartizan.testing.conformance.peers.pysigma_sqlite``.

The table is built as Zircolite builds it, each column without regard to letter case.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from sigma.backends.sqlite.sqlite import sqliteBackend

from bartizan.testing.conformance.peers.sql import TEXT, answer, rows_of
from bartizan.testing.conformance.serving import serve_standard_streams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def judge(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """Answer one request."""
    names, rows = rows_of(asked["events"])
    if len({name.lower() for name in names}) < len(names):
        return {"unsupported": "columns of SQLite differ in more than letter case"}

    def query(sql: str, missing: Sequence[str]) -> tuple[list[str], list[tuple[Any, ...]]]:
        with closing(sqlite3.connect(":memory:")) as database:
            database.create_function("regexp", 2, _regexp, deterministic=True)
            columns = ", ".join(f"{_quoted(name)} COLLATE NOCASE" for name in (*names, *missing))
            database.execute(f"CREATE TABLE logs ({columns})")
            marks = ", ".join("?" for _ in (*names, *missing))
            empty = [None] * len(missing)
            database.executemany(f"INSERT INTO logs VALUES ({marks})", ([*row, *empty] for row in rows))  # noqa: S608 - marks alone
            try:
                cursor = database.execute(sql)
            except sqlite3.OperationalError as error:
                absent = re.fullmatch("no such column: (.*)", str(error))
                raise (KeyError(absent[1]) if absent else NotImplementedError(str(error))) from error
            return [column[0] for column in cursor.description], cursor.fetchall()

    def make(pipeline: object) -> Any:  # noqa: ANN401 - the backend carries no types
        return sqliteBackend(pipeline, timestamp_field=asked["time"], fulltext_field=TEXT)  # type: ignore[no-untyped-call]  # as said

    return answer(asked, make, query)


def _regexp(pattern: str, value: object) -> bool:
    return value is not None and re.search(pattern, str(value)) is not None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


if __name__ == "__main__":
    serve_standard_streams(judge)
