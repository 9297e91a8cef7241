"""Logs are mixed: each record is read by its own source, whatever stands around it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.catalogue import catalogue
from bartizan.collect.chunk import Chunk
from bartizan.collect.contract import Context, Framing
from bartizan.collect.identify import named
from bartizan.collect.reading import parse_chunk

if TYPE_CHECKING:
    from collections.abc import Iterator


def examples(framing: Framing) -> Iterator[tuple[bytes, str]]:
    """Yield records of examples that tell by themselves what they are: not by a head, nor by their neighbours."""
    for source in catalogue().sources:
        if source.framings[0] is framing and source.group is None:
            for example in source.examples:
                if not example.head:
                    yield from ((raw, source.name) for raw, route in zip(example.raw, example.routes, strict=True) if route is not None)


@pytest.mark.parametrize("framing", [Framing.LINES, Framing.JSON])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_record_among_others_is_read_by_its_own_source(framing: Framing, seed: int) -> None:
    records = dict(examples(framing))
    mixed = list(records)
    random.Random(seed).shuffle(mixed)
    chunk = named(Chunk(origin="mixed", framing=framing, records=mixed, modified=1_715_900_000.0), catalogue())
    reading = parse_chunk(chunk, Context(), catalogue())
    told = {mixed[row]: source.name for source, part in reading.parts for row in part.rows}
    assert reading.unparsed == {}
    assert {raw: (told[raw], name) for raw, name in records.items() if told[raw] != name} == {}
