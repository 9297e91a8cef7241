"""Ask each call once, however many kinds need its answer, and whichever thread comes first."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Generic

from bartizan.collect.inventory.live.calls import CallT

if TYPE_CHECKING:
    from bartizan.collect.inventory.live.calls import Answer, Ask

__all__ = ["Remembered"]


class Remembered(Generic[CallT]):
    """Answers calls as another does, and remembers what it said until it is told to forget."""

    def __init__(self, ask: Ask[CallT]) -> None:
        """Begin without any answer."""
        self._ask = ask
        self._answers: dict[CallT, Future[Answer]] = {}
        self._lock = threading.Lock()

    def __call__(self, call: CallT) -> Answer:
        """Return the answer, waiting for who is asking already."""
        with self._lock:
            known = self._answers.get(call)
            if known is None:
                mine = self._answers[call] = Future()
        if known is not None:
            return known.result()
        try:
            answer = self._ask(call)
        except BaseException as error:
            mine.set_exception(error)
            raise
        mine.set_result(answer)
        return answer

    def forget(self) -> None:
        """Let go of what is remembered: another place asks other calls."""
        with self._lock:
            self._answers.clear()
