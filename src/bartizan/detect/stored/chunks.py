"""Make chunks of stored records: those of one source together, with what the lake knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from bartizan.collect.chunk import Chunk, Known
from bartizan.collect.contract import Framing
from bartizan.collect.identify import named
from bartizan.lake.declared import UNPARSED, table_of
from bartizan.schema.identity import RECORD_ID_BYTES, record_id
from bartizan.schema.record import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

    from bartizan.collect.catalogue import Catalogue

__all__ = ["Row", "Sorter", "chunks_of", "rows_of"]

_QUOTED: Final = f'"{HEAD}"'
_decode = msgspec.json.Decoder(dict[str, object]).decode
_NANO: Final = 1_000_000_000
_MILLI: Final = 1_000_000
_SECOND_TEXT: Final = 19
"""Characters of RFC 3339 up to the second."""
_MOST_LOGS: Final = 4_096
"""Logs whose source is remembered."""


class Row(NamedTuple):
    """A record as the lake has it. ``time`` in nanoseconds UTC; ``head``: that of its log, where it needs one."""

    table: str
    time: int
    uid: bytes
    provider: str
    origin: str
    raw: bytes
    head: str = ""


@dataclass(slots=True)
class _Group:
    framing: Framing
    source: str
    why: str
    head: str
    rows: list[Row]


def rows_of(batch: pa.RecordBatch) -> Iterator[Row]:
    """Yield the records of a batch with the columns of the contract that have a raw text: our own findings have none."""
    for uid, time, text, identity, provider, origin, more, raw in zip(*(column.to_pylist() for column in batch.columns), strict=True):
        if raw is None:
            continue
        content = raw.encode("utf-8", "surrogatepass")
        known = bytes.fromhex(identity) if _is_identity(identity) else record_id(content)
        # What nobody could read has the class of base events, and no provider.
        table = UNPARSED if uid == 0 and provider is None else table_of(uid or 0)
        yield Row(table, _time(time, text), known, provider or "", origin or "", content, _head(more))


class Sorter:
    """Tells the source of stored records: by the name that the lake has of it, else by the content of their log."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Know these sources."""
        self._catalogue = catalogue
        self._by_name = {source.name: source for source in catalogue.sources}
        self._seen: dict[tuple[str, str, Framing], tuple[str, str]] = {}

    def grouped(self, row: Row) -> bool:
        """Say whether a record is of a source that groups neighbours, by its name."""
        found = self._by_name.get(row.provider)
        return found is not None and found.group is not None

    def groups(self, rows: Iterable[Row]) -> Iterator[_Group]:
        """Put records of one table, source and framing together, in their order."""
        logs: dict[tuple[str, str, str, Framing, str], list[Row]] = {}
        for row in rows:
            known = row.provider in self._by_name
            logs.setdefault((row.table, row.provider, "" if known else row.origin, self._framing(row), row.head), []).append(row)
        groups: dict[tuple[str, str, Framing, str], _Group] = {}
        for (table, provider, origin, framing, head), some in logs.items():
            source, why = self._source(provider, origin, framing, some)
            groups.setdefault((table, source, framing, head), _Group(framing, source, why, head, [])).rows.extend(some)
        yield from groups.values()

    def _framing(self, row: Row) -> Framing:
        source = self._by_name.get(row.provider)
        natural = Framing.JSON if row.raw[:1] in {b"{", b"["} else Framing.LINES
        return natural if source is None or natural in source.framings else source.framings[0]

    def _source(self, provider: str, origin: str, framing: Framing, rows: Sequence[Row]) -> tuple[str, str]:
        if provider in self._by_name:
            return provider, "the lake says so"
        known = self._seen.get((provider, origin, framing))
        if known is None:
            records = [row.raw for row in rows]
            found = named(Chunk(origin=origin, framing=framing, records=records, head=_lines(rows[0].head)), self._catalogue)
            if len(self._seen) >= _MOST_LOGS:
                self._seen.clear()
            known = self._seen[provider, origin, framing] = found.source, found.why or "the lake does not say whose it is"
        return known


def chunks_of(rows: Iterable[Row], sorter: Sorter) -> Iterator[Chunk]:
    """Yield records as chunks that a judge takes; the origin of each chunk is the name of its table."""
    for group in sorter.groups(rows):
        times = [row.time for row in group.rows]
        yield Chunk(
            origin=group.rows[0].table,
            framing=group.framing,
            records=[row.raw for row in group.rows],
            head=_lines(group.head),
            # Clocks that tell no year: the lake knows the time, this keeps what is read of them near it.
            modified=max(times) / _NANO,
            source=group.source,
            why=group.why,
            known=Known(ids=[row.uid for row in group.rows], times=times, origins=[row.origin for row in group.rows]),
        )


def _is_identity(text: str | None) -> bool:
    return text is not None and len(text) == 2 * RECORD_ID_BYTES and set(text) <= set("0123456789abcdef")


def _head(unmapped: str | None) -> str:
    """Return the head of a record's log, if it was kept with it."""
    return str(_decode(unmapped).get(HEAD, "")) if unmapped and _QUOTED in unmapped else ""


def _lines(head: str) -> list[bytes]:
    return head.encode("utf-8", "surrogatepass").split(b"\n") if head else []


def _time(milliseconds: int | None, text: str | None) -> int:
    """Return the time to the nanosecond, which only the text has."""
    at = (milliseconds or 0) * _MILLI
    if not text or len(text) <= _SECOND_TEXT or text[_SECOND_TEXT] != "." or text[-1] != "Z":
        return at
    digits = text[_SECOND_TEXT + 1 : -1]
    return at // _NANO * _NANO + int(digits.ljust(9, "0")[:9]) if digits.isdecimal() else at
