"""Open a state database, read it, and write it in transactions; a failure is said in our words."""

from __future__ import annotations

import importlib.util
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from bartizan.errors import BartizanError, MissingExtra, OutputError, Unreachable, UsageError
from bartizan.lake.state.engine import sa
from bartizan.lake.state.upgrading import NEWEST, upgrade, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

__all__ = ["Database"]

_PATIENCE: Final = 30
"""Seconds to wait for another who writes, or for a server to answer."""
_SCHEMES: Final = ("postgresql://", "postgres://")


class Database:
    """A file, or a database of a PostgreSQL server.

    ``trouble``: what cannot be done where it fails, and what to do; ``{}`` in it is the engine's word.
    """

    def __init__(self, address: Path | str, trouble: str) -> None:
        """Open the path of a file or ``postgresql://USER@HOST/NAME`` with the newest tables, made anew where there are none.

        OutputError where that cannot be, Unreachable where it may be later, MissingExtra where what it needs is not installed.
        """
        self._trouble = trouble
        self.shared = isinstance(address, str)
        """Whether others may write it at the same time, from other machines."""
        self._kept: sa.Connection | None = None
        self._where, self._engine = _served(address) if isinstance(address, str) else _filed(address)
        try:
            with self._connected(writes=False) as connection:
                current = version_of(connection) == NEWEST
            if not current:
                self._upgrade()
        except BaseException:
            self._engine.dispose()
            raise

    def rows(self, query: sa.Executable) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        """Return what a query answers."""
        with self._connected(writes=False) as connection:
            return connection.execute(query).fetchall()

    def found(self, query: sa.Executable, values: dict[str, object]) -> sa.Row[*tuple[Any, ...]] | None:
        """Return the first row that a query answers, quickly: over a connection that stays open, from one thread."""
        try:
            if self._kept is None:
                self._kept = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            return self._kept.execute(query, values).fetchone()
        except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
            self._part()
            raise self._said(error) from error

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Make what is written within this block one transaction, on disk when the block ends; nothing of it where the block fails."""
        with self._connected(writes=True) as connection:
            yield connection

    def adding(self, table: sa.Table) -> SqliteInsert | PostgresInsert:
        """Return an INSERT that can say what is to be done where a row is there already."""
        if self.shared:
            from sqlalchemy.dialects.postgresql import insert as postgres_insert  # noqa: PLC0415 - only what is used is loaded

            return postgres_insert(table)
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert  # noqa: PLC0415 - as above

        return sqlite_insert(table)

    def in_turn(self, connection: sa.Connection, table: sa.Table) -> None:
        """Let nobody else add rows to a table until this transaction ends: their numbers rise in the order in which others see them."""
        if self.shared:
            connection.execute(sa.text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))

    def close(self) -> None:
        """Close all connections."""
        self._part()
        self._engine.dispose()

    def _part(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()

    def _upgrade(self) -> None:
        try:
            with self._connected(writes=True) as connection:
                upgrade(connection)
        except UsageError as error:
            message = f"{self._where}: {error}"
            raise UsageError(message) from error

    @contextmanager
    def _connected(self, *, writes: bool) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                asked = connection.execution_options(writes=writes)
                with asked.begin():
                    yield asked
        except BartizanError:
            raise
        except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
            raise self._said(error) from error

    def _said(self, error: Exception) -> OutputError:
        why = str(getattr(error, "orig", None) or error).strip().splitlines()
        later = self.shared and isinstance(error, sa.exc.OperationalError | sa.exc.TimeoutError)
        return (Unreachable if later else OutputError)(f"{self._where}: {self._trouble.format(why[0] if why else type(error).__name__)}")


def _filed(path: Path) -> tuple[str, sa.Engine]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{path}: {error.strerror or error}: make room, or name another folder"
        raise OutputError(message) from error
    url = sa.URL.create("sqlite", database=str(path.absolute()))
    engine = sa.create_engine(url, connect_args={"timeout": _PATIENCE, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def opened(raw: Any, _record: object) -> None:  # noqa: ANN401 - the connection of sqlite3
        raw.isolation_level = None
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA synchronous = FULL")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        if writes is not None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return str(path), engine


def _served(address: str) -> tuple[str, sa.Engine]:
    if importlib.util.find_spec("psycopg") is None:
        feature = "a state database on PostgreSQL"
        raise MissingExtra(feature, "postgres")
    message = "this is no address of a state database: write postgresql://USER@HOST/NAME"
    try:
        url = sa.make_url(address)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise UsageError(message) from error
    if not address.startswith(_SCHEMES) or not url.database:
        raise UsageError(message)
    how = {"connect_timeout": _PATIENCE, "application_name": "bartizan", "keepalives_idle": _PATIENCE, "tcp_user_timeout": _PATIENCE * 1000}
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args=how)
    shown = sa.URL.create("postgresql", username=url.username, host=url.host, port=url.port, database=url.database)
    return shown.render_as_string(), engine
