"""Name the tables of a state database as they are now; how older ones become so stands under ``versions/``."""

from __future__ import annotations

from typing import Any, Final

from bartizan.lake.state.engine import sa

__all__ = ["BALANCE", "CURSOR", "DECISION", "DELIVERY", "EVIDENCE", "FINDING", "MOMENT", "NOTICE", "SENDER", "TABLES", "Words"]

TABLES: Final = sa.MetaData()
_COUNTED: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""SQLite counts up only what is INTEGER, which holds 64 bits there."""


class Words(sa.TypeDecorator[str]):
    """Text that may come from anywhere: what PostgreSQL cannot hold of it (NUL, halves of surrogates) is written with a backslash."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:  # noqa: ANN401, ARG002 - as SQLAlchemy calls it
        """Return the text as it can be held."""
        return value if value is None else value.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def _word(name: str, *, key: bool = False, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, Words, primary_key=key, nullable=False, server_default=default)


def _count(name: str, *, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, primary_key=key, nullable=False)


FINDING: Final = sa.Table(
    "finding",
    TABLES,
    sa.Column("seq", _COUNTED, primary_key=True, autoincrement=True),
    _word("uid"),
    _word("rule"),
    _word("level"),
    _count("time"),
    _count("received"),
    _count("judged"),
    sa.Column("line", sa.LargeBinary, nullable=False),
    _word("node", default=""),
    sa.UniqueConstraint("uid"),
    sqlite_autoincrement=True,
)
"""Findings in the order in which they were made. ``node``: who made it."""
sa.Index("finding_node", FINDING.c.node, FINDING.c.seq)
EVIDENCE: Final = sa.Table(
    "evidence",
    TABLES,
    _word("node", key=True),
    _word("rule", key=True),
    sa.Column("uid", sa.LargeBinary, primary_key=True, nullable=False),
    _count("time"),
    sa.Column("line", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Findings that correlations of a node may show."""
sa.Index("evidence_by_time", EVIDENCE.c.node, EVIDENCE.c.time)
BALANCE: Final = sa.Table(
    "balance",
    TABLES,
    _word("node", key=True),
    _word("day", key=True),
    _word("stream", key=True),
    _count("read"),
    _count("stored"),
    _count("unparsed"),
    _count("duplicate"),
    sqlite_with_rowid=False,
)
"""What became of the records of each stream on each day."""
MOMENT: Final = sa.Table(
    "moment",
    TABLES,
    _word("node", key=True),
    _word("name", key=True),
    sa.Column("segment", sa.BigInteger),
    sa.Column("offset", sa.BigInteger),
    sa.Column("seen", sa.BigInteger),
    sa.Column("state", sa.LargeBinary),
    sqlite_with_rowid=False,
)
"""Places in a node's journal, with what was known there."""
NOTICE: Final = sa.Table(
    "notice",
    TABLES,
    _word("uid", key=True),
    _word("level"),
    sa.Column("line", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Findings that somebody is to be told of."""
DELIVERY: Final = sa.Table(
    "delivery",
    TABLES,
    _word("channel", key=True),
    _word("uid", key=True),
    _word("state"),
    _count("attempts"),
    sa.Column("due", sa.Double, nullable=False),
    _word("why"),
    _word("holder", default=""),
    sqlite_with_rowid=False,
)
"""What became of each notice for each channel. ``due``: when it is to be tried, or was sent; ``holder``: the node that is sending it."""
sa.Index("delivery_due", DELIVERY.c.state, DELIVERY.c.due)
CURSOR: Final = sa.Table("cursor", TABLES, _word("channel", key=True), _count("seq"), sqlite_with_rowid=False)
"""Up to which finding all was looked at for a channel; "" for channels that are new."""
DECISION: Final = sa.Table(
    "decision",
    TABLES,
    sa.Column("seq", _COUNTED, primary_key=True, autoincrement=True),
    sa.Column("record", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""What people decided about alerts, silences too: one OCSF record each."""
SENDER: Final = sa.Table(
    "sender",
    TABLES,
    _word("name", key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    _word("receivers"),
    _count("rate"),
    _count("size"),
    _count("silent"),
    _count("made"),
    sqlite_with_rowid=False,
)
"""Who may send. ``digest``: the SHA-256 of the token, which is kept nowhere."""
