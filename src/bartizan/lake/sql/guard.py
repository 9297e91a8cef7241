"""Let one SELECT over the files of a snapshot through, and nothing else.

Four walls, each of which would do for most attacks: DuckDB's own parser says what a text is (``COPY … TO`` overwrites files
even inside folders that may be read); only the files of the snapshot may be opened; nothing can be installed, attached or
set; and the process is one in which the system refuses every write (``cage.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import duckdb

from bartizan.errors import UsageError
from bartizan.lake.relations import quoted, relation, text

if TYPE_CHECKING:
    from bartizan.lake.contract import Snapshot

__all__ = ["check", "connection"]

_SETTINGS: Final = (
    "SET temp_directory = ''",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET allow_persistent_secrets = false",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
)


def connection(over: Snapshot, *, memory: int) -> duckdb.DuckDBPyConnection:
    """Return an engine in which the tables of a snapshot are views and nothing else can be reached; ``memory`` in bytes."""
    engine = duckdb.connect(":memory:")
    engine.execute(f"SET memory_limit = '{memory // (1 << 20)}MiB'")
    shapes = [table.shape for table in over.tables if table.shape]
    engine.execute(f"SET allowed_paths = [{', '.join(map(text, (*over.paths, *shapes)))}]")
    for setting in _SETTINGS:
        engine.execute(setting)
    for table in over.tables:
        engine.execute(f"CREATE VIEW {quoted(table.table)} AS {relation(table)}")
    engine.execute("SET lock_configuration = true")
    return engine


def check(engine: duckdb.DuckDBPyConnection, query: str) -> None:
    """Refuse whatever is not exactly one SELECT. Raises UsageError that says what it is instead."""
    try:
        statements = engine.extract_statements(query)
    except duckdb.Error as error:
        message = f"SQL: {str(error).strip()}"
        raise UsageError(message) from error
    kinds = [str(statement.type).rpartition(".")[2] for statement in statements]
    if kinds == ["SELECT"] and query.lstrip()[:6].lower() == "pragma":
        kinds = ["PRAGMA"]  # DuckDB 1.5 takes it for the SELECT that it makes of it
    if kinds != ["SELECT"]:
        what = " and ".join(kinds) if kinds else "nothing"
        message = (
            f"SQL: one SELECT can be asked, this is {what}: ask for what you want to see, the lake itself is changed by other commands"
        )
        raise UsageError(message)
