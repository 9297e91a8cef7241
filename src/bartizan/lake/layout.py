"""Lay the lake out as folders that query engines understand: one per table, below it one per day of event time (UTC).

The names are those of Amazon Security Lake for custom sources: ``ext/<table>/region=…/accountId=…/eventDay=YYYYMMDD/``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bartizan.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["COLD", "LAKE", "PARTITIONS", "day_folder", "name_of", "partition_of", "prepare", "query", "table_folder"]

_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE: Final = ("region=local", "accountId=local")
LAKE: Final = "lake.json"
"""The file that makes a folder a lake that is kept."""
COLD: Final = "_lake/cold"
"""The folder of what is known of files that are kept elsewhere, and of those of them that were brought back."""
PARTITIONS: Final = ("region", "accountId", "eventDay")
"""What the folders below a table's say of the records in them."""


def table_folder(root: Path, table: str) -> Path:
    """Return the folder of a table."""
    return root / "ext" / table


def day_folder(root: Path, table: str, day: int) -> Path:
    """Return the folder of one day, counted from 1970-01-01; days outside the calendar go to its nearest end."""
    first, last = (datetime.min.replace(tzinfo=UTC) - _START).days, (datetime.max.replace(tzinfo=UTC) - _START).days
    moment = _START + timedelta(days=min(max(day, first), last))
    return table_folder(root, table).joinpath(*_PLACE, f"eventDay={moment.year:04d}{moment.month:02d}{moment.day:02d}")


def partition_of(path: Path) -> dict[str, str]:
    """Return what the folders of a file say of the records in it."""
    parts = (part.partition("=") for part in path.parts)
    return {name: value for name, equals, value in parts if equals and name in PARTITIONS}


def name_of(root: Path | str, path: Path | str) -> str:
    """Return what a file of a lake is called, the same wherever it is."""
    return str(path).removeprefix(f"{root}/").removeprefix(f"{COLD}/")


def prepare(root: Path) -> None:
    """Make the folder of a new lake; refuse one in which a lake is already, as its records would be counted twice."""
    folder = root / "ext"
    if (root / LAKE).is_file():
        message = f"{root}: is a lake: keep the result in a folder of its own, then `bartizan lake import {root} FOLDER`"
        raise OutputError(message)
    try:
        if folder.exists() and any(folder.rglob("*.parquet")):
            message = f"{folder}: holds records of an earlier run: name another folder, or delete this one first"
            raise OutputError(message)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder}: cannot be made: {error.strerror}: name a folder that you may write to"
        raise OutputError(message) from error


def query(root: Path, table: str, columns: str = "*", limit: int = 10) -> str:
    """Return the line to paste into a shell to see the first records of a table with DuckDB."""
    files = str(table_folder(root, table) / "**" / "*.parquet").replace("'", "''")
    sql = f"SELECT {columns} FROM read_parquet('{files}', hive_partitioning=true) ORDER BY time LIMIT {limit}"  # noqa: S608 - text to show, with its quotes escaped
    return f"duckdb -c {_quoted(sql)}"


def _quoted(text: str) -> str:
    """Quote for a POSIX shell, with double quotes as the SQL has single ones."""
    escaped = "".join(f"\\{char}" if char in '\\"$`' else char for char in text)
    return f'"{escaped}"'
