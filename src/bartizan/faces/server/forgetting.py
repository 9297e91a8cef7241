"""Forget findings that are past their time, but never one that somebody is still to be told of or that is not in the lake yet."""

from __future__ import annotations

import asyncio
import contextlib
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

from bartizan.detect.watch.ledger import Ledger
from bartizan.errors import BartizanError
from bartizan.respond.notify.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.detect.watch.places import Places
    from bartizan.faces.server.served import Served

__all__ = ["Forgetter", "forget"]

_EVERY: Final = 3600.0
_FIRST: Final = 60.0
"""Seconds after the start: what is not urgent waits until what was left is judged."""
_DAY: Final = 86_400.0


def forget(places: Places, days: float, *, channels: Sequence[str], lake: bool, now: float) -> tuple[int, int]:
    """Forget this node's findings and what was sent, both older than some days; return how many findings and deliveries that were.

    ``channels``: who must have been looked after before; ``lake``: whether findings must be in the lake before.
    """
    before = now - days * _DAY
    with closing(Ledger(places.ledger, places.node)) as ledger, closing(Outbox(places.ledger, places.node)) as outbox:
        bounds = [ledger.last()]
        if channels:
            bounds.append(outbox.cursor(channels))
        if lake:
            with closing(Ledger(places.storing.ledger, places.storing.node)) as stored:
                bounds.append(stored.cursor()[0])
        return ledger.forget(int(before * 1e9), min(bounds)), outbox.forget(before)


class Forgetter:
    """Forgets every hour; nothing where findings are kept for ever."""

    def __init__(self, served: Served) -> None:
        """Forget by the settings of a server."""
        self._served = served
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        if self._served.keep_days:
            self._task = asyncio.create_task(self._forget())

    async def close(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _forget(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(_FIRST)
        while True:
            try:
                findings, deliveries = await loop.run_in_executor(None, self._once)
            except BartizanError as error:
                self._served.log(str(error), "warning")
            else:
                if findings or deliveries:
                    self._served.log(f"forgot {findings} findings and {deliveries} deliveries older than {self._served.keep_days} days")
            await asyncio.sleep(_EVERY)

    def _once(self) -> tuple[int, int]:
        served = self._served
        names = [one.channel.name for one in served.channels]
        return forget(served.places, served.keep_days, channels=names, lake=served.lake is not None, now=time.time())
