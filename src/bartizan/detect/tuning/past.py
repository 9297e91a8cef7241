"""Judge findings that an earlier hunt wrote: their records are read again from the raw text that each finding holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.collect.chunk import Chunk
from bartizan.collect.contract import Context, Framing
from bartizan.collect.reading import parse_chunk
from bartizan.detect.tuning.hidden import preview_of, seen
from bartizan.errors import InputError
from bartizan.rules.contract import Records
from bartizan.rules.match import FastBound, Memory
from bartizan.schema.logsource import Logsource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from bartizan.collect.catalogue import Catalogue
    from bartizan.collect.contract import Source
    from bartizan.detect.tuning.hidden import Hidden, Preview
    from bartizan.rules.exceptions import Draft
    from bartizan.rules.plan import Node

__all__ = ["past_findings", "preview_past"]

_SUFFIXES: Final = (".ndjson", ".jsonl")
_OURS: Final = b'"product":{"name":"Bartizan"'
_CLASS: Final = b'"class_uid":2004'
_BATCH: Final = 4096


def past_findings(path: Path) -> Iterator[bytes] | None:
    """Return the findings that a file or a folder of results holds, as lines of JSON; None where it is none of these.

    A folder is what ``hunt --out`` made; a file is NDJSON with one of our findings in its first line, or Parquet.
    """
    if path.is_dir():
        inside = path / "findings.ndjson"
        return _lines(inside) if inside.is_file() else None
    if path.suffix.lower() == ".parquet":
        return _parquet(path)
    if path.suffix.lower() not in _SUFFIXES or not path.is_file():
        return None
    with path.open("rb") as file:
        first = file.readline(1 << 20)
    return _lines(path) if _OURS in first and _CLASS in first else None


def preview_past(draft: Draft, lines: Iterable[bytes], sources: Catalogue) -> Preview:
    """Say which of some findings an exception would hide; ``sources`` read their records again."""
    sorter = _Sorter(draft.node(), draft, sources)
    hidden: list[Hidden] = []
    batch: list[bytes] = []
    for line in lines:
        batch.append(line)
        if len(batch) == _BATCH:
            hidden.extend(sorter.hidden(batch))
            batch = []
    hidden.extend(sorter.hidden(batch))
    why = [f"{count:,}: {reason}" for reason, count in sorted(sorter.unknown.items())]
    return preview_of(hidden, stays=sorter.stays, unknown=sorter.unknown.total(), why=why)


@dataclass(frozen=True, slots=True)
class _Past:
    line: bytes
    raw: bytes
    logsource: Logsource


class _Sorter:
    """Sorts findings into hidden, staying and unknown."""

    def __init__(self, node: Node, draft: Draft, sources: Catalogue) -> None:
        self._node, self._draft, self._sources = node, draft, sources
        self.stays = 0
        self.unknown: Counter[str] = Counter()

    def hidden(self, lines: Sequence[bytes]) -> Iterator[Hidden]:
        """Yield the findings that are hidden, in no order."""
        by_source: defaultdict[str, list[_Past]] = defaultdict(list)
        for line in lines:
            found = msgspec.json.decode(line)
            analytic = found["finding_info"]["analytic"]
            logsource = Logsource(*(part.strip("-") for part in analytic["category"].split("/")))
            if self._draft.rule in {"any", analytic["uid"]} and logsource.serves(self._draft.logsource):
                raw = found["evidences"][0]["data"]["raw_data"].encode("utf-8", "surrogatepass")
                by_source[found["metadata"].get("log_source", "")].append(_Past(line, raw, logsource))
        for name, past in by_source.items():
            source = self._sources.named(name)
            if source is None:
                self.unknown[f"no source is called '{name}'"] += len(past)
            elif source.group is not None:
                self.unknown[f"records of {name} are told by several lines, and a finding holds one"] += len(past)
            else:
                yield from self._of_source(source, past)

    def _of_source(self, source: Source, past: Sequence[_Past]) -> Iterator[Hidden]:
        for framing in dict.fromkeys(_framing(source, one.raw) for one in past):
            some = [one for one in past if _framing(source, one.raw) is framing]
            chunk = Chunk(origin="", framing=framing, records=[one.raw for one in some], source=source.name)
            reading = parse_chunk(chunk, Context(), self._sources)
            for _ in reading.unparsed:
                self.unknown[f"a record of {source.name} cannot be read without its file"] += 1
            for _, part in reading.parts:
                by_view: defaultdict[Logsource, list[int]] = defaultdict(list)
                for at, row in enumerate(part.rows):
                    by_view[some[row].logsource].append(at)
                for logsource, places in by_view.items():
                    view = next((view for view in part.route.views if view.logsource.serves(logsource)), None)
                    if view is None:
                        self.unknown[f"{source.name} no longer gives {logsource}"] += len(places)
                        continue
                    raw = [some[part.rows[at]].raw for at in places]
                    records = Records(part.frame.take(places), raw, structured=framing is not Framing.LINES)
                    hits = FastBound([(0, self._node, view)], Memory()).match(records)
                    rows = [row for hit in hits for row in hit.rows]
                    self.stays += len(places) - len(rows)
                    yield from (seen(some[part.rows[places[row]]].line) for row in rows)


def _framing(source: Source, raw: bytes) -> Framing:
    """Return how a record's file was cut: by lines, unless it looks like JSON and the source reads such."""
    structured = [framing for framing in source.framings if framing is not Framing.LINES]
    if structured and (raw.lstrip()[:1] == b"{" or Framing.LINES not in source.framings):
        return structured[0]
    return Framing.LINES


def _lines(path: Path) -> Iterator[bytes]:
    number = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):  # noqa: B007 - told where a line is none
                if _OURS in line and _CLASS in line:
                    msgspec.json.decode(line)
                    yield line.rstrip(b"\n")
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror or error}"
        raise InputError(message) from error
    except msgspec.DecodeError as error:
        message = f"{path}:{number}: this is no finding: {error}"
        raise InputError(message) from error


def _parquet(path: Path) -> Iterator[bytes]:
    """Yield findings from the columns that say what fired on what."""
    import polars as pl  # noqa: PLC0415 - loaded by who reads Parquet

    names = ("time", "severity", "finding_info", "metadata", "device", "evidences")
    if_there = ("class_uid", "severity_id", "confidence_id")
    try:
        frame = pl.scan_parquet(path)
        there = [name for name in (*names, *if_there) if name in frame.collect_schema()]
        rows = frame.select(there).collect().iter_rows(named=True)
    except (OSError, pl.exceptions.PolarsError) as error:
        message = f"{path}: is no Parquet file of findings: {' '.join(str(error).split())[:200]}"
        raise InputError(message) from error
    if missing := sorted(set(names) - set(there)):
        message = f"{path}: holds no findings: it has no column {', '.join(missing)}"
        raise InputError(message)
    for row in rows:
        if (row["metadata"]["product"] or {}).get("name") == "Bartizan" and row["evidences"]:
            yield msgspec.json.encode(_whole(row))


def _whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """Put a row's JSON texts back into its evidence."""
    evidences = [{name: _read(value) for name, value in one.items() if value is not None} for one in row["evidences"]]
    return {**{name: value for name, value in row.items() if value is not None}, "evidences": evidences}


def _read(value: object) -> object:
    return msgspec.json.decode(value) if isinstance(value, str) and value[:1] in "{[" else value
