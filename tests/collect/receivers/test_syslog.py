"""Syslog over streams: counted messages and lines, in any pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.collect.receivers.syslog import SyslogStream, datagram

ONE = b"<34>1 2026-11-26T10:00:00Z web-01 sshd 1 - - Failed password"
TWO = b"<13>Nov 26 10:00:00 web-01 cron: a job"


def counted(message: bytes) -> bytes:
    return b"%d %b" % (len(message), message)


def taken(data: bytes, *, limit: int = 1000) -> list[bytes]:
    stream = SyslogStream(limit)
    return [*stream.feed(data), *stream.finish()]


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        (ONE + b"\n" + TWO + b"\r\n", [ONE, TWO]),
        (counted(ONE) + counted(TWO), [ONE, TWO]),
        (counted(ONE) + TWO + b"\n" + counted(ONE), [ONE, TWO, ONE]),
        (ONE + b"\0" + TWO + b"\0", [ONE, TWO]),
        (ONE, [ONE]),
        (b"\n\n" + ONE + b"\n\n", [ONE]),
        (counted(b"<1>a\nb\r\nc"), [b"<1>a#012b#012c"]),
        (b"2026 lines may begin with a number\n", [b"2026 lines may begin with a number"]),
        (b"12345678901 <no length\n", [b"12345678901 <no length"]),
        (b"99 <13>cut off", [b"99 <13>cut off"]),
    ],
    ids=["lines", "counted", "both", "NUL", "no end", "blank lines", "lines within", "a year", "a long number", "cut off"],
)
def test_messages_are_told_apart(data: bytes, messages: list[bytes]) -> None:
    assert taken(data) == messages


@given(
    messages=st.lists(st.tuples(st.text("abc <>1", min_size=1, max_size=20), st.booleans()), max_size=8),
    cuts=st.lists(st.integers(1, 15), min_size=1, max_size=5),
)
def test_it_does_not_matter_in_which_pieces_the_bytes_come(messages: list[tuple[str, bool]], cuts: list[int]) -> None:
    whole = [(f"<1>{text.strip()}x".encode(), count) for text, count in messages]
    data = b"".join(counted(message) if count else message + b"\n" for message, count in whole)
    stream, found, at, turn = SyslogStream(), [], 0, 0
    while at < len(data):
        found += stream.feed(data[at : at + cuts[turn % len(cuts)]])
        at, turn = at + cuts[turn % len(cuts)], turn + 1
    assert [*found, *stream.finish()] == [message for message, _ in whole]


@pytest.mark.parametrize("pieces", [1, 7, 10_000])
def test_of_a_giant_message_the_beginning_is_kept_and_the_next_is_whole(pieces: int) -> None:
    giant = b"<1>" + b"x" * 5000
    for data in (giant + b"\n" + ONE + b"\n", counted(giant) + counted(ONE)):
        stream = SyslogStream(limit=100)
        found = [message for at in range(0, len(data), pieces) for message in stream.feed(data[at : at + pieces])]
        assert (found, stream.cut, stream.finish()) == ([giant[:100], ONE], 1, [])


@given(st.binary(max_size=300), st.integers(1, 50))
def test_garbage_is_never_more_than_was_sent_and_no_exception(data: bytes, limit: int) -> None:
    assert sum(map(len, taken(data, limit=limit))) <= 4 * len(data)


def test_a_datagram_is_a_message() -> None:
    assert [datagram(ONE + b"\n"), datagram(b"\n")] == [[ONE], []]
