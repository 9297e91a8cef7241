"""Keep one process that answers queries, and end it when an answer takes too long."""

from __future__ import annotations

import os
import pickle
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

import msgspec

from bartizan.errors import UsageError
from bartizan.lake.contract import Answer
from bartizan.lake.sql.child import Question, Reply, write_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.lake.contract import Snapshot

__all__ = ["MEMORY", "Asking"]

MEMORY: Final = 2 << 30
"""Bytes that a query may take: grouping 50 M records by host and minute takes less than half."""
_LENGTH: Final = 4


@dataclass(frozen=True, slots=True)
class _Running:
    process: subprocess.Popen[bytes]
    questions: IO[bytes]
    answers: IO[bytes]


class Asking:
    """Asks, one query at a time. The process is started by the first one and stays: starting it costs 0.3 CPU seconds."""

    def __init__(self, memory: int = MEMORY) -> None:
        """Give each query so many bytes of memory."""
        self._memory = memory
        self._running: _Running | None = None
        self._lock = threading.Lock()

    def ask(self, query: str, params: Mapping[str, object] | Sequence[object], *, over: Snapshot, timeout: float, max_rows: int) -> Answer:
        """Return the answer. Raises UsageError where the query is refused, is wrong, or takes longer than ``timeout`` seconds."""
        named = dict(params) if isinstance(params, Mapping) else list(params)
        question = pickle.dumps(Question(query, over, named, max_rows))
        with self._lock:
            running = self._started()
            try:
                write_message(running.questions, question)
                told = _answer(running.answers, time.monotonic() + timeout)
            except (BrokenPipeError, EOFError) as error:
                self._end()
                message = "SQL: the query took more memory than it may and was ended: ask for less at once"
                raise UsageError(message) from error
            except TimeoutError as error:
                self._end()
                message = f"SQL: the query took longer than {timeout:g} s and was ended: ask for less, or allow it more time"
                raise UsageError(message) from error
        if told.refused:
            raise UsageError(told.refused)
        return Answer(columns=tuple(told.columns), rows=told.rows, more=told.more)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _started(self) -> _Running:
        if self._running is None or self._running.process.poll() is not None:
            self._end()
            command = [sys.executable, "-I", "-m", "bartizan.lake.sql.child", str(self._memory)]
            # Its environment is empty: what is in ours is none of a query's business.
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={})  # noqa: S603 - our own module
            if process.stdin is None or process.stdout is None:
                message = "a process was started without pipes"
                raise RuntimeError(message)
            self._running = _Running(process, process.stdin, process.stdout)
        return self._running

    def _end(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.process.kill()
            running.process.wait()
            with suppress(OSError):
                running.questions.close()
            running.answers.close()


def _answer(stream: IO[bytes], until: float) -> Reply:
    content, wanted = bytearray(), _LENGTH
    while len(content) < wanted:
        ready, _, _ = select.select([stream], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        part = os.read(stream.fileno(), 1 << 20)
        if not part:
            raise EOFError
        content += part
        if len(content) >= _LENGTH:
            wanted = _LENGTH + int.from_bytes(content[:_LENGTH], "big")
    return msgspec.msgpack.decode(bytes(content[_LENGTH:]), type=Reply)
