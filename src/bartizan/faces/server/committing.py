"""Write entries to the journal so that many share one flush to disk, and tell each sender when its own are safe."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from bartizan.errors import OutputError
from bartizan.faces.server.tracing import Tracer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bartizan.detect.watch.contract import Place
    from bartizan.detect.watch.journal import Journal

__all__ = ["Committer"]


class Committer:
    """One thread writes; what comes meanwhile waits for the next flush."""

    def __init__(self, journal: Journal, durable: Callable[[Place], None]) -> None:
        """Write to ``journal``; ``durable`` is told each place up to which all is safe."""
        self._journal, self._durable = journal, durable
        self._waiting: list[tuple[Sequence[bytes], asyncio.Future[None]]] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._work: asyncio.Task[None] | None = None
        self.flushes = 0
        self.tracer = Tracer()

    async def put(self, frames: Sequence[bytes]) -> None:
        """Return when the frames are safe on disk. OutputError: none of them is there."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((frames, done))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._flush())
        await done

    async def close(self) -> None:
        """Wait for what is under way and close the journal."""
        if self._work is not None:
            with suppress(asyncio.CancelledError):
                await self._work
        self._thread.shutdown()
        self._journal.close()

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting, []
            frames = [frame for some, _ in group for frame in some]
            try:
                with self.tracer.span("journal", entries=len(frames), bytes=sum(map(len, frames))):
                    place = await loop.run_in_executor(self._thread, self._journal.append, frames)
            except OutputError as error:
                _tell(group, error)
                continue
            self.flushes += 1
            _tell(group, None)
            self._durable(place)


def _tell(group: Sequence[tuple[Sequence[bytes], asyncio.Future[None]]], error: OutputError | None) -> None:
    """Tell those who still wait: a sender that has gone does not."""
    for _, done in group:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
