"""Judge units on several processors and hand the results over in the order of the units, whoever finished first.

Each worker process has a pipe of its own, served by a thread here. A process pool would share one: a worker that dies while
it sends a result (the kernel kills the largest process when memory runs out, and that is when it is largest) leaves half a
message in it, for which everybody then waits for ever. So the death of a worker costs nothing but its own unit, which is tried again.
"""

from __future__ import annotations

import contextlib
import hashlib
import signal
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain, islice
from multiprocessing import get_context, resource_tracker
from queue import Full, Queue
from typing import TYPE_CHECKING, Final

from bartizan.collect.catalogue import given_files
from bartizan.errors import BartizanError, RulesError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from bartizan.collect.units import Unit
    from bartizan.detect.hunt.judge import Judge, Judged
    from bartizan.detect.hunt.request import Request

__all__ = ["Lost", "judge_all", "mark_of"]

AHEAD: Final = 2
"""Units under way or waiting per worker: one being judged, one ready. More would only cost memory."""
TRIES: Final = 2
"""A unit whose worker died is tried once more: the death may have had another cause."""
HELD: Final = 2
"""Results of chunks held per unit: one to be counted while the next is being judged."""
_LOOK: Final = 0.2
"""Seconds between two looks at whether anybody still wants a result."""
_PATIENCE: Final = 5.0
"""Seconds in which a worker that was told to end must have ended; it holds nothing that a kill could harm."""


class Lost:
    """What no worker survived of a unit: all that is behind ``after`` chunks of it."""

    def __init__(self, unit: Unit, after: int = 0) -> None:
        """Name the unit."""
        self.unit, self.after = unit, after


def judge_all(units: Iterable[Unit], request: Request, judge: Judge, workers: int) -> Generator[Judged | Lost]:
    """Judge every unit, in ``workers`` processes; in this one if one is enough. Results come in the order of the units."""
    if workers <= 1:
        return _here(units, judge)
    waiting = iter(units)
    first = list(islice(waiting, 2))
    if len(first) <= 1:
        return _here(first, judge)
    return _in_pool(chain(first, waiting), _Pool(request, workers, mark_of(judge, request)), workers * AHEAD)


def _here(units: Iterable[Unit], judge: Judge) -> Generator[Judged | Lost]:
    return (judged for unit in units for judged in _judge(unit, judge))


def _in_pool(units: Iterable[Unit], made: _Pool, most: int) -> Generator[Judged | Lost]:
    waiting: deque[_Task] = deque()
    with closing(made) as pool:
        for unit in units:
            waiting.append(pool.submit(unit))
            while waiting and (len(waiting) >= most or waiting[0].finished):
                yield from waiting.popleft().results()
        while waiting:
            yield from waiting.popleft().results()


class _Task:
    """A unit and the results of its chunks, of which only a few are held: a small archive can hold large logs."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.finished = False
        self._results: Queue[Judged | Lost | Exception | None] = Queue(HELD)

    def results(self) -> Iterator[Judged | Lost]:
        """Yield the results as they come; what a worker raised is raised here."""
        while (result := self._results.get()) is not None:
            if isinstance(result, Exception):
                raise result
            yield result

    def put(self, result: Judged | Lost | Exception | None, closed: threading.Event) -> None:
        """Hand over a result, None for the end, as soon as there is room and as long as somebody wants it."""
        while not closed.is_set():
            with contextlib.suppress(Full):
                self._results.put(result, timeout=_LOOK)
                self.finished = result is None
                return


class _Pool:
    """Threads that each have a worker process."""

    def __init__(self, request: Request, workers: int, mark: bytes) -> None:
        self._request, self._mark = request, mark
        # Starting it with the first worker would let interrupts through again just before that worker starts (CPython 3.11).
        resource_tracker.ensure_running()
        self._threads = ThreadPoolExecutor(workers, initializer=_deaf_to_interrupts)
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._workers: list[_Worker] = []
        self._closed = threading.Event()

    def submit(self, unit: Unit) -> _Task:
        """Have a unit judged as soon as a worker is free."""
        task = _Task(unit)
        self._threads.submit(self._do, task)
        return task

    def close(self) -> None:
        """End the workers now, whatever they are doing."""
        with self._lock:
            self._closed.set()
        for worker in self._workers:
            worker.end()
        self._threads.shutdown(cancel_futures=True)

    def _do(self, task: _Task) -> None:
        try:
            self._judge(task)
        except Exception as error:  # noqa: BLE001 - the supervisor of the thread: whoever waits for the results must not wait for ever
            task.put(error, self._closed)
        task.put(None, self._closed)

    def _judge(self, task: _Task) -> None:
        done = 0
        for _ in range(TRIES):
            worker = self._worker()
            if worker is None:
                return
            try:
                # The same unit gives the same chunks: what was handed over before the worker died is not handed over again.
                for judged in islice(worker.judge(task.unit), done, None):
                    task.put(judged, self._closed)
                    done += 1
            except (EOFError, OSError):
                worker.end()
                self._mine.worker = None
            else:
                return
        task.put(Lost(task.unit, done), self._closed)

    def _worker(self) -> _Worker | None:
        """Return the worker of this thread, a new one where it has none; None where the pool is being closed."""
        worker: _Worker | None = getattr(self._mine, "worker", None)
        if worker is None:
            with self._lock:
                if self._closed.is_set():
                    return None
                worker = self._mine.worker = _Worker(self._request, self._mark)
                self._workers.append(worker)
        return worker


class _Worker:
    """A process that judges one unit after the other."""

    def __init__(self, request: Request, mark: bytes) -> None:
        # A fresh interpreter: a fork would copy whatever threads the caller's process holds locks with.
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(target=_serve, args=(theirs, request, mark), daemon=True)
        self._process.start()
        # Only the worker has this end now: when it dies, reading tells.
        theirs.close()

    def judge(self, unit: Unit) -> Iterator[Judged]:
        """Yield what each chunk of a unit gives; EOFError or OSError where the process dies of it. What it raises is raised here."""
        self._pipe.send(unit)
        while (answer := self._pipe.recv()) is not None:
            if isinstance(answer, Exception):
                raise answer
            yield answer

    def end(self) -> None:
        """End the process, at once."""
        self._process.terminate()
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _deaf_to_interrupts() -> None:
    """Let the processes that this thread starts never see Ctrl-C: it is ours to handle, and one that is just starting would die noisily."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def mark_of(judge: Judge, request: Request) -> bytes:
    """Return what tells a judge from one that was made of other files: rules, in their order, and mapping files.

    Results name rules by their places.
    """
    mark = hashlib.sha256(repr([(rule.id, rule.path, rule.title) for rule in judge.rules.rules]).encode())
    mark.update(repr([source.name for source in judge.catalogue.sources]).encode())
    for path, text in judge.rules.contents.items():
        mark.update(f"{path}:{len(text)}:".encode("utf-8", "surrogateescape"))
        mark.update(text)
    for given in given_files(request.mappings):
        with contextlib.suppress(OSError):
            mark.update(given.read_bytes())
    return mark.digest()


def _serve(pipe: Connection, request: Request, mark: bytes) -> None:
    """Judge what comes through the pipe, in a process of its own, until its other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    judge = _judge_like(request, mark)
    with contextlib.suppress(EOFError, OSError):
        while True:
            for answer in _answers(pipe.recv(), judge):
                pipe.send(answer)


def _judge_like(request: Request, mark: bytes) -> Judge | BartizanError:
    """Make a judge that has the rules that the parent has, or say why that cannot be."""
    from bartizan.detect.hunt.setup import judge_for, rest_collector  # noqa: PLC0415 - the worker's own imports, not the parent's

    rest_collector()
    try:
        judge = judge_for(request)
    except BartizanError as error:
        return error
    return judge if mark_of(judge, request) == mark else RulesError("the rules were changed while the hunt began: run it again")


def _answers(unit: Unit, judge: Judge | BartizanError) -> Iterator[Judged | Exception | None]:
    """Yield what each chunk gives, at the end None, or the exception that ends it."""
    if isinstance(judge, BartizanError):
        yield judge
        return
    try:
        yield from _judge(unit, judge)
    except BartizanError as error:
        yield error
    except Exception as error:  # noqa: BLE001 - the supervisor of the worker: the parent raises it where somebody sees it
        import traceback  # noqa: PLC0415 - only where something is wrong

        yield RuntimeError(f"in a worker, {unit}: {error!r}\n{''.join(traceback.format_exception(error))}")
    else:
        yield None


def _judge(unit: Unit, judge: Judge) -> Iterator[Judged]:
    from bartizan.collect.units import read  # noqa: PLC0415 - a parent that only hands units out reads none

    return (judge.judge(chunk) for chunk in read(unit, sources=judge.catalogue))
