"""Put the records that came into a lake, each once: the same journal is followed a second time, at leisure and without rules.

Judging must be quick, storing must be in large batches: a table is committed with each, and small files make slow lakes. So each
has its own place in the journal, which keeps what either still needs, and a lake that is full or gone delays no finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.catalogue import catalogue
from bartizan.detect.hunt.store import by_table, unread_frame
from bartizan.lake.contract import Account, Batch
from bartizan.lake.declared import FINDINGS, UNPARSED, declare
from bartizan.lake.findings import findings_frame
from bartizan.lake.opening import make_lake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bartizan.detect.watch.ledger import Ledger
    from bartizan.detect.watch.watcher import Piece

__all__ = ["PIECE_BYTES", "LakeKeeper"]

PIECE_BYTES: Final = 32 << 20
"""Bytes of records that are put into the lake at a time: some 30,000 to 200,000 records."""
_SOURCE: Final = "watch"
_FINDINGS: Final = "watch/findings"
_MOST: Final = 5_000


class LakeKeeper:
    """Puts pieces into a lake. Findings follow from the ledger in which the judge keeps them."""

    def __init__(self, root: Path, mappings: tuple[Path, ...] = (), *, node: str = "") -> None:
        """Open the lake in a folder, or make one, for what a node puts there. MissingExtra where what a lake needs is not installed."""
        self._node = f"@{node}" if node else ""
        self.tables = declare(route.ocsf for source in catalogue(mappings).sources for route in source.routes)
        self.lake = make_lake(root, self.tables)

    def keep(self, piece: Piece, batch: str) -> None:
        """Put the records of a piece into the lake, and what nobody could read."""
        accounts = [
            Account(source=stream, read=one.read, stored=one.stored, unparsed=one.unparsed, duplicate=one.duplicate)
            for stream, one in piece.balance.items()
        ]
        if accounts:
            self.lake.append(list(_batches(piece)), source=f"{_SOURCE}{self._node}", batch_id=batch, accounts=accounts)

    def keep_findings(self, judged: Ledger, stored: Ledger) -> int:
        """Put findings that are not in the lake yet there, and return how many; ``stored`` remembers how far."""
        count = 0
        while True:
            first, last = stored.cursor()
            if last <= first:
                found = judged.findings(first, most=_MOST, own=True)
                if not found:
                    return count
                last = found[-1][0]
                stored.move_cursor(first, last)
            lines = [alert.line for number, alert in judged.findings(first, most=_MOST, own=True) if number <= last]
            table = Batch(FINDINGS, findings_frame(lines, self.tables[FINDINGS]))
            self.lake.append([table], source=f"{_FINDINGS}{self._node}", batch_id=f"{first}-{last}")
            stored.move_cursor(last, last)
            count += len(lines)


def _batches(piece: Piece) -> Iterator[Batch]:
    for frame, raw in piece.records:
        for table, some, lines in by_table(frame, raw):
            yield Batch(table, some, lines)
    if piece.unread:
        yield Batch(UNPARSED, unread_frame(piece.unread, piece.now), [record.raw for record in piece.unread])
