"""Say the files of a snapshot to DuckDB, so that every column of the table is there whichever files have it.

``read_parquet`` of a list takes the columns of its first file and silently drops what others have beyond. So where files
differ they are read by name, which opens each, behind an empty file that has all columns. (``schema=MAP {…}`` would open
none, but DuckDB 2.0 fails on a field within an object that a file does not have.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.lake.contract import TableFiles

__all__ = ["column", "quoted", "relation", "scan", "text"]


def relation(files: TableFiles) -> str:
    """Return a SELECT of all columns of a table's files, and of ``region``, ``accountId`` and ``eventDay`` as the folders have them."""
    return f"""SELECT *, regexp_extract(filename, '/region=([^/]*)/', 1) AS "region", regexp_extract(filename, '/accountId=([^/]*)/', 1)
        AS "accountId", regexp_extract(filename, '/eventDay=([^/]*)/', 1) AS "eventDay" FROM {scan(files)}"""  # noqa: S608 - every part is quoted


def scan(files: TableFiles) -> str:
    """Return a table function over files, or, where there are none, an empty table of the same columns."""
    paths = [file.path for file in files.files]
    if not paths:
        columns = ", ".join(f"CAST(NULL AS {kind}) AS {quoted(name)}" for name, kind in files.schema.items())
        return f"(SELECT {columns or 'NULL'}, '' AS filename, 0 AS file_row_number WHERE false)"
    if files.uniform:
        return f"read_parquet([{', '.join(map(text, paths))}])"
    shape = [files.shape] if files.shape else []
    return f"read_parquet([{', '.join(map(text, (*shape, *paths)))}], union_by_name = true)"


def column(path: str) -> str:
    """Return a dotted name as an expression."""
    return ".".join(map(quoted, path.split(".")))


def quoted(name: str) -> str:
    """Return a name as SQL has it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def text(value: str) -> str:
    """Return text as SQL has it."""
    escaped = value.replace("'", "''")
    return f"'{escaped}'"
