"""Streams keep their source, their numbering and the lines that belong together, from entry to entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from tests.detect.watch.watching import SECOND
from tests.hunting import NOW

from bartizan.collect.catalogue import catalogue
from bartizan.detect.watch import streams
from bartizan.detect.watch.contract import Entry
from bartizan.detect.watch.streams import PATIENCE, Known, StreamMemory

if TYPE_CHECKING:
    import pytest


def audit(event: int, *kinds: str) -> list[bytes]:
    """Return the lines of one audit event."""
    return [
        f'type={kind} msg=audit(1795430000.100:{event}): arch=c000003e syscall=59 success=yes pid={event} comm="id"'.encode()
        for kind in kinds
    ]


def entry(records: list[bytes], *, stream: str = "audit", received: int = NOW, framing: str = "lines") -> Entry:
    return Entry(stream=stream, received=received, framing=framing, records=records)


def cut(memory: StreamMemory, *entries: Entry) -> list[tuple[str, list[bytes], int]]:
    return [(chunk.origin, list(chunk.records), before) for chunk, before in memory.chunks(entries)]


def test_lines_of_one_event_are_put_together_over_entries_and_over_a_restart() -> None:
    memory = StreamMemory(catalogue())
    first = [*audit(1, "SYSCALL", "PATH"), *audit(2, "SYSCALL")]
    assert cut(memory, entry(first)) == [("audit", first[:2], 0)]
    known = msgspec.msgpack.decode(msgspec.msgpack.encode(memory.known), type=dict[str, Known])
    again = StreamMemory(catalogue(), known)
    rest = [*audit(2, "PATH"), *audit(3, "SYSCALL")]
    assert cut(again, entry(rest)) == [("audit", [*audit(2, "SYSCALL"), *audit(2, "PATH")], 2)]


def test_what_is_held_is_given_when_nothing_comes_for_a_while_or_at_the_end() -> None:
    memory, lines = StreamMemory(catalogue()), [*audit(1, "SYSCALL"), *audit(2, "SYSCALL")]
    assert cut(memory, entry(lines)) == [("audit", lines[:1], 0)]
    assert cut(memory, Entry(stream="", received=NOW + PATIENCE - 1)) == []
    assert cut(memory, Entry(stream="", received=NOW + PATIENCE)) == [("audit", lines[1:], 1)]
    cut(memory, entry(audit(3, "SYSCALL", "PATH")))
    assert [list(chunk.records) for chunk, _ in memory.flush()] == [audit(3, "SYSCALL", "PATH")]
    assert list(memory.flush()) == []


def test_what_is_held_comes_before_records_that_are_cut_otherwise() -> None:
    memory, lines = StreamMemory(catalogue()), [*audit(1, "SYSCALL"), *audit(2, "SYSCALL")]
    cut(memory, entry(lines))
    assert cut(memory, entry([b'{"a":1}'], framing="json")) == [("audit", lines[1:], 1)]
    assert [(list(chunk.records), before) for chunk, before in memory.flush()] == [([b'{"a":1}'], 2)]


def test_entries_of_one_stream_are_judged_together_and_numbered_on() -> None:
    memory = StreamMemory(catalogue())
    entries = [entry([b"one"], stream="a"), entry([b"x"], stream="b"), entry([b"two"], stream="a")]
    assert cut(memory, *entries) == [("a", [b"one", b"two"], 0), ("b", [b"x"], 0)]
    assert cut(memory, entry([b"three"], stream="a")) == [("a", [b"three"], 2)]


def test_streams_that_are_too_many_are_begun_anew_and_nothing_of_them_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STREAMS", 1)
    memory, lines = StreamMemory(catalogue()), [*audit(1, "SYSCALL"), *audit(2, "SYSCALL")]
    cut(memory, entry(lines))
    assert cut(memory, entry([b"x"], stream="b", received=NOW + SECOND)) == [("b", [b"x"], 0), ("audit", lines[1:], 1)]
    assert list(memory.known) == ["b"]
