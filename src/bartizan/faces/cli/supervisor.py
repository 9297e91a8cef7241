"""Run a command so that whatever goes wrong ends the process politely: a sentence and an exit code."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, TextIO

from bartizan.errors import BartizanError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["supervised"]

UNWRITTEN: Final = 4
INTERNAL_FAULT: Final = 70
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO})


def supervised(work: Callable[[], int]) -> int:
    """Do the work and return the exit code of the process; nothing that it raises gets through."""
    _prepare_streams()
    try:
        with _ended_like_interrupted():
            code = work()
            sys.stdout.flush()
            return code
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    except BartizanError as error:
        return _said(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _said("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone (`bartizan … | head`), and nobody is left to be told.
        _discard_output()
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - the supervisor of the process: the one place that may catch everything
        return _failed(error)


def _failed(error: Exception) -> int:
    if isinstance(error, OSError) and error.errno in _NO_ROOM and error.filename is None:
        _discard_output()
        return _said(f"standard output: cannot be written: {error.strerror}; free some room", UNWRITTEN)
    import traceback

    traceback.print_exc()
    return _said("this is a fault of bartizan, not of your input; please report the lines above", INTERNAL_FAULT)


def _said(text: str, code: int) -> int:
    """Write a sentence; names of files in it are foreign text and must not reach the terminal as they are."""
    from bartizan.explain.text import visible

    with suppress(OSError):
        sys.stderr.write(f"bartizan: {visible(text)}\n")
    return code


def _prepare_streams() -> None:
    """Make output work where it is closed, and where its encoding cannot hold every character."""
    for name in ("stdout", "stderr"):
        stream: TextIO | None = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - stands in for a stream, as long as the process
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    """Point standard output elsewhere, so that Python's own flush at exit has nothing to complain about."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


@contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """Let a request to end (``timeout``, a container that is stopped) leave what Ctrl-C leaves: a partial result, no temporary file."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
