"""HTTP as bytes over a socket: what is taken, what is refused, and when a connection is over."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.receivers.contract import Answer, Asked, Trouble
from bartizan.faces.server.connections import Connections
from bartizan.faces.server.limits import Limits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

LIMITS = Limits(head=0.3, idle=0.5, body=0.3, slowest=1_000_000, packed_bytes=1000, head_bytes=2000, drain=0.2, connections=3)


@dataclass
class Handler:
    """Answers what it was asked, and remembers what it held."""

    room: int = 1 << 20
    held: int = 0
    most: int = 0
    asked: list[Asked] = field(default_factory=list)

    def admit(self, asked: Asked, _size: int) -> Answer | None:
        return Answer(401, b"no") if "authorization" not in asked.headers else None

    def knows(self, asked: Asked) -> bool:
        return "authorization" in asked.headers

    def refuse(self, _asked: Asked, trouble: Trouble) -> Answer:
        return Answer(trouble.status, trouble.why.encode())

    def hold(self, size: int) -> bool:
        if size > 0 and self.held + size > self.room:
            return False
        self.held += size
        self.most = max(self.most, self.held)
        return True

    async def handle(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return Answer(200, b"kept", (("x-kind", "test"),))


Talk = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def listening(handler: Handler, limits: Limits) -> AsyncIterator[Callable[[], Awaitable[Talk]]]:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "s")
        connections = Connections(handler, limits)
        server = await asyncio.start_unix_server(connections.accept, path)
        yield lambda: asyncio.open_unix_connection(path)
        server.close()
        await connections.drain()


def talk(*sent: bytes | float, handler: Handler | None = None, limits: Limits = LIMITS) -> bytes:
    """Send bytes, wait where a number stands, and return everything that comes back until the server ends the connection."""

    async def run() -> bytes:
        async with listening(handler or Handler(), limits) as connect:
            reader, writer = await connect()
            for one in sent:
                if isinstance(one, float):
                    await asyncio.sleep(one)
                else:
                    writer.write(one)
            answer = await asyncio.wait_for(reader.read(), 10)
            writer.close()
            return answer

    return asyncio.run(run())


def request(body: bytes = b"", *more: bytes, method: bytes = b"POST") -> bytes:
    head = [method + b" /a%20b?x=1&y=a+b HTTP/1.1", b"host: h", b"authorization: Bearer t", b"content-length: %d" % len(body), *more]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def statuses(answer: bytes) -> list[int]:
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


def test_a_request_is_handed_over_whole_and_the_connection_serves_the_next() -> None:
    handler = Handler()
    answer = talk(request(b"one"), request(b"two", b"Content-Encoding: gzip"), handler=handler)
    assert statuses(answer) == [200, 200]
    assert answer.endswith(b"x-kind: test\r\ncontent-length: 4\r\n\r\nkept")
    first = handler.asked[0]
    assert (first.method, first.path, first.query, first.body) == ("POST", "/a b", {"x": "1", "y": "a b"}, b"one")
    assert (handler.asked[1].headers["content-encoding"], handler.held, handler.most) == ("gzip", 0, 3)


def test_a_body_may_come_in_chunks() -> None:
    handler = Handler()
    head = b"POST / HTTP/1.1\r\nhost: h\r\nauthorization: t\r\ntransfer-encoding: chunked\r\n\r\n"
    assert statuses(talk(head, b"3\r\none\r\n", 0.05, b"3\r\ntwo\r\n0\r\n\r\n", handler=handler)) == [200]
    assert handler.asked[0].body == b"onetwo"


def test_who_waits_to_be_asked_for_the_body_is_asked_and_only_where_it_is_wanted() -> None:
    whole = request(b"body", b"expect: 100-continue")
    assert statuses(talk(whole[:-4], 0.05, b"body")) == [100, 200]
    assert statuses(talk(whole[:-4].replace(b"authorization", b"x"))) == [401]


def test_a_head_request_gets_no_body() -> None:
    assert talk(request(method=b"HEAD")).endswith(b"\r\n\r\n")


@pytest.mark.parametrize("body", [b"x" * 1001, b"x" * 100_000])
def test_a_body_that_is_too_large_is_refused_and_the_connection_ends(body: bytes) -> None:
    assert talk(request(body)[:300]).startswith(b"HTTP/1.1 413")
    chunked = b"POST / HTTP/1.1\r\nhost: h\r\nauthorization: t\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (
        len(body),
        body,
    )
    assert talk(chunked).startswith(b"HTTP/1.1 413")


def test_where_there_is_no_memory_the_sender_is_asked_to_wait() -> None:
    handler = Handler(room=10)
    assert (talk(request(b"x" * 11), handler=handler)[:12], handler.held) == (b"HTTP/1.1 503", 0)


@pytest.mark.parametrize(
    "sent",
    [(b"POST / HTTP/1.1\r\n", 0.2, b"a: b\r\n"), (request(b"x" * 500)[:-400], 0.1, b"x"), ()],
    ids=["a slow head", "a slow body", "silence"],
)
def test_who_is_too_slow_is_left(sent: tuple[bytes | float, ...]) -> None:
    assert talk(*sent) == b""


@pytest.mark.parametrize(
    "garbage",
    [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nx: " + b"y" * 5000, b"POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n"],
)
def test_what_is_no_http_is_refused(garbage: bytes) -> None:
    answer = talk(garbage, b"\r\n" * 4)
    assert statuses(answer)[0] // 100 == 4


def test_where_more_connect_than_there_may_be_who_says_nothing_makes_room_and_who_sends_is_served() -> None:
    async def run() -> tuple[list[int], bytes, bytes]:
        async with listening(Handler(), replace(LIMITS, idle=5.0)) as connect:
            known = await connect()
            known[1].write(request(b"x"))
            first = await known[0].readuntil(b"kept")
            talks = [await connect() for _ in range(5)]
            await asyncio.sleep(0.05)
            closed = [at for at, (reader, _) in enumerate(talks) if reader.at_eof()]
            known[1].write(request(b"y"))
            second = await known[0].readuntil(b"kept")
            for _, each in (known, *talks):
                each.close()
            return closed, first[:12], second[:12]

    assert asyncio.run(run()) == ([0, 1, 2], b"HTTP/1.1 200", b"HTTP/1.1 200")


def test_an_end_waits_for_requests_under_way_and_not_for_ever() -> None:
    class Slow(Handler):
        async def handle(self, asked: Asked) -> Answer:
            await asyncio.sleep(0.1 if asked.body == b"quick" else 30)
            return Answer(200)

    async def run(body: bytes) -> bytes:
        async with listening(Slow(), LIMITS) as connect:
            reader, writer = await connect()
            writer.write(request(body, b"connection: close"))
            await asyncio.sleep(0.05)
        answer = await asyncio.wait_for(reader.read(12), 5)
        writer.close()
        return answer

    assert [asyncio.run(run(body)) for body in (b"quick", b"for ever")] == [b"HTTP/1.1 200", b""]
