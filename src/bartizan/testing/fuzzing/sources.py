"""Fuzz a source through its real entry: bytes are cut into records, read, mapped, completed, and held to OCSF."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from bartizan.collect.catalogue import Catalogue, catalogue_of
from bartizan.collect.chunk import Chunk
from bartizan.collect.contract import Context, Framing, Part, Route, Source
from bartizan.collect.detection import sample_of
from bartizan.collect.framing.frames import frames
from bartizan.collect.identify import identified
from bartizan.collect.reading import Reading, parse_chunk
from bartizan.collect.transports.bytestream import ByteStream
from bartizan.schema.expressions import evaluate, inputs_of
from bartizan.schema.identity import record_id
from bartizan.schema.record import Details, Provenance, complete, nested
from bartizan.testing.fuzzing.contract import Target
from bartizan.testing.ocsf_check import check_record
from bartizan.testing.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.schema.columns import Frame

__all__ = ["source_target"]

_NOW: Final = 1_767_225_600_000_000_000
_MODIFIED: Final = 1_700_000_000.0
_OF_THE_INPUT: Final = re.compile(r"is required and missing|needs (?:at least|just) one of|must say what| is no (?:\w+_t|list|object)$")
_LOOKED_AT: Final = 24
"""Records of one part that are looked at whole: an input of 64 KiB can hold thousands, and the first are as good as the rest."""


def source_target(source: Source) -> Target:
    """Return the target of a source, with the files that its examples make as seeds."""
    return Target(name=source.name, seeds=_seeds(source), run=partial(_run, source, catalogue_of([(source.name, source)])))


def _seeds(source: Source) -> tuple[bytes, ...]:
    files = [b"\n".join((*example.head, *example.raw)) for example in source.examples]
    heads = {tuple(example.head) for example in source.examples}
    return tuple(dict.fromkeys([*files, *(b"\n".join((*head, *(raw for one in source.examples for raw in one.raw))) for head in heads)]))


def _run(source: Source, known: Catalogue, data: bytes) -> Iterator[Problem]:
    context = Context(wanted=_mapped)
    for chunk in _chunks(source, known, data):
        source.recognise([*chunk.head, *sample_of(chunk.records)])
        reading = parse_chunk(chunk, context, known)
        yield from _balanced(chunk, reading)
        records = _records(source, chunk, reading)
        for number, record in records:
            for problem in filter(_said, check_record(record)):
                yield Problem(f"{source.name}: no valid OCSF: {problem.where}", f"record {number}: {problem.what}")
        if _records(source, chunk, parse_chunk(chunk, context, known)) != records:
            yield Problem(f"{source.name}: repeated", "the same bytes give other records when they are read again")
        yield from _whole(source, chunk, reading, known)


def _chunks(source: Source, known: Catalogue, data: bytes) -> Iterator[Chunk]:
    """Cut the bytes, and take what comes for the source's own, however hurt it is."""
    cut = frames(ByteStream([data]), Chunk(origin="fuzzed", modified=_MODIFIED))
    framing = Framing.EVTX if source.framings == (Framing.EVTX,) else None
    taken = (replace(chunk, source=source.name, why="fuzzed", framing=chunk.framing and (framing or chunk.framing)) for chunk in cut)
    return identified(taken, known)


def _balanced(chunk: Chunk, reading: Reading) -> Iterator[Problem]:
    """Check that each record is in one place, and that the source did not fail on it."""
    seen = [0] * len(chunk.records)
    for row in (row for rows in (*(part.rows for _, part in reading.parts), reading.unparsed) for row in rows):
        seen[row] += 1
    for row in (row for row, times in enumerate(seen) if times != 1):
        yield Problem(f"{chunk.source}: balance", f"record {row} of {len(seen)} is told of {seen[row]} times")
    for row, why in reading.unparsed.items():
        if not why:
            yield Problem(f"{chunk.source}: balance", f"record {row} is unparsed without a reason")
        if " failed: " in why or "gave no account" in why:
            yield Problem(why.partition(": ")[0] + ": " + why.partition(" failed: ")[2][:60], f"record {row}: {why[:500]}")


def _records(source: Source, chunk: Chunk, reading: Reading) -> list[tuple[int, dict[str, object]]]:
    """Return records as they are kept, each with its number."""
    found = []
    for _, part in reading.parts:
        frame = _completed(source, chunk, part)
        found += [(part.rows[at], nested(frame.row(at))) for at in range(min(frame.height, _LOOKED_AT))]
    return found


def _completed(source: Source, chunk: Chunk, part: Part) -> Frame:
    raw = [chunk.records[row] for row in part.rows]
    provenance = Provenance(now=_NOW, modified=_MODIFIED, product=source.product, log_provider=source.name, log_source="fuzzed")
    details = Details(
        ids=[record_id(one) for one in raw],
        numbers=[row + 1 for row in part.rows],
        raw=raw,
        native=part.frame,
        consumed=inputs_of(part.route.ocsf),
        observables=True,
    )
    return complete(evaluate(part.route.ocsf, part.frame), provenance, details)


def _whole(source: Source, chunk: Chunk, reading: Reading, known: Catalogue) -> Iterator[Problem]:
    """Check that the same records are read where every field is asked for, and that they can be completed with what is not mapped."""
    whole = parse_chunk(chunk, Context(), known)
    if whole.unparsed.keys() != reading.unparsed.keys():
        yield Problem(f"{source.name}: selected", "other records are read when every field is asked for")
    for _, part in whole.parts:
        _completed(source, chunk, part)


def _said(problem: Problem) -> bool:
    """Say whether a problem is one of the mapping.

    What a hurt input no longer tells cannot be there, and a list where a text is expected is what the log has: tables of the lake hold
    their columns to OCSF's types, and count what does not fit.
    """
    return _OF_THE_INPUT.search(problem.what) is None


def _mapped(route: Route) -> frozenset[str]:
    return inputs_of(route.ocsf)
