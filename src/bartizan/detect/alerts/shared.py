"""Read findings from the database of a watch, and keep decisions about alerts there, where everybody sees them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.detect.alerts.journal import Journal, Kept
from bartizan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.lake.state.database import Database

__all__ = ["DecisionTable", "database_of", "findings_in", "journal_at"]

_TROUBLE: Final = "the watch's database cannot be used: {}: make room, or name another"
_MOST: Final = 2_000
_PASSWORD: Final = re.compile(r"\w+://[^/@]*:[^/@]+@")


def database_of(place: Path | str) -> Path | str | None:
    """Return the address of a watch's database: ``postgresql://…``, its file, or the folder with it; None where a place is none."""
    word = str(place)
    if "://" in word:
        if _PASSWORD.match(word):
            message = "a password on a command line can be read by everybody on the machine: write it into ~/.pgpass"
            raise UsageError(message)
        return word
    path = Path(word)
    if path.is_dir() and (path / "watch.sqlite").is_file():
        return path / "watch.sqlite"
    return path if path.suffix == ".sqlite" else None


def journal_at(place: Path | str) -> Journal | DecisionTable:
    """Return where decisions are kept: a file of their own, or the database of a watch."""
    address = database_of(place)
    return Journal(Path(place)) if address is None else DecisionTable(address)


def findings_in(address: Path | str) -> Iterator[bytes]:
    """Yield the findings of a watch, OCSF Detection Findings as JSON, in the order in which they were made."""
    from bartizan.lake.state.engine import sa  # noqa: PLC0415 - 300 ms that only who reads a database should pay
    from bartizan.lake.state.tables import FINDING  # noqa: PLC0415 - as above

    database, last = _opened(address), 0
    try:
        while True:
            asked = sa.select(FINDING.c.seq, FINDING.c.line).where(FINDING.c.seq > last).order_by(FINDING.c.seq).limit(_MOST)
            rows = database.rows(asked)
            if not rows:
                return
            yield from (bytes(row[1]) for row in rows)
            last = rows[-1][0]
    finally:
        database.close()


class DecisionTable:
    """Decisions in the database of a watch, read and added to like those in a file."""

    def __init__(self, address: Path | str) -> None:
        """Name the database; it is opened when it is needed."""
        self._address = address

    def read(self) -> Kept:
        """Return what is kept, in the order in which it was decided."""
        from bartizan.lake.state.engine import sa  # noqa: PLC0415 - as above
        from bartizan.lake.state.tables import DECISION  # noqa: PLC0415 - as above

        database = _opened(self._address)
        try:
            rows = database.rows(sa.select(DECISION.c.record).order_by(DECISION.c.seq))
        finally:
            database.close()
        return Kept(tuple(msgspec.json.decode(bytes(row[0]), type=dict[str, Any]) for row in rows))

    def append(self, records: Sequence[dict[str, Any]]) -> None:
        """Add some records, all of them or none; nobody else can write in between."""
        from bartizan.lake.state.engine import sa  # noqa: PLC0415 - as above
        from bartizan.lake.state.tables import DECISION  # noqa: PLC0415 - as above

        database = _opened(self._address)
        try:
            with database.writing() as connection:
                database.in_turn(connection, DECISION)
                connection.execute(sa.insert(DECISION), [{"record": msgspec.json.encode(record)} for record in records])
        finally:
            database.close()


def _opened(address: Path | str) -> Database:
    from bartizan.lake.state.database import Database  # noqa: PLC0415 - as above

    return Database(address, _TROUBLE)
