"""The tables of a ledger as they were in a file of their own, before there were versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bartizan.lake.state.tables import Words

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    counted = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "finding",
        sa.Column("seq", counted, primary_key=True, autoincrement=True),
        *(sa.Column(name, Words, nullable=False) for name in ("uid", "rule", "level")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("time", "received", "judged")),
        sa.Column("line", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("uid"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "evidence",
        sa.Column("rule", Words, primary_key=True),
        sa.Column("uid", sa.LargeBinary, primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("line", sa.LargeBinary, nullable=False),
    )
    op.create_index("evidence_time", "evidence", ["time"])
    op.create_table(
        "balance",
        sa.Column("day", Words, primary_key=True),
        sa.Column("stream", Words, primary_key=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("read", "stored", "unparsed", "duplicate")),
    )
    op.create_table(
        "moment",
        sa.Column("name", Words, primary_key=True),
        *(sa.Column(name, sa.BigInteger) for name in ("segment", "offset", "seen")),
        sa.Column("state", sa.LargeBinary),
    )
