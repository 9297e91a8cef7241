"""Follow files while the server runs, and remember where each was left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from typing import TYPE_CHECKING, Final

import msgspec

from bartizan.collect.receivers.cutting import cut_body
from bartizan.collect.receivers.tail import Left, Lines, Tail
from bartizan.errors import OutputError
from bartizan.faces.server.intake import entry_of

if TYPE_CHECKING:
    from bartizan.faces.server.intake import IntakeHandler
    from bartizan.faces.server.served import Served

__all__ = ["FileFollower"]

_LOOK: Final = 1.0
"""Seconds between two looks at files that have not grown."""


class FileFollower:
    """The files of one server; nothing where none were named."""

    def __init__(self, served: Served, intake: IntakeHandler) -> None:
        """Take up where the files were left. OutputError where that cannot be read."""
        self._log, self._intake = served.log, intake
        self._place = served.root / "files.json"
        self._tail = Tail(served.files, self._remembered())
        self._told: dict[str, str] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        if self._tail.patterns:
            self._task = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """End; what was read and is not safe is read again after the next start."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._tail.close()

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            found = self._tail.poll()
            count = 0
            while (lines := await loop.run_in_executor(None, next, found, None)) is not None:
                await self._keep(lines)
                count += 1
            if count:
                await loop.run_in_executor(None, self._remember)
            for path, why in self._tail.problems.items():
                if self._told.get(path) != why:
                    self._log(f"{path}: cannot be followed: {why}", "warning")
            self._told = dict(self._tail.problems)
            await asyncio.sleep(_LOOK)

    async def _keep(self, lines: Lines) -> None:
        """Write lines, for as long as it takes: meanwhile the file keeps what is behind them."""
        entries = [entry_of(each, "file", time.time_ns()) for each in cut_body(lines.text, label=lines.path.lstrip("/").replace("/", ":"))]
        while entries:
            try:
                await self._intake.keep_records("file", entries)
            except OutputError:
                await asyncio.sleep(_LOOK)
            else:
                return

    def _remembered(self) -> dict[str, Left]:
        try:
            return msgspec.json.decode(self._place.read_bytes(), type=dict[str, Left])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            message = f"{self._place}: cannot be read: {error}: move it away to read all files from their beginning"
            raise OutputError(message) from error

    def _remember(self) -> None:
        draft = self._place.with_suffix(".draft")
        try:
            with draft.open("wb") as file:
                file.write(msgspec.json.encode(self._tail.state))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._place)
        except OSError as error:
            self._log(f"{self._place}: cannot be written: {error.strerror}: files may be read again after the next start", "warning")
