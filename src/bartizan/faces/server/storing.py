"""Keep a process going that puts records into a lake; whatever becomes of it, receiving and judging go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bartizan.detect.watch.contract import Place
from bartizan.faces.server.judging import JudgeProcess, Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.faces.server.served import Served

__all__ = ["StoreKeeper"]

_AGAIN: Final = 15.0
"""Seconds after which storing is tried again where it failed."""


class StoreKeeper:
    """The storing process as the server sees it; nothing where no lake was named."""

    def __init__(self, served: Served, moved: Callable[[], None]) -> None:
        """Store what stands in the journal; ``moved`` is called when some of it is stored."""
        self._log, self._moved = served.log, moved
        self._work = None if served.lake is None else Work(places=served.places, request=served.request, lateness=0, lake=served.lake)
        self._process: JudgeProcess | None = None
        self._again: asyncio.TimerHandle | None = None
        self._ending = False
        self.place = Place()
        self.durable = Place()
        self.stored = 0

    @property
    def wanted(self) -> bool:
        """Say whether records are stored at all."""
        return self._work is not None

    def start(self, durable: Place) -> None:
        """Start the process."""
        self.durable = durable
        if self._work is not None:
            self._process = JudgeProcess(self._work)
            asyncio.get_running_loop().add_reader(self._process.pipe.fileno(), self._hear)

    def go(self, place: Place) -> None:
        """Let it go on to a place."""
        self.durable = place
        if self._process is not None:
            self._process.go(place)

    def end(self) -> None:
        """Let it store what is left and end."""
        self._ending = True
        if self._again is not None:
            self._again.cancel()
        if self._process is not None:
            self._process.end()

    def _hear(self) -> None:
        process = self._process
        if process is None:
            return
        try:
            while process.pipe.poll():
                told = process.pipe.recv()
                if told.trouble:
                    self._log(
                        f"{told.trouble}: storing is tried again every {_AGAIN:.0f} seconds; meanwhile the journal keeps everything",
                        "warning",
                    )
                elif told.rules:
                    self._process_ready(told.place)
                else:
                    self.place = told.place
                    self.stored += told.stored
                    self._moved()
        except (EOFError, OSError):
            loop = asyncio.get_running_loop()
            loop.remove_reader(process.pipe.fileno())
            process.pipe.close()
            self._process = None
            if not self._ending:
                self._again = loop.call_later(_AGAIN, lambda: self.start(self.durable))

    def _process_ready(self, place: Place) -> None:
        self.place = place
        self.go(self.durable)
