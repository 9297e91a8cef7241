"""Keep small state in one SQLite file: what is written together is there together, and a failure is said in our words."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from bartizan.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["SqliteFile"]

_PATIENCE: Final = 30.0
"""Seconds to wait for a reader that holds the file."""


class SqliteFile:
    """A file with a schema; one process writes, others read. ``trouble``: what cannot be done where it fails, and what to do."""

    def __init__(self, path: Path, schema: str, trouble: str) -> None:
        """Open the file, made anew where there is none. OutputError where that cannot be. ``{}`` in ``trouble`` is the engine's word."""
        self._path, self._trouble = path, trouble
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.connection = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE, check_same_thread=False)
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.executescript(schema)
        except (sqlite3.Error, OSError) as error:
            raise self._said(error) from error

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return what a query answers."""
        try:
            return self.connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._said(error) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Make what is written within this block one transaction, on disk when the block ends; nothing of it where the block fails."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield self.connection
            self.connection.execute("COMMIT")
        except BaseException as error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise self._said(error) from error
            raise

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _said(self, error: Exception) -> OutputError:
        return OutputError(f"{self._path}: {self._trouble.format(error)}")
