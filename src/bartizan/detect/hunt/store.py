"""Keep what a hunt reads and finds in a lake: records by OCSF class, what nobody could read, findings, identities."""

from __future__ import annotations

from array import array
from itertools import islice
from typing import TYPE_CHECKING, Final

from bartizan.collect.catalogue import catalogue
from bartizan.detect.identities.ledger import IdentityLedger
from bartizan.lake.declared import FINDINGS, UNPARSED, declare, table_of
from bartizan.lake.findings import findings_frame
from bartizan.lake.layout import prepare
from bartizan.lake.parquet import ParquetLake
from bartizan.schema.columns import Column, Frame
from bartizan.schema.record import Details, Provenance, complete

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from bartizan.detect.hunt.run import Unread
    from bartizan.detect.hunt.spool import Spool
    from bartizan.lake.contract import Misfit, Written

__all__ = ["LakeStore", "by_table", "unread_frame"]

_BATCH: Final = 4096


class LakeStore:
    """A store in a folder that holds no lake yet."""

    def __init__(self, root: Path, now: int, mappings: tuple[Path, ...] = ()) -> None:
        """Make the lake; ``now`` in nanoseconds UTC, ``mappings`` as in the request."""
        prepare(root)
        tables = declare(route.ocsf for source in catalogue(mappings).sources for route in source.routes)
        self._lake = ParquetLake(root, tables)
        self._identities = IdentityLedger(root)
        self._now = now

    def records(self, frame: Frame, raw: Sequence[bytes]) -> None:
        """Keep complete records with their raw text, and what identities they tie together."""
        self._identities.add(frame)
        for table, some, lines in by_table(frame, raw):
            self._lake.add(table, some, raw=lines)

    def unread(self, records: Iterable[Unread]) -> None:
        """Keep raw what nobody could read, with the reason as its message."""
        held = list(records)
        if held:
            self._lake.add(UNPARSED, unread_frame(held, self._now), raw=[record.raw for record in held])

    def close(self, spool: Spool) -> Sequence[Written]:
        """Add the findings, finish every file, and say which there are."""
        lines = iter(spool.lines())
        while batch := list(islice(lines, _BATCH)):
            self._lake.add(FINDINGS, findings_frame(batch, self._lake.tables[FINDINGS]))
        self._identities.close()
        return self._lake.close()

    def misfits(self) -> Sequence[Misfit]:
        """Return values that their column could not hold; the raw record still has them."""
        return self._lake.misfits()


def by_table(frame: Frame, raw: Sequence[bytes]) -> Iterator[tuple[str, Frame, Sequence[bytes]]]:
    """Yield complete records by the table that they belong into."""
    classes = frame.column("class_uid")
    used = {classes.values[code] for code in set(classes.codes)}
    if len(used) == 1:
        yield _table(used.pop()), frame, raw
        return
    for uid in used:
        rows = [row for row, code in enumerate(classes.codes) if classes.values[code] == uid]
        yield _table(uid), frame.take(rows), [raw[row] for row in rows]


def unread_frame(held: Sequence[Unread], now: int) -> Frame:
    """Return what nobody could read as complete records, with the reason as their message; ``now`` in nanoseconds UTC."""
    told = Frame(
        len(held),
        {
            "class_uid": Column.constant(0, len(held)),
            "activity_id": Column.constant(0, len(held)),
            "severity_id": Column.constant(0, len(held)),
            "message": Column.encode(record.why for record in held),
            "metadata.log_source": Column.encode(record.path for record in held),
        },
    )
    details = Details(ids=[bytes.fromhex(record.record_id) for record in held], numbers=array("q", [record.record for record in held]))
    return complete(told, Provenance(now=now, modified=held[0].modified), details)


def _table(uid: object) -> str:
    return table_of(uid if isinstance(uid, int) else 0)
