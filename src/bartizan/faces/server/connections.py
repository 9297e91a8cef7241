"""Accept connections, as many as there may be, and end them all in time."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

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
        self._by_address: Counter[str] = Counter()
        self.refused = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, or close it where there are too many."""
        address = str((writer.get_extra_info("peername") or ("",))[0])
        limits = self._limits
        if len(self._tasks) >= limits.connections or self._by_address[address] >= limits.connections_per_address:
            self.refused += 1
            writer.transport.abort()
            return
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        self._by_address[address] += 1
        try:
            await serve_connection(reader, writer, self._handler, limits)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]
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
