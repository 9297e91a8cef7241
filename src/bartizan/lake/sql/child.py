"""Answer queries that come over standard input, one after the other: the process behind ``Lake.sql``.

A message is its length (4 bytes) and content: a question pickled, an answer as MessagePack, for what comes out of here the
parent only reads as data. The parent kills this process when an answer takes too long.
"""

from __future__ import annotations

import pickle
import sys
from dataclasses import dataclass, field
from datetime import date, time
from typing import IO, TYPE_CHECKING, Any, Final

import duckdb
import msgspec

from bartizan.errors import UsageError
from bartizan.lake.sql import cage, guard

if TYPE_CHECKING:
    from bartizan.lake.contract import Snapshot

__all__ = ["Question", "Reply", "main", "read_message", "reply", "write_message"]

MOST_BYTES: Final = 64 << 20
"""Of an answer: what a person reads, or a page shows, is smaller."""
_BESIDE: Final = 2 << 30
"""Address space beyond what the engine may take: libraries, and what mapping files needs."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query over a snapshot."""

    query: str
    over: Snapshot
    params: dict[str, Any] | list[Any]
    max_rows: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Its answer, or why there is none."""

    columns: tuple[str, ...] = ()
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    more: bool = False
    refused: str = ""


def reply(question: Question, memory: int) -> Reply:
    """Answer a question; what is wrong with it is said in the reply."""
    engine = None
    try:
        engine = guard.connection(question.over, memory=memory)
        guard.check(engine, question.query)
        asked = engine.execute(question.query, question.params or None)
        columns = tuple(column[0] for column in asked.description or ())
        rows = asked.fetchmany(question.max_rows + 1)
    except UsageError as error:
        return Reply(refused=str(error))
    except (duckdb.Error, MemoryError) as error:
        zoned = "SQL: a time with a zone cannot be given as it is: cast it, as in CAST(x AS TIMESTAMP)"
        return Reply(refused=zoned if "pytz" in str(error) else f"SQL: {str(error).strip() or 'not enough memory'}")
    finally:
        if engine is not None:
            engine.close()
    return Reply(columns, rows[: question.max_rows], len(rows) > question.max_rows)


def main(memory: int) -> None:
    """Answer until the parent closes its end."""
    cage.enter(memory + _BESIDE)
    while (message := read_message(sys.stdin.buffer)) is not None:
        write_message(sys.stdout.buffer, encoded(reply(pickle.loads(message), memory)))  # noqa: S301 - from the parent, whose own objects these are


def encoded(told: Reply) -> bytes:
    """Return a reply as bytes; values that MessagePack does not have become text."""
    encoder = msgspec.msgpack.Encoder(enc_hook=str)
    try:
        content = encoder.encode(told)
    except (OverflowError, ValueError, TypeError):
        content = encoder.encode(Reply(told.columns, [tuple(map(_plain, row)) for row in told.rows], told.more))
    if len(content) > MOST_BYTES:
        most = MOST_BYTES >> 20
        content = encoder.encode(Reply(refused=f"SQL: the answer is larger than {most} MiB: ask for fewer rows or columns"))
    return content


def _plain(value: object) -> object:
    if isinstance(value, date | time):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | float) else str(value)


def read_message(stream: IO[bytes]) -> bytes | None:
    """Read a message; None at the end."""
    head = stream.read(4)
    if len(head) < 4:  # noqa: PLR2004 - the bytes of a length
        return None
    return stream.read(int.from_bytes(head, "big"))


def write_message(stream: IO[bytes], content: bytes) -> None:
    """Write a message."""
    stream.write(len(content).to_bytes(4, "big") + content)
    stream.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
