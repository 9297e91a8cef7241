"""Processes of this machine: files are handed out, small ones together, and those of a process that dies are done again."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

from bartizan.errors import BartizanError
from bartizan.lake.mapping import Work, results

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from concurrent.futures import Future

    import pyarrow as pa

    from bartizan.lake.contract import DataFile, TableFiles
    from bartizan.lake.engines.contract import Job
    from bartizan.lake.mapping import Rows

__all__ = ["SCHEMES", "LocalEngine", "make", "parts_of"]

SCHEMES: Final = ("local",)
TOGETHER: Final = 100_000
"""Rows that are handed out at a time: opening a file costs as much as judging a hundred records."""
AHEAD: Final = 4
"""Parts under way or done and not taken, per process."""
TRIES: Final = 3
"""Times that processes may die before the job is given up: the death may have had another cause than the file."""


class LocalEngine:
    """So many processes; with one the work is done in this one."""

    def __init__(self, workers: int) -> None:
        """Use this many processes; they live as long as a job does."""
        self._workers = workers

    def run(self, job: Job) -> Iterator[pa.RecordBatch]:
        """Yield what the function makes of every batch, in the order of the files."""
        one = partial(results, job.function, job.out)
        work = [Work(part, job.columns, _rows(part, job)) for table in job.tables for part in parts_of(table)]
        if self._workers == 1:
            for item in work:
                yield from one(item)
            return
        left, died = deque(work), 0
        while left:
            with ProcessPoolExecutor(self._workers, mp_context=get_context("spawn")) as pool:
                under_way: deque[Future[list[pa.RecordBatch]]] = deque()
                try:
                    for made in _in_order(pool, one, (left, under_way), self._workers * AHEAD):
                        left.popleft()
                        yield from made
                except BrokenProcessPool as error:
                    died += 1
                    if died == TRIES:
                        message = (
                            f"{left[0].files.files[0].path} or one of the next files: the process that read it died {TRIES} times"
                            " (out of memory?): fewer --workers need less of it"
                        )
                        raise BartizanError(message) from error
                finally:
                    for future in under_way:
                        future.cancel()

    def close(self) -> None:
        """Nothing is left: the processes of a job end with it."""


def make(_address: str, workers: int) -> LocalEngine:
    """Return the engine."""
    return LocalEngine(workers)


def parts_of(table: TableFiles, most: int = TOGETHER) -> Iterator[TableFiles]:
    """Cut the files of a table into parts of so many rows, one file at least."""
    taken: list[DataFile] = []
    held = 0
    for file in table.files:
        if taken and held + file.rows > most:
            yield replace(table, files=tuple(taken))
            taken, held = [], 0
        taken.append(file)
        held += file.rows
    if taken:
        yield replace(table, files=tuple(taken))


def _rows(part: TableFiles, job: Job) -> Mapping[str, Rows]:
    return {file.path: job.rows[file.path] for file in part.files if file.path in job.rows}


def _in_order(
    pool: ProcessPoolExecutor,
    one: partial[list[pa.RecordBatch]],
    queues: tuple[deque[Work], deque[Future[list[pa.RecordBatch]]]],
    most: int,
) -> Iterator[list[pa.RecordBatch]]:
    """Yield the results of work that is left, in its order, with ``most`` pieces of it handed out at a time."""
    left, under_way = queues
    waiting = iter(list(left))
    under_way.extend(pool.submit(one, item) for item in islice(waiting, most))
    while under_way:
        made = under_way[0].result()
        under_way.popleft()
        under_way.extend(pool.submit(one, item) for item in islice(waiting, 1))
        yield made
