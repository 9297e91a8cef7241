"""Judge units on several processors and hand the results over in the order of the units, whoever finished first."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.collect.units import Unit
    from bartizan.detect.hunt.judge import Judge, Judged
    from bartizan.detect.hunt.request import Request

__all__ = ["Lost", "judge_all"]

AHEAD: Final = 2
"""Units under way or waiting per worker: one being judged, one ready. More would only cost memory."""
TRIES: Final = 2
"""A unit whose worker died is tried once more, alone: the death may have been another unit's."""


class Lost:
    """A unit that no worker survived."""

    def __init__(self, unit: Unit) -> None:
        """Name the unit."""
        self.unit = unit


def judge_all(units: Iterable[Unit], request: Request, judge: Judge, workers: int) -> Iterator[list[Judged] | Lost]:
    """Judge every unit; with one worker in this process, else in ``workers`` others. Results come in the order of the units."""
    if workers <= 1:
        return (list(_judge(unit, judge)) for unit in units)
    return _in_pool(units, request, workers)


def _in_pool(units: Iterable[Unit], request: Request, workers: int) -> Iterator[list[Judged] | Lost]:
    waiting: deque[tuple[Unit, Future[list[Judged]]]] = deque()
    with closing(_Pool(request, workers)) as pool:
        for unit in units:
            waiting.append((unit, pool.submit(unit)))
            if len(waiting) >= workers * AHEAD:
                yield _result(pool, waiting)
        while waiting:
            yield _result(pool, waiting)


def _result(pool: _Pool, waiting: deque[tuple[Unit, Future[list[Judged]]]]) -> list[Judged] | Lost:
    unit, future = waiting.popleft()
    try:
        return future.result()
    except BrokenProcessPool:
        # Which unit killed the worker is not told: everything under way is lost. Each is tried again, this one by itself.
        pool.renew()
    for _ in range(TRIES - 1):
        try:
            result: list[Judged] | Lost = pool.submit(unit).result()
            break
        except BrokenProcessPool:
            pool.renew()
    else:
        result = Lost(unit)
    again = [(other, pool.submit(other)) for other, _ in waiting]
    waiting.clear()
    waiting.extend(again)
    return result


class _Pool:
    """A process pool that can be made anew after a worker died."""

    def __init__(self, request: Request, workers: int) -> None:
        self._request, self._workers = request, workers
        self._pool = self._make()

    def submit(self, unit: Unit) -> Future[list[Judged]]:
        """Send a unit to a worker."""
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
            process.join()

    def _make(self) -> ProcessPoolExecutor:
        # A fresh interpreter each: a fork would copy whatever threads the caller's process holds locks with.
        return ProcessPoolExecutor(self._workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(self._request,))


_judge_here: Judge | None = None


def _begin(request: Request) -> None:
    """Set up a worker process. Ctrl-C is the parent's to handle."""
    from bartizan.detect.hunt.setup import judge_for  # noqa: PLC0415 - the worker's own imports, not the parent's

    global _judge_here  # noqa: PLW0603 - one per worker process, made once: what a process pool offers to keep state
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _judge_here = judge_for(request)


def _work(unit: Unit) -> list[Judged]:
    if _judge_here is None:
        message = "a worker was given work before it was set up"
        raise RuntimeError(message)
    return list(_judge(unit, _judge_here))


def _judge(unit: Unit, judge: Judge) -> Iterator[Judged]:
    from bartizan.collect.units import read  # noqa: PLC0415 - a parent that only hands units out reads none

    return (judge.judge(chunk) for chunk in read(unit))
