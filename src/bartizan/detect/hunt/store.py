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
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bartizan.detect.hunt.run import Unread
    from bartizan.detect.hunt.spool import Spool
    from bartizan.lake.contract import Misfit, Written

__all__ = ["LakeStore"]

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
        classes = frame.column("class_uid")
        used = {classes.values[code] for code in set(classes.codes)}
        if len(used) == 1:
            self._add(used.pop(), frame, raw)
            return
        for uid in used:
            rows = [row for row, code in enumerate(classes.codes) if classes.values[code] == uid]
            self._add(uid, frame.take(rows), [raw[row] for row in rows])

    def unread(self, records: Iterable[Unread]) -> None:
        """Keep raw what nobody could read, with the reason as its message."""
        held = list(records)
        if not held:
            return
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
        frame = complete(told, Provenance(now=self._now, modified=held[0].modified), details)
        self._lake.add(UNPARSED, frame, raw=[record.raw for record in held])

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

    def _add(self, uid: object, frame: Frame, raw: Sequence[bytes]) -> None:
        self._lake.add(table_of(uid if isinstance(uid, int) else 0), frame, raw=raw)
