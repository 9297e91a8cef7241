"""HTTP/1.1 on asyncio: the bytes are read by h11, the time and the memory that a connection may take are bounded here."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from bartizan.collect.receivers.contract import Answer, Asked, Trouble
from bartizan.errors import MissingExtra

try:
    import h11
except ImportError as error:  # pragma: no cover - the extra is installed where tests run
    feature = "bartizan serve"
    raise MissingExtra(feature, "serve") from error

if TYPE_CHECKING:
    from bartizan.faces.server.guests import Guest
    from bartizan.faces.server.limits import Limits

__all__ = ["Handler", "serve_connection"]

_READ: Final = 1 << 18
_CLOSED: Final = (ConnectionError, TimeoutError, asyncio.IncompleteReadError)


class Handler(Protocol):
    """What answers requests."""

    def admit(self, asked: Asked, size: int) -> Answer | None:
        """Look at the head of a request, with its announced size (0 unknown): an answer refuses it before its body is read."""

    def refuse(self, asked: Asked, trouble: Trouble) -> Answer:
        """Say in the words of the request's protocol that it is not taken."""

    def knows(self, asked: Asked) -> bool:
        """Say whether the head of a request shows that its sender may send."""

    def hold(self, size: int) -> bool:
        """Say whether there is memory for so many bytes more of a body, and count them; negative when they are free again."""

    async def handle(self, asked: Asked) -> Answer:
        """Answer a whole request."""


class _NotTaken(Exception):  # noqa: N818 - ends the reading of one body
    """The body is larger than it may be, or there is no memory for it."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.why)
        self.trouble = trouble


async def serve_connection(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler, limits: Limits, guest: Guest
) -> None:
    """Answer the requests of one connection, one after the other, until either side has enough."""
    connection = _Connection(reader, writer, handler, limits, guest)
    try:
        while await connection.exchange():
            pass
    except (*_CLOSED, h11.RemoteProtocolError):
        pass
    finally:
        writer.close()


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler, limits: Limits, guest: Guest) -> None:
        self._reader, self._writer, self._handler, self._limits, self._guest = reader, writer, handler, limits, guest
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head_bytes)
        self._held = 0

    async def exchange(self) -> bool:
        """Answer one request; False where the connection is over."""
        try:
            request = await self._head()
            if request is None:
                return False
            asked = _asked(request)
            answer = self._handler.admit(asked, _length(request))
            if answer is None:
                self._guest.heard = self._handler.knows(asked)
                self._guest.known |= self._guest.heard
                try:
                    whole = _with_body(asked, await self._body(request))
                except _NotTaken as refused:
                    answer = self._handler.refuse(asked, refused.trouble)
                else:
                    answer = await self._handler.handle(whole)
            await self._send(answer, head_only=asked.method == "HEAD")
        except h11.RemoteProtocolError as error:
            if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
                await self._send(Answer(error.error_status_hint))
            return False
        finally:
            self._handler.hold(-self._held)
            self._held = 0
            self._guest.heard = False
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            return True
        return False

    async def _head(self) -> h11.Request | None:
        began = False
        loop = asyncio.get_running_loop()
        due = loop.time() + self._limits.idle
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Request):
                return event
            if event is not h11.NEED_DATA:
                return None
            if not began and self._http.trailing_data[0]:
                began, due = True, loop.time() + self._limits.head
            data = await asyncio.wait_for(self._reader.read(_READ), due - loop.time())
            if data and not began:
                began, due = True, loop.time() + self._limits.head
            self._http.receive_data(data)

    async def _body(self, request: h11.Request) -> bytes:
        if self._http.they_are_waiting_for_100_continue:
            self._writer.write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        loop = asyncio.get_running_loop()
        due = loop.time() + self._limits.body
        too_large = Trouble(413, f"the body is larger than {self._limits.packed_bytes} bytes: send it in parts")
        if _length(request) > self._limits.packed_bytes:
            raise _NotTaken(too_large)
        parts: list[bytes] = []
        while True:
            event = self._http.next_event()
            if isinstance(event, h11.Data):
                size = len(event.data)
                due += size / self._limits.slowest
                if self._held + size > self._limits.packed_bytes:
                    raise _NotTaken(too_large)
                if not self._handler.hold(size):
                    raise _NotTaken(Trouble(503, "too much is being sent at once", 1))
                self._held += size
                parts.append(bytes(event.data))
            elif event is h11.NEED_DATA:
                self._http.receive_data(await asyncio.wait_for(self._reader.read(_READ), due - loop.time()))
            else:
                return b"".join(parts)

    async def _send(self, answer: Answer, *, head_only: bool = False) -> None:
        headers = [*answer.headers, ("content-length", str(len(answer.body)))]
        if self._http.their_state is not h11.DONE:
            # What is left of a body that nobody wants is not read: the connection ends with the answer.
            headers.append(("connection", "close"))
        out = self._http.send(h11.Response(status_code=answer.status, headers=headers)) or b""
        if answer.body and not head_only:
            out += self._http.send(h11.Data(data=answer.body)) or b""
        out += self._http.send(h11.EndOfMessage()) or b""
        self._writer.write(out)
        await asyncio.wait_for(self._writer.drain(), self._limits.head)


def _asked(request: h11.Request) -> Asked:
    target = urlsplit(request.target.decode("latin-1"))
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
    query = dict(parse_qsl(target.query, keep_blank_values=True))
    return Asked(method=request.method.decode("latin-1"), path=unquote(target.path), query=query, headers=headers)


def _with_body(asked: Asked, body: bytes) -> Asked:
    return Asked(method=asked.method, path=asked.path, query=asked.query, headers=asked.headers, body=body)


def _length(request: h11.Request) -> int:
    found = next((value for name, value in request.headers if name == b"content-length"), b"0")
    return int(found)
