"""Let Ctrl-C end a hunt early, but never in the middle of a step that must be done whole."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["Interrupts"]


class Interrupts:
    """Raises KeyboardInterrupt at once, or at the end of a step that is under way; a second Ctrl-C does not wait.

    Only where Python's own handler is in place: a program that deals with the signal itself goes on doing so.
    """

    def __init__(self) -> None:
        """Change nothing yet."""
        self._holding = False
        self._waiting = False
        self._installed = False

    def __enter__(self) -> Self:
        """Take the signal over."""
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupt)
            self._installed = True
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signal back."""
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Hold an interrupt back until the block has ended."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._waiting:
            self._waiting = False
            raise KeyboardInterrupt

    @contextmanager
    def late(self) -> Iterator[None]:
        """Drop an interrupt that comes while the result is put together: there is nothing left to stop."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = self._waiting = False

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        if self._holding and not self._waiting:
            self._waiting = True
            return
        raise KeyboardInterrupt
