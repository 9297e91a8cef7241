"""A syslog header is taken off however a device wrote it."""

from __future__ import annotations

import pytest

from bartizan.collect.mapped.headers import header_of
from bartizan.collect.mapped.plan import Reader


@pytest.mark.parametrize(
    ("line", "header"),
    [
        ("BODY", (None, None, None, None, None)),
        ("<189>BODY", ("189", None, None, None, None)),
        ("<189>May 16 08:00:00 fw-1 BODY", ("189", "May 16 08:00:00", "fw-1", None, None)),
        ("<189>May 16 2024 08:00:00 fw-1 : BODY", ("189", "May 16 2024 08:00:00", "fw-1", None, None)),
        ("May 16 08:00:00 fw-1 prog[77]: BODY", (None, "May 16 08:00:00", "fw-1", "prog", "77")),
        ("<134>1 2024-05-16T08:00:00.25Z fw-1 BODY", ("134", "2024-05-16T08:00:00.25Z", "fw-1", None, None)),
        ("<189>64: rtr-1: *May 16 2024 08:00:00.250 UTC: BODY", ("189", "*May 16 2024 08:00:00.250 UTC", "rtr-1", None, None)),
        ("[1715846400] prog[77:0] BODY", (None, "[1715846400]", None, "prog", "77:0")),
    ],
)
def test_what_stands_before_the_body_is_read(line: str, header: tuple[str | None, ...]) -> None:
    part = header_of(Reader(format="kv", body="BODY"))
    assert part is not None
    assert part(line) == (header, "BODY")


def test_a_line_without_the_body_is_none() -> None:
    part = header_of(Reader(format="kv", body="BODY"))
    assert part is not None
    assert part("<189>something else") is None


def test_a_header_that_must_be_there_must_be_of_the_program() -> None:
    line = "May 16 08:00:00 gw {}[77]: text"
    must = header_of(Reader(format="regex", header="syslog", program=("named*",)))
    maybe = header_of(Reader(format="regex", header="maybe", program=("named*",)))
    assert must is not None
    assert maybe is not None
    read = ((None, "May 16 08:00:00", "gw", "named", "77"), "text")
    assert (must(line.format("named")), must(line.format("cron")), must("text")) == (read, None, None)
    nothing = (None,) * 5
    assert (maybe(line.format("named")), maybe(line.format("cron"))) == (read, (nothing, line.format("cron")))
    assert maybe("text") == (nothing, "text")


def test_without_a_header_there_is_nothing_to_take_off() -> None:
    assert header_of(Reader(format="kv")) is None
