"""Accept connections, as many as there may be, and end them all in time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bartizan.faces.server.guests import Guests
from bartizan.faces.server.http import serve_connection

if TYPE_CHECKING:
    from bartizan.faces.server.http import Handler
    from bartizan.faces.server.limits import Limits

__all__ = ["Connections"]


class Connections:
    """The connections that are open."""

    def __init__(self, handler: Handler, limits: Limits) -> None:
        """Hand requests to ``handler``."""
        self._handler, self._limits = handler, limits
        self._tasks: set[asyncio.Task[None]] = set()
        self.guests = Guests(limits.connections, limits.connections_per_address)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, or close it where there are too many."""
        address = str((writer.get_extra_info("peername") or ("",))[0])
        guest = self.guests.enter(address, writer.transport.abort)
        if guest is None:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        try:
            await serve_connection(reader, writer, self._handler, self._limits, guest)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self.guests.exit(guest)
            if task is not None:
                self._tasks.discard(task)

    async def drain(self) -> None:
        """Give requests under way some time, then end them: what was not acknowledged will be sent again."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._limits.drain)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=1)
