"""What is written together is there together, and what goes wrong is said."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from bartizan.errors import OutputError
from bartizan.lake.sqlite import SqliteFile

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY);"
TROUBLE = "cannot be written: {}: make room"


def test_what_is_written_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "new" / "a.sqlite", SCHEMA, TROUBLE)
    with file.writing() as database:
        database.execute("INSERT INTO t VALUES (1)")
    file.close()
    assert SqliteFile(tmp_path / "new" / "a.sqlite", SCHEMA, TROUBLE).rows("SELECT a FROM t") == [(1,)]


def test_nothing_of_a_block_that_fails_is_there_and_the_next_one_succeeds(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "a.sqlite", SCHEMA, TROUBLE)
    with (
        pytest.raises(OutputError, match=r"a\.sqlite: cannot be written: UNIQUE constraint failed: t\.a: make room"),
        file.writing() as database,
    ):
        database.executemany("INSERT INTO t VALUES (?)", [(1,), (1,)])
    with pytest.raises(KeyError), file.writing() as database:
        database.execute("INSERT INTO t VALUES (2)").fetchall()[{}["no such thing"]]
    with file.writing() as database:
        database.execute("INSERT INTO t VALUES (3)")
    assert file.rows("SELECT a FROM t WHERE a > ?", (0,)) == [(3,)]


def test_a_disk_that_fails_when_all_is_to_be_kept_leaves_no_open_transaction(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "a.sqlite", SCHEMA + "CREATE TABLE c (b REFERENCES t DEFERRABLE INITIALLY DEFERRED);", TROUBLE)
    file.connection.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(OutputError, match="FOREIGN KEY constraint failed"), file.writing() as database:
        database.execute("INSERT INTO c VALUES (7)")
    assert not file.connection.in_transaction


def test_a_file_that_is_none_of_ours_and_a_query_that_is_none_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_bytes(b"x" * 5000)
    with pytest.raises(OutputError, match="file is not a database"):
        SqliteFile(tmp_path / "a.sqlite", SCHEMA, TROUBLE)
    with pytest.raises(OutputError, match="no such table"):
        SqliteFile(tmp_path / "b.sqlite", SCHEMA, TROUBLE).rows("SELECT 1 FROM missing")
    assert sqlite3.sqlite_version_info >= (3, 24)
