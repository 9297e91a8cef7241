"""Gather identity facts while a hunt goes on, in bounded memory, and write them as one table at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

import polars as pl

from bartizan.detect.identities.columns import KEYS, NEEDED, Names, seen_in
from bartizan.detect.identities.contract import TABLE
from bartizan.detect.identities.lifetimes import COLUMNS, facts_in
from bartizan.errors import OutputError
from bartizan.lake.parquet import write_whole
from bartizan.schema.columns import Frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["IdentityLedger"]

BATCH_ROWS: Final = 1 << 15
"""Records looked at together: enough that setting up a tie costs nothing beside them."""
HELD_ROWS: Final = 100_000
"""Pairs (for what passes on: pairs and hours) held in memory: with copies made while they are put together 200 MB. More goes to disk."""
SHARES: Final = 64
"""Parts in which what went to disk is put together again, one at a time: of 3 million facts one is 50,000."""
_TEXTS: Final = ("left", "right", "scope", "source")


class IdentityLedger:
    """The facts of one hunt. Nothing is lost at the bound: pairs beyond it wait in files until the end."""

    def __init__(self, root: Path, *, batch_rows: int = BATCH_ROWS, held_rows: int = HELD_ROWS) -> None:
        """Gather for the folder ``identities`` in ``root``."""
        self._folder = root / TABLE
        self._batch_rows, self._held_rows = batch_rows, held_rows
        self._frames: list[Frame] = []
        self._waiting = 0
        self._names = Names()
        self._seen: list[pl.DataFrame] = []
        self._rows = 0
        self._drafts: list[Path] = []

    def add(self, frame: Frame) -> None:
        """Take in completed records (dotted names, ``metadata.uid``)."""
        if not frame.height:
            return
        self._frames.append(Frame(frame.height, {name: column for name, column in frame.columns.items() if name in NEEDED}))
        self._waiting += frame.height
        if self._waiting >= self._batch_rows:
            self._look()

    def close(self) -> int:
        """Write the table and return how many facts it has."""
        self._look()
        if not self._drafts:
            return self._write([self._named(_merged(self._seen))] if self._seen else [pl.DataFrame()])
        self._spill()
        try:
            return self._write(map(self._share, range(SHARES)))
        finally:
            for draft in self._drafts:
                draft.unlink(missing_ok=True)

    def _look(self) -> None:
        frames, self._frames, self._waiting = self._frames, [], 0
        found = seen_in(frames, self._names) if frames else None
        if found is None:
            return
        self._seen.append(found)
        self._rows += found.height
        if self._rows > self._held_rows:
            self._seen = [_merged(self._seen)]
            self._rows = self._seen[0].height
            # Half: or the next batch would already have to be merged again.
            if self._rows > self._held_rows // 2:
                self._spill()

    def _named(self, seen: pl.DataFrame) -> pl.DataFrame:
        """Return rows with texts for numbers."""
        texts = pl.Series(self._names.texts, dtype=pl.String)
        return seen.with_columns(texts.gather(seen[name]).alias(name) for name in _TEXTS)

    def _spill(self) -> None:
        """Put what is held on disk and begin anew."""
        if not self._seen:
            return
        draft = self._folder / f".waiting-{len(self._drafts):05d}.draft"
        rows = _merged(self._seen)
        # By the text, so that the same logs give the same files wherever they are read.
        shares = pl.Series([crc32(text.encode("utf-8", "backslashreplace")) % SHARES for text in self._names.texts], dtype=pl.UInt8)
        write_whole(self._named(rows.with_columns(share=shares.gather(rows["left"]))), draft)
        self._drafts.append(draft)
        self._seen, self._rows, self._names = [], 0, Names()

    def _share(self, share: int) -> pl.DataFrame:
        """Return what belongs to one share of all that waited."""
        try:
            parts = [pl.scan_parquet(draft).filter(pl.col("share") == share).drop("share").collect() for draft in self._drafts]
        except (OSError, pl.exceptions.PolarsError) as error:
            message = f"{self._folder}: identities that waited there cannot be read again: {' '.join(str(error).split())[:200]}"
            raise OutputError(message) from error
        return _merged(parts)

    def _write(self, parts: Iterable[pl.DataFrame]) -> int:
        """Write a file for each part that has facts, one without facts where there are none at all."""
        written = 0
        for number, seen in enumerate(parts):
            facts = facts_in(seen) if seen.height else pl.DataFrame(schema=COLUMNS)
            if facts.height or not number:
                write_whole(facts, self._folder / f"part-{number:05d}.parquet")
                written += facts.height
        return written


def _merged(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Put rows of one key together; the first in time, and of those the first read, is the evidence."""
    return (
        pl.concat(parts)
        .sort("first", nulls_last=True, maintain_order=True)
        .group_by(KEYS)
        .agg(
            pl.col("first", "record_id").first(),
            pl.col("last", "closed", "expires").max(),
            pl.col("count").sum(),
        )
    )
