"""Several nodes write one database: rows say whose they are; the outbox, decisions about alerts and senders stand beside the findings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bartizan.lake.state.tables import Words

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Give each table that is of a node the node's name, and make the others."""
    op.add_column("finding", _word("node", server_default=""))
    op.create_index("finding_node", "finding", ["node", "seq"])
    op.drop_index("evidence_time", "evidence")
    _of_nodes("evidence", [_word("rule", key=True), sa.Column("uid", sa.LargeBinary, primary_key=True), _count("time"), _bytes("line")])
    op.create_index("evidence_by_time", "evidence", ["node", "time"])
    counts = map(_count, ("read", "stored", "unparsed", "duplicate"))
    _of_nodes("balance", [_word("day", key=True), _word("stream", key=True), *counts])
    places = [sa.Column(name, sa.BigInteger) for name in ("segment", "offset", "seen")]
    _of_nodes("moment", [_word("name", key=True), *places, sa.Column("state", sa.LargeBinary)])
    _table("notice", _word("uid", key=True), _word("level"), _bytes("line"))
    _table(
        "delivery",
        _word("channel", key=True),
        _word("uid", key=True),
        _word("state"),
        _count("attempts"),
        sa.Column("due", sa.Double, nullable=False),
        _word("why"),
        _word("holder", server_default=""),
    )
    op.create_index("delivery_due", "delivery", ["state", "due"])
    _table("cursor", _word("channel", key=True), _count("seq"))
    counted = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table("decision", sa.Column("seq", counted, primary_key=True), _bytes("record"), sqlite_autoincrement=True)
    _table("sender", _word("name", key=True), _bytes("digest"), _word("receivers"), *map(_count, ("rate", "size", "silent", "made")))


def _of_nodes(name: str, columns: list[sa.Column[Any]]) -> None:
    """Make a table anew with the node in its key: what is there is of the one node that there was, which has no name."""
    names = ", ".join(f'"{column.name}"' for column in columns)
    op.rename_table(name, f"{name}_old")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER INDEX {name}_pkey RENAME TO {name}_old_pkey")
    _table(name, _word("node", key=True), *columns)
    op.execute(f"INSERT INTO {name} (node, {names}) SELECT '', {names} FROM {name}_old")  # noqa: S608 - names are those above
    op.drop_table(f"{name}_old")


def _table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, *columns, sqlite_with_rowid=False)


def _word(name: str, *, key: bool = False, server_default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, Words, primary_key=key, nullable=False, server_default=server_default)


def _count(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _bytes(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary, nullable=False)
