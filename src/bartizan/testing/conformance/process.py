"""Exchange lines with a program that may do anything: print without end, fall silent, stop reading, exit."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import tempfile
import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final, cast

from bartizan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

__all__ = ["MAX_LINE", "Process"]

MAX_LINE: Final = 4 << 20
"""Bytes of an answer; the longest one of ours has 300."""
WAITING: Final = 16
"""Lines that are kept while nobody asks for them: an engine that prints more waits."""
PATIENCE: Final = 0.1
_TAIL: Final = 400
"""Bytes of the program's last words that are told."""


class Process:
    """A running program of which each line that it is given must be answered by one line."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start the program; raises UsageError where that cannot be done."""
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the program runs
        try:
            self._program = subprocess.Popen(  # noqa: S603 - it is the user who names the program
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, start_new_session=True
            )
        except (OSError, ValueError) as error:
            self._errors.close()
            message = f"{' '.join(command)}: cannot be started: {getattr(error, 'strerror', None) or error}"
            raise UsageError(message) from error
        self._input = cast("IO[bytes]", self._program.stdin)
        self._output = cast("IO[bytes]", self._program.stdout)
        self._ended = threading.Event()
        self._lines: queue.Queue[bytes] = queue.Queue(WAITING)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._writers: list[threading.Thread] = []

    def ask(self, line: bytes, seconds: float) -> bytes | str:
        """Return the line that answers, or a sentence that says why there is none."""
        until = monotonic() + seconds
        # A program that does not read would keep us from writing: somebody else waits for it.
        writer = threading.Thread(target=self._write, args=(line,), daemon=True)
        writer.start()
        self._writers.append(writer)
        try:
            answer = self._lines.get(timeout=seconds)
        except queue.Empty:
            return f"no answer within {seconds:g} seconds"
        writer.join(max(0.0, until - monotonic()))
        if not answer:
            return self._last_words()
        return f"an answer of more than {MAX_LINE:,} bytes" if len(answer) > MAX_LINE else answer

    def end(self) -> None:
        """Kill the program, and what it started."""
        self._ended.set()
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._program.pid, signal.SIGKILL)
        self._program.kill()
        self._program.wait()
        self._reader.join()
        for writer in self._writers:
            writer.join()
        with suppress(OSError):
            self._input.close()
        self._output.close()
        self._errors.close()

    def _read(self) -> None:
        line = b"more"
        while line and not self._ended.is_set():
            line = self._output.readline(MAX_LINE + 1)
            while not self._ended.is_set():
                with suppress(queue.Full):
                    self._lines.put(line, timeout=PATIENCE)
                    break

    def _write(self, line: bytes) -> None:
        # One that has gone is found out by whoever waits for its answer.
        with suppress(OSError, ValueError):
            self._input.write(line)
            self._input.flush()

    def _last_words(self) -> str:
        """Say how the program ended."""
        try:
            code = self._program.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return "it closed its output"
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - _TAIL))
        words = self._errors.read().decode("utf-8", "backslashreplace").strip()
        return f"it ended with code {code}{f': {words}' if words else ''}"
