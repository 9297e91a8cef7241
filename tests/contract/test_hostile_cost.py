"""What is written into the middle of a record must not cost the square of its length, or one line holds up a hunt."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Context, Framing, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = [source for source in catalogue().sources if Framing.LINES in source.framings]
PIECES = (b" ", b"A", b"1", b"a ", b"=", b'"', b"<", b": ")
LENGTH = 8_000
PLACES = re.compile(rb"\b|\s|$")
MOST_PLACES = 60
MOST = 0.15
"""CPU seconds. What grows with the length takes a thirtieth of that; what grows with its square took twice as much, or far more."""


def swollen(source: Source) -> Iterator[tuple[tuple[bytes, ...], bytes]]:
    for example in source.examples[:2]:
        for raw in example.raw:
            for at in sorted({met.start() for met in PLACES.finditer(raw[:700])})[:MOST_PLACES]:
                yield from ((tuple(example.head), raw[:at] + piece * LENGTH + raw[at:]) for piece in PIECES)


@pytest.mark.slow
@pytest.mark.parametrize("source", TEXTS, ids=lambda source: source.name)
def test_a_swollen_record_costs_little_more_than_its_length(source: Source) -> None:
    dear: dict[bytes, float] = {}
    for head, record in swollen(source):
        begin = time.process_time()
        source.recognise([*head, record])
        source.parse([record], Context(head=head))
        cost = time.process_time() - begin
        if cost > MOST:
            dear[record[:120]] = cost
    assert dear == {}
