"""Look back through the lake in a process of its own, once the server runs: nothing that comes in waits for it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

from bartizan.detect.watch.ledger import Ledger
from bartizan.errors import BartizanError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess
    from pathlib import Path

    from bartizan.detect.hunt.request import Request
    from bartizan.detect.watch.places import Places
    from bartizan.faces.server.served import Served
    from bartizan.faces.server.storing import StoreKeeper

__all__ = ["Backfiller"]

_LOOK: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Work:
    places: Places
    request: Request
    lake: Path


class Backfiller:
    """The looking back of one server; nothing where none was asked for. Killed in the middle, it is begun anew by the next start."""

    def __init__(self, served: Served, store: StoreKeeper) -> None:
        """Look back as far as ``served`` says, when all that was received before is stored."""
        self._served, self._store = served, store
        self._process: SpawnProcess | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        if self._served.backfill is not None and self._served.lake is not None:
            self._task = asyncio.create_task(self._look_back(self._served.backfill, self._served.lake))

    async def close(self) -> None:
        """End, with what is kept so far."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._process is not None:
            self._process.kill()
            self._process.join()

    async def _look_back(self, since: int, lake: Path) -> None:
        durable = self._store.durable
        while self._store.place < durable:  # noqa: ASYNC110 - another process tells of its place when it likes
            await asyncio.sleep(_LOOK)
        context = get_context("spawn")
        pipe, theirs = context.Pipe()
        work = _Work(self._served.places, replace(self._served.request, since=since), lake)
        self._process = context.Process(target=_main, args=(theirs, work), daemon=True, name="bartizan-backfill")
        self._process.start()
        theirs.close()
        while not pipe.poll():  # noqa: ASYNC110 - as above
            await asyncio.sleep(_LOOK)
        try:
            said = pipe.recv()
        except EOFError:
            said = "the process that looks back has died; it is begun anew with the next start"
        self._served.log(f"backfill: {said}")
        pipe.close()


def _main(pipe: Connection, work: _Work) -> None:
    from bartizan.detect.hunt.setup import rest_collector
    from bartizan.detect.retro.backfill import backfill

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    rest_collector()
    try:
        ledger = Ledger(work.places.ledger, work.places.node)
        pipe.send(str(backfill(work.lake, work.request, ledger)))
        ledger.close()
    except BartizanError as error:
        pipe.send(str(error))
