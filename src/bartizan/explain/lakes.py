"""Show what is in a lake and what it answers."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import TYPE_CHECKING, Final

from bartizan.explain.tables import safe_cell
from bartizan.explain.text import moment, number, shorten, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.lake.contract import Account, Answer, Sighting, Status

__all__ = ["account_lines", "answer_csv", "answer_lines", "sighting_lines", "status_lines"]

_WIDE: Final = 60
_MILLI: Final = 1_000_000


def answer_lines(answer: Answer) -> Iterator[str]:
    """Yield an answer as aligned text; long cells are cut in the middle."""
    rows = [list(answer.columns), *([shorten(_text(cell), _WIDE) for cell in row] for row in answer.rows)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(answer.columns))]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
    if answer.more:
        yield f"and more rows; {number(len(answer.rows))} are shown"


def answer_csv(answer: Answer) -> Iterator[str]:
    """Yield the lines of a CSV table that no spreadsheet computes."""
    for row in (answer.columns, *answer.rows):
        line = StringIO()
        csv.writer(line).writerow([safe_cell(_text(cell)) for cell in row])
        yield line.getvalue()


def sighting_lines(values: Sequence[str], found: Sequence[Sighting]) -> Iterator[str]:
    """Yield, for each value, how often it was seen in which tables, first and last."""
    for value in values:
        seen = [one for one in found if one.value == value.lower()]
        if not seen:
            yield visible(f"{value}: not seen")
            continue
        yield visible(f"{value}: {number(sum(one.count for one in seen))} times in {number(len(seen))} files, {_span(seen)}")
        for table in sorted({one.table for one in seen}):
            there = [one for one in seen if one.table == table]
            yield visible(f"  {table}: {number(sum(one.count for one in there))} times, {_span(there)}")


def status_lines(status: Status) -> Iterator[str]:
    """Yield what is in a lake."""
    for table in status.tables:
        days = f"{table.first} to {table.last}" if table.files else "empty"
        away = f", {number(table.away)} files elsewhere" if table.away else ""
        size = f"{number(table.files):>6} files {table.bytes / 1e6:>10,.1f} MB"
        yield f"{table.name:28} {number(table.rows):>14} records {size}  {days}{away}"
    yield f"index: {number(status.entries)} entries, {status.index_bytes / 1e6:,.1f} MB; ledger: {number(status.ledger)} entries"
    yield from account_lines(status.balance)
    for name, reason in status.holds:
        yield visible(f"legal hold {name}: {reason}")


def account_lines(accounts: Sequence[Account]) -> Iterator[str]:
    """Yield what became of what was read; the day goes before where there is one."""
    for account in accounts:
        day = "" if account.day is None else f"{account.day} "
        lost = f"{number(account.unparsed)} unparsed + {number(account.duplicate)} duplicate"
        yield visible(f"{day}{account.source}: read {number(account.read)} = {number(account.stored)} stored + {lost}")


def _span(seen: Sequence[Sighting]) -> str:
    first, last = min(one.first for one in seen), max(one.last for one in seen)
    return f"{moment(first * _MILLI)} to {moment(last * _MILLI)}"


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return visible(cell if isinstance(cell, str) else json.dumps(cell, default=str) if isinstance(cell, list | dict) else str(cell))
