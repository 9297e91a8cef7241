"""Judge units on several processors and hand the results over in the order of the units, whoever finished first."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, Final

from bartizan.errors import BartizanError, RulesError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from bartizan.collect.units import Unit
    from bartizan.detect.hunt.judge import Judge, Judged
    from bartizan.detect.hunt.request import Request

__all__ = ["Lost", "judge_all"]

AHEAD: Final = 2
"""Units under way or waiting per worker: one being judged, one ready. More would only cost memory."""
TRIES: Final = 2
"""A unit whose worker died is tried once more, alone: the death may have been another unit's."""
_PATIENCE: Final = 5.0
"""Seconds in which a worker that was told to end must have ended; it holds nothing that a kill could harm."""

_Results = Future[list["Judged"]]


class Lost:
    """A unit that no worker survived."""

    def __init__(self, unit: Unit) -> None:
        """Name the unit."""
        self.unit = unit


def judge_all(units: Iterable[Unit], request: Request, judge: Judge, workers: int) -> Generator[Judged | Lost]:
    """Judge every unit, in ``workers`` processes; in this one if one is enough. Results come in the order of the units."""
    waiting = iter(units)
    first = list(islice(waiting, 2))
    everything = chain(first, waiting)
    if workers <= 1 or len(first) <= 1:
        return (judged for unit in everything for judged in _judge(unit, judge))
    return _in_pool(everything, _Pool(request, workers, _mark(judge)), workers * AHEAD)


def _in_pool(units: Iterable[Unit], made: _Pool, most: int) -> Generator[Judged | Lost]:
    waiting: deque[tuple[Unit, _Results]] = deque()
    with closing(made) as pool:
        for unit in units:
            waiting.append((unit, pool.submit(unit)))
            if len(waiting) >= most:
                yield from _result(pool, waiting)
        while waiting:
            yield from _result(pool, waiting)


def _result(pool: _Pool, waiting: deque[tuple[Unit, _Results]]) -> Iterable[Judged | Lost]:
    unit, future = waiting.popleft()
    try:
        return future.result()
    except BrokenProcessPool:
        # Which unit killed the worker is not told: everything under way is lost. Each is tried again, this one by itself.
        pool.renew()
    result: Iterable[Judged | Lost] = [Lost(unit)]
    for _ in range(TRIES - 1):
        try:
            result = pool.submit(unit).result()
            break
        except BrokenProcessPool:
            pool.renew()
    again = [(other, pool.submit(other)) for other, _ in waiting]
    waiting.clear()
    waiting.extend(again)
    return result


class _Pool:
    """A process pool that can be made anew after a worker died."""

    def __init__(self, request: Request, workers: int, mark: bytes) -> None:
        self._request, self._workers, self._mark = request, workers, mark
        self._pool = self._make()

    def submit(self, unit: Unit) -> _Results:
        """Send a unit to a worker."""
        with _uninterrupted():
            try:
                return self._pool.submit(_work, unit)
            except BrokenProcessPool:
                self.renew()
                return self._pool.submit(_work, unit)

    def renew(self) -> None:
        """Make the pool anew."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._make()

    def close(self) -> None:
        """End the workers now, whatever they are doing."""
        processes = list((self._pool._processes or {}).values())  # noqa: SLF001 - until Python 3.14's terminate_workers() there is no other way
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(_PATIENCE)
            if process.is_alive():
                process.kill()
                process.join()

    def _make(self) -> ProcessPoolExecutor:
        # A fresh interpreter each: a fork would copy whatever threads the caller's process holds locks with.
        return ProcessPoolExecutor(self._workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(self._request, self._mark))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes that never see Ctrl-C: it is the parent's to handle, and one that is just starting would die noisily."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _mark(judge: Judge) -> bytes:
    """Return what tells one set of rules, in its order, from another: results name rules by their places."""
    return hashlib.sha256(repr([(rule.id, rule.path, rule.title) for rule in judge.rules.rules]).encode()).digest()


_here: Judge | BartizanError | None = None


def _begin(request: Request, mark: bytes) -> None:
    """Set up a worker process."""
    from bartizan.detect.hunt.setup import judge_for, rest_collector  # noqa: PLC0415 - the worker's own imports, not the parent's

    global _here  # noqa: PLW0603 - one per worker process, made once: what a process pool offers to keep state
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    rest_collector()
    try:
        judge = judge_for(request)
    except BartizanError as error:
        _here = error
        return
    _here = judge if _mark(judge) == mark else RulesError("the rules were changed while the hunt began: run it again")


def _end_with_parent() -> None:
    """End when the parent has died without a word: nobody else would end a worker that waits for work."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(unit: Unit) -> list[Judged]:
    if _here is None:
        message = "a worker was given work before it was set up"
        raise RuntimeError(message)
    if isinstance(_here, BartizanError):
        raise _here
    return list(_judge(unit, _here))


def _judge(unit: Unit, judge: Judge) -> Iterator[Judged]:
    from bartizan.collect.units import read  # noqa: PLC0415 - a parent that only hands units out reads none

    return (judge.judge(chunk) for chunk in read(unit))
