"""Fetch logs while the server runs, each place in a thread of its own: what was written to disk is let go of, not before."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from bartizan.errors import BartizanError, OutputError, Unreachable
from bartizan.faces.server.intake import entry_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.collect.receivers.contract import Delivery
    from bartizan.collect.receivers.pull.contract import Fetched, Puller
    from bartizan.faces.server.intake import IntakeHandler
    from bartizan.faces.server.served import Teller

__all__ = ["Fetcher"]

_AGAIN: Final = 1.0
"""Seconds after which a full disk or too large a backlog is looked at again."""
_LATER: Final = 10.0
"""Seconds after which a place that did not answer is asked again."""


class Fetcher:
    """The places of one server; nothing where none were named."""

    def __init__(self, pullers: Sequence[Puller], intake: IntakeHandler, log: Teller) -> None:
        """Fetch from some places."""
        self._pullers, self._intake, self._log = pullers, intake, log
        self._threads = [ThreadPoolExecutor(1, thread_name_prefix=f"fetch-{puller.name}") for puller in pullers]
        self._tasks: list[asyncio.Task[None]] = []
        self._said: dict[str, str] = {}
        self.counts: Counter[tuple[str, str, str]] = Counter()
        """By kind of place, name, and what: ``fetched``, ``again``, ``failed``."""

    def start(self) -> None:
        """Begin."""
        pairs = zip(self._pullers, self._threads, strict=True)
        self._tasks = [asyncio.create_task(self._pull(puller, thread)) for puller, thread in pairs]

    async def close(self) -> None:
        """End; what is not safe by then is held out again, here or to somebody else."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        loop = asyncio.get_running_loop()
        for puller, thread in zip(self._pullers, self._threads, strict=True):
            with contextlib.suppress(BartizanError):
                await loop.run_in_executor(thread, puller.close)
            thread.shutdown()

    async def _pull(self, puller: Puller, thread: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if not self._intake.has_room:
                await asyncio.sleep(_AGAIN)
                continue
            try:
                found = await loop.run_in_executor(thread, puller.fetch)
            except Unreachable as error:
                self._count(puller, "failed", str(error))
                await asyncio.sleep(_LATER)
                continue
            for each in found:
                await self._take(puller, thread, each)

    async def _take(self, puller: Puller, thread: ThreadPoolExecutor, each: Fetched) -> None:
        loop = asyncio.get_running_loop()
        try:
            deliveries = await loop.run_in_executor(thread, each.deliveries)
            while (delivery := await loop.run_in_executor(thread, next, deliveries, None)) is not None:
                await self._keep(puller, delivery)
            await loop.run_in_executor(thread, each.done)
        except BartizanError as error:
            self._count(puller, "failed", str(error))
        else:
            self.counts[puller.receiver, puller.name, "fetched"] += 1
            self.counts[puller.receiver, puller.name, "again"] += each.again

    async def _keep(self, puller: Puller, delivery: Delivery) -> None:
        """Write records, for as long as it takes: meanwhile they stay where they came from."""
        entry = entry_of(delivery, f"{puller.receiver}/{puller.name}", time.time_ns())
        while True:
            try:
                await self._intake.keep_records(puller.receiver, [entry])
            except OutputError:
                await asyncio.sleep(_AGAIN)
            else:
                return

    def _count(self, puller: Puller, what: str, why: str) -> None:
        self.counts[puller.receiver, puller.name, what] += 1
        if self._said.get(puller.name) != why:
            self._said[puller.name] = why
            self._log(f"{why}: it is tried again" if "stays in the queue" not in why else why, "warning")
