"""Bring the tables of a database to the newest version, one step after the other, all of them or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.errors import UsageError
from bartizan.lake.state.engine import sa

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NEWEST", "upgrade", "version_of"]

NEWEST: Final = "0002"
_FIRST: Final = "0001"
_LOCK: Final = 0x6261_7274_697A
"""The number under which nodes that begin together wait for each other in PostgreSQL: any that nobody else is likely to take."""


def version_of(connection: sa.Connection) -> str:
    """Return the version of the tables, "" where there are none; a ledger from before there were versions is of the first."""
    there = sa.inspect(connection)
    if there.has_table("alembic_version"):
        return str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or "")
    return _FIRST if there.has_table("finding") else ""


def upgrade(connection: sa.Connection, to: str = NEWEST) -> None:
    """Bring the tables to a version, within the transaction of the connection. UsageError where they are of a later release."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    version = version_of(connection)
    if version == to:
        return
    if version > to:
        message = (
            f"its tables are of version {version}, this release knows {to} at most: install the release that wrote them, or a later one"
        )
        raise UsageError(message)
    _run(connection, version, to)


def _run(connection: sa.Connection, version: str, to: str) -> None:
    from alembic.config import Config  # noqa: PLC0415 - 300 ms that only the first start of a release pays
    from alembic.operations import Operations  # noqa: PLC0415 - as above
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", "bartizan.lake:state")
    config.set_main_option("path_separator", "os")
    scripts = ScriptDirectory.from_config(config)

    def steps(revision: Any, _context: MigrationContext) -> Iterable[Any]:  # noqa: ANN401 - as alembic hands them over
        return scripts._upgrade_revs(to, revision)  # noqa: SLF001 - what alembic's own documentation calls for this

    context = MigrationContext.configure(connection, opts={"fn": steps})
    if version and not sa.inspect(connection).has_table("alembic_version"):
        context.stamp(scripts, version)
    with Operations.context(context):
        context.run_migrations()
