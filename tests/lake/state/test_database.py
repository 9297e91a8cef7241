"""What is written together is there together, in a file and on a server, and what goes wrong is said."""

from __future__ import annotations

import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from bartizan.errors import MissingExtra, OutputError, Unreachable, UsageError
from bartizan.lake.state.database import Database
from bartizan.lake.state.engine import sa
from bartizan.lake.state.tables import CURSOR, DELIVERY, TABLES
from bartizan.lake.state.upgrading import NEWEST, upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.postgres import Cluster

TROUBLE = "cannot be written: {}: make room"


@pytest.fixture
def opened() -> Iterator[Callable[[Path | str], Database]]:
    """Open databases that are closed when the test is over."""
    with ExitStack() as stack:
        yield lambda address: stack.enter_context(closing(Database(address, TROUBLE)))


def seen(database: Database) -> list[tuple[str, int]]:
    return [tuple(row) for row in database.rows(sa.select(CURSOR.c.channel, CURSOR.c.seq).order_by(CURSOR.c.channel))]


def test_what_is_written_is_there_when_it_is_opened_again(address: Path | str, opened: Callable[[Path | str], Database]) -> None:
    database = opened(address)
    with database.writing() as connection:
        connection.execute(sa.insert(CURSOR), [{"channel": "a", "seq": 1}, {"channel": "b", "seq": 1 << 60}])
    database.close()
    assert seen(opened(address)) == [("a", 1), ("b", 1 << 60)]


def test_nothing_of_a_block_that_fails_is_there_and_the_next_one_succeeds(
    address: Path | str, opened: Callable[[Path | str], Database]
) -> None:
    database = opened(address)
    twice = [{"channel": "a", "seq": 1}, {"channel": "a", "seq": 2}]
    with pytest.raises(OutputError, match=r"cannot be written: .*(UNIQUE|unique).*: make room"), database.writing() as connection:
        connection.execute(sa.insert(CURSOR), twice)
    with pytest.raises(KeyError), database.writing() as connection:
        connection.execute(sa.insert(CURSOR), [twice[0], {}["no such thing"]])
    with database.writing() as connection:
        connection.execute(sa.insert(CURSOR), twice[1:])
    assert seen(database) == [("a", 2)]


def test_what_is_there_already_can_stay_or_be_replaced(address: Path | str, opened: Callable[[Path | str], Database]) -> None:
    database = opened(address)
    adding = database.adding(CURSOR)
    for statement in (adding.on_conflict_do_nothing(), adding.on_conflict_do_update(index_elements=["channel"], set_={"seq": 9})):
        with database.writing() as connection:
            connection.execute(statement, [{"channel": "a", "seq": 1}])
    assert seen(database) == [("a", 9)]


def test_the_versions_lead_to_the_tables_as_they_are_named(address: Path | str, opened: Callable[[Path | str], Database]) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    database = opened(address)
    with database._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), TABLES) == []
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == NEWEST


def test_all_steps_are_taken_or_none(
    address: Path | str, monkeypatch: pytest.MonkeyPatch, opened: Callable[[Path | str], Database]
) -> None:
    from alembic.operations import Operations

    def full(*_: object, **__: object) -> None:
        raise sa.exc.DBAPIError(None, None, OSError("disk full"))

    with monkeypatch.context() as patched:
        patched.setattr(Operations, "drop_table", full)
        with pytest.raises(OutputError, match="disk full"):
            opened(address)
    assert seen(opened(address)) == []


def test_tables_of_a_later_release_are_left_alone(address: Path | str, opened: Callable[[Path | str], Database]) -> None:
    database = opened(address)
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UsageError, match=f"its tables are of version 9999, this release knows {NEWEST} at most: install"):
        opened(address)


def test_several_that_begin_together_make_the_tables_once(address: Path | str, opened: Callable[[Path | str], Database]) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: opened(address), range(4)))
    assert [seen(database) for database in made] == [[]] * 4


def test_one_step_can_be_taken_alone(address: Path | str, opened: Callable[[Path | str], Database]) -> None:
    database = opened(address)
    with database.writing() as connection:
        TABLES.drop_all(connection)
        connection.execute(sa.text("DROP TABLE alembic_version"))
        upgrade(connection, "0001")
        assert sorted(sa.inspect(connection).get_table_names()) == ["alembic_version", "balance", "evidence", "finding", "moment"]
        upgrade(connection)
        assert set(sa.inspect(connection).get_table_names()) == {*TABLES.tables, "alembic_version"}


@pytest.mark.parametrize("word", ["a\0b", "half \ud800", "ü 漢 🙂", "'; DROP TABLE cursor --"])
def test_any_text_can_be_kept(address: Path | str, word: str, opened: Callable[[Path | str], Database]) -> None:
    database = opened(address)
    row = {"channel": word, "uid": "u", "state": "dead", "attempts": 1, "due": 1795430000.25, "why": word, "holder": ""}
    with database.writing() as connection:
        connection.execute(sa.insert(DELIVERY), [row])
    ((channel, due),) = database.rows(sa.select(DELIVERY.c.channel, DELIVERY.c.due).where(DELIVERY.c.why == word))
    assert (channel, due) == (word.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode(), 1795430000.25)


def test_a_file_that_is_none_of_ours_is_said(tmp_path: Path, opened: Callable[[Path | str], Database]) -> None:
    (tmp_path / "a.sqlite").write_bytes(b"x" * 5000)
    with pytest.raises(OutputError, match=r"a\.sqlite: cannot be written: file is not a database: make room"):
        opened(tmp_path / "a.sqlite")
    with pytest.raises(OutputError, match=r"Is a directory|unable to open"):
        opened(tmp_path)
    with pytest.raises(OutputError, match=r"File exists|Not a directory"):
        opened(tmp_path / "a.sqlite" / "b")
    assert sqlite3.sqlite_version_info >= (3, 24)


@pytest.mark.parametrize("address", ["mysql://a@b/c", "postgresql://host", "no address", "postgresql://[::/x"])
def test_what_is_no_address_is_said_without_repeating_it(address: str, opened: Callable[[Path | str], Database]) -> None:
    pytest.importorskip("psycopg", reason="needs the extra 'postgres'")
    with pytest.raises(UsageError, match=r"^this is no address of a state database: write postgresql://USER@HOST/NAME$"):
        opened(address)


def test_a_server_that_does_not_answer_may_answer_later_and_its_password_is_not_said(
    tmp_path: Path, opened: Callable[[Path | str], Database]
) -> None:
    pytest.importorskip("psycopg", reason="needs the extra 'postgres'")
    with pytest.raises(Unreachable) as caught:
        opened(f"postgresql://user:{'s3cret'}@/state?host={tmp_path}&password=s3cret")
    assert ("s3cret" in str(caught.value), str(caught.value).startswith("postgresql://user@/state: cannot")) == (False, True)


def test_a_server_that_was_away_is_used_again(postgres: Cluster, opened: Callable[[Path | str], Database]) -> None:
    database = opened(postgres.new())
    asked = sa.select(CURSOR.c.seq).where(CURSOR.c.channel == sa.bindparam("name"))
    assert database.found(asked, {"name": "a"}) is None
    postgres.stop()
    with pytest.raises(Unreachable):
        seen(database)
    with pytest.raises(Unreachable):
        database.found(asked, {"name": "a"})
    postgres.start()
    assert (seen(database), database.found(asked, {"name": "a"})) == ([], None)


def test_what_others_wrote_meanwhile_is_found(address: Path | str, opened: Callable[[Path | str], Database]) -> None:
    one, other = opened(address), opened(address)
    asked = sa.select(CURSOR.c.seq).where(CURSOR.c.channel == sa.bindparam("name"))
    found = []
    for seq in (1, 2):
        with other.writing() as connection:
            written = other.adding(CURSOR).values(channel="a", seq=seq)
            connection.execute(written.on_conflict_do_update(index_elements=["channel"], set_={"seq": seq}))
        found.append(one.found(asked, {"name": "a"}))
    assert found == [(1,), (2,)]


def test_what_is_not_installed_is_named_by_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import import_module, util

    monkeypatch.setattr(util, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtra, match=r"bartizan\[postgres\]"):
        Database("postgresql://a@b/c", TROUBLE)
    monkeypatch.delitem(sys.modules, "bartizan.lake.state.engine")
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(MissingExtra, match=r"bartizan\[serve\]"):
        import_module("bartizan.lake.state.engine")
