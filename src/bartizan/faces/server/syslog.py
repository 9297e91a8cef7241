"""Listen for syslog over TCP, TLS and UDP. Nobody is answered: what comes over TCP is not read faster than it is on disk."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.collect.receivers.cutting import delivered
from bartizan.collect.receivers.syslog import SyslogStream, datagram
from bartizan.errors import OutputError
from bartizan.faces.server.guests import Guests
from bartizan.faces.server.intake import entry_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from bartizan.faces.server.intake import IntakeHandler

__all__ = ["SyslogListener"]

_READ: Final = 1 << 18
_IDLE: Final = 3600.0
"""Seconds for which a connection may be silent: a quiet host's may be for hours, a dead one's must not be for ever."""
_HANDSHAKE: Final = 10.0
"""Seconds in which TLS must be agreed on."""
_GATHER: Final = 0.2
"""Seconds for which datagrams are gathered before they are written together."""
_WAITING: Final = 20_000
"""Datagrams that wait to be written at most: beyond, the disk is slower than the network, and they are lost and counted."""
_RETRY: Final = 1.0


@dataclass(slots=True)
class SyslogCounts:
    """What was lost or cut: UDP knows no way to ask a sender to wait."""

    lost: int = 0
    cut: int = 0


class SyslogListener:
    """The syslog ports of one server."""

    def __init__(self, intake: IntakeHandler, *, connections: int = 2_000) -> None:
        """Hand messages to the journal of ``intake``."""
        self._intake = intake
        self.guests = Guests(connections, connections)
        self._servers: list[asyncio.Server] = []
        self._transports: list[asyncio.DatagramTransport] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._datagrams: list[bytes] = []
        self._gathering: asyncio.Task[None] | None = None
        self.counts = SyslogCounts()

    async def listen_tcp(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen for connections and return the port."""
        server = await asyncio.start_server(
            self._accept, host, port, ssl=tls, ssl_handshake_timeout=None if tls is None else _HANDSHAKE, limit=_READ
        )
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def listen_udp(self, host: str, port: int) -> int:
        """Listen for datagrams and return the port."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self._take), local_addr=(host, port))
        self._transports.append(transport)
        self._gathering = self._gathering or asyncio.create_task(self._gather())
        return int(transport.get_extra_info("sockname")[1])

    async def close(self) -> None:
        """Stop listening and write what waits."""
        for server in self._servers:
            server.close()
        for transport in self._transports:
            transport.close()
        for task in [*self._tasks, *([self._gathering] if self._gathering else [])]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._write_datagrams()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guest = self.guests.enter("", writer.transport.abort)
        if guest is None:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        stream = SyslogStream()
        try:
            while data := await asyncio.wait_for(reader.read(_READ), _IDLE):
                messages = stream.feed(data)
                guest.known = guest.known or bool(messages)
                guest.heard = True
                await self._keep(messages)
                guest.heard = False
        except (ConnectionError, TimeoutError):
            pass
        finally:
            self.guests.exit(guest)
            if task is not None:
                self._tasks.discard(task)
            self.counts.cut += stream.cut
            writer.close()
            await self._keep(stream.finish())

    async def _keep(self, messages: Sequence[bytes]) -> None:
        """Write messages, for as long as it takes: meanwhile nothing more is read from their sender."""
        while messages:
            try:
                await self._intake.keep_records("syslog", [entry_of(each, "syslog", time.time_ns()) for each in delivered(messages)])
            except OutputError:
                await asyncio.sleep(_RETRY)
            else:
                return

    def _take(self, data: bytes) -> None:
        if len(self._datagrams) < _WAITING:
            self._datagrams += datagram(data)
        else:
            self.counts.lost += 1

    async def _gather(self) -> None:
        while True:
            await asyncio.sleep(_GATHER)
            await self._write_datagrams()

    async def _write_datagrams(self) -> None:
        messages, self._datagrams = self._datagrams, []
        try:
            entries = [entry_of(each, "syslog", time.time_ns()) for each in delivered(messages)]
            if entries:
                await self._intake.keep_records("syslog", entries)
        except OutputError:
            self.counts.lost += len(messages)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, _address: object) -> None:
        self._take(data)
