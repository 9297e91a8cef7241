"""Collect what a case rests on: its findings as they were kept, and the records behind them and behind its links, raw."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from bartizan.investigate.tables import members, reading

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from bartizan.investigate.contract import Case
    from bartizan.investigate.places import Place

__all__ = ["Held", "findings_of", "records_of", "wanted_of"]


@dataclass(frozen=True, slots=True)
class Held:
    """A record as it was read: its id, the table and the log it stands in, its raw text, and whether the id follows from that text."""

    record_id: str
    table: str
    source: str
    raw: str
    proven: bool

    def line(self) -> bytes:
        """Return the record as a line of JSON."""
        told = {"record_id": self.record_id, "table": self.table, "source": self.source, "raw_data": self.raw, "proven": self.proven}
        return msgspec.json.encode(told) + b"\n"


def wanted_of(case: Case) -> list[str]:
    """Return the ids of all records of a case, in order: those of its findings, and those that its links rest on."""
    told = [record for signal in case.signals for finding in signal.findings for record in finding.records]
    return sorted({*told, *(record for link in case.links for record in link.records)})


def findings_of(place: Place, case: Case) -> Iterator[bytes]:
    """Yield the findings of a case as they are kept, in their order."""
    wanted = {finding.uid for signal in case.signals for finding in signal.findings}
    seen: set[str] = set()
    for _, lines in place.lines():
        for line in lines:
            uid = _Uid.of(line)
            if uid in wanted and uid not in seen:
                seen.add(uid)
                yield line.rstrip(b"\n") + b"\n"


def records_of(place: Place, ids: Collection[str]) -> list[Held]:
    """Return the records with these ids, by id; what the tables do not hold is left out."""
    import polars as pl  # noqa: PLC0415 - loaded by who reads Parquet

    found: dict[str, Held] = {}
    uid = pl.col("metadata").struct.field("uid")
    wanted = sorted(set(ids))
    for table, files in place.tables.items():
        for path in files:
            with reading(path) as scan:
                schema = scan.collect_schema()
                if "raw_data" not in schema or "metadata" not in schema:
                    continue
                source = pl.col("metadata").struct.field("log_source") if "log_source" in members(schema, "metadata") else pl.lit("")
                rows = scan.filter(uid.is_in(wanted)).select(uid.alias("uid"), source.alias("source"), "raw_data").collect()
            for name, where, raw in rows.iter_rows():
                text = raw or ""
                found.setdefault(name, Held(name, table, where or "", text, _follows(name, text)))
    return [found[name] for name in sorted(found)]


def _follows(name: str, raw: str) -> bool:
    """Say whether a record's id is the digest of its text; that of a record made of several lines, or of bytes that are no text, is not."""
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[: len(name)] == name


class _Info(msgspec.Struct):
    uid: str = ""


class _Uid(msgspec.Struct):
    finding_info: _Info

    @classmethod
    def of(cls, line: bytes) -> str:
        """Return the id of a finding, "" of a line that is none."""
        try:
            return msgspec.json.decode(line, type=cls).finding_info.uid
        except msgspec.DecodeError:
            return ""
