"""Judge the chunks of a piece on several processors: a judge, and assistants in processes of their own that have the same rules.

Judging a chunk depends on nothing but the chunk, the rules and the clock. So it may happen anywhere, and what does depend on what
came before (duplicates, correlations, the ledger) stays with the one who asks, in the order of the chunks.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from bartizan.collect.identify import part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from bartizan.collect.chunk import Chunk
    from bartizan.detect.hunt.judge import Judge, Judged
    from bartizan.detect.hunt.request import Request

__all__ = ["Panel", "assist"]

_WORTH: Final = 1 << 20
"""Bytes of a piece from which on assistants are asked: handing a chunk over costs a millisecond."""
_SHARES: Final = 2
"""Chunks for each processor at least, so that none waits long for another at the end."""


class Panel:
    """A judge and who assists it. EOFError or OSError from ``judge`` where an assistant has died."""

    def __init__(self, judge: Judge, pipes: Sequence[Connection] = (), mark: bytes = b"") -> None:
        """Ask those at the other ends of ``pipes`` as soon as they are ready, which may be never; ``mark``: what they must be like."""
        self._judge, self._coming, self._mark = judge, list(pipes), mark
        self._ready: list[Connection] = []
        self.worth = _WORTH
        self.notes: list[str] = []
        """What operators should know, since it was last taken."""
        self._threads = ThreadPoolExecutor(max(1, len(pipes)), thread_name_prefix="panel")

    def judge(self, chunks: Iterable[tuple[Chunk, int]], now: int) -> Iterator[tuple[Chunk, int, Judged]]:
        """Yield each chunk with the number of the records of its stream before it and what it gives, in order.

        A chunk may come out in parts. ``now``: nanoseconds UTC.
        """
        self._judge.at(now)
        self._welcome()
        if not self._ready:
            yield from ((chunk, before, self._judge.judge(chunk)) for chunk, before in chunks)
            return
        all_ = list(chunks)
        size = sum(chunk.size for chunk, _ in all_)
        if size < self.worth:
            yield from ((chunk, before, self._judge.judge(chunk)) for chunk, before in all_)
            return
        most = size // (_SHARES * (len(self._ready) + 1))
        shares = [share for chunk, before in all_ for share in self._shares(chunk, before, most)]
        yield from ((*share, judged) for share, judged in zip(shares, self._together([chunk for chunk, _ in shares], now), strict=True))

    def close(self) -> None:
        """Let the assistants go."""
        self._threads.shutdown()
        for pipe in [*self._ready, *self._coming]:
            pipe.close()

    def _together(self, chunks: Sequence[Chunk], now: int) -> Sequence[Judged]:
        """Judge chunks, the largest first, whoever is free the next."""
        waiting = deque(sorted(range(len(chunks)), key=lambda at: -chunks[at].size))
        found: dict[int, Judged] = {}
        tasks = [self._threads.submit(_ask, pipe, chunks, waiting, found, now) for pipe in self._ready]
        for at in _each(waiting):
            found[at] = self._judge.judge(chunks[at])
        for task in tasks:
            task.result()
        return [found[at] for at in range(len(chunks))]

    def _shares(self, chunk: Chunk, before: int, most: int) -> Iterator[tuple[Chunk, int]]:
        """Cut a chunk of more than ``most`` bytes, unless its records belong together."""
        source = self._judge.catalogue.named(chunk.source)
        count = -(-chunk.size // most)
        if count <= 1 or (source is not None and source.group is not None):
            yield chunk, before
            return
        step = max(1, -(-len(chunk.records) // count))
        for at in range(0, len(chunk.records), step):
            yield part(chunk, at, at + step), before + at

    def _welcome(self) -> None:
        """Take in who has become ready."""
        for pipe in [one for one in self._coming if one.poll()]:
            self._coming.remove(pipe)
            if pipe.recv() == self._mark:
                self._ready.append(pipe)
                self.notes.append(f"more comes than one process judges: {len(self._ready) + 1} do now")
            else:
                pipe.close()
                self.notes.append("an assistant found other rules than the judge has, and is not asked: load the rules anew (SIGHUP)")


def assist(pipe: Connection, request: Request) -> None:
    """Judge the chunks that come through a pipe until its other end is gone: the whole work of an assistant's process."""
    from bartizan.detect.hunt.setup import judge_for, rest_collector  # noqa: PLC0415 - the assistant's own imports, not the judge's
    from bartizan.detect.hunt.workers import mark_of  # noqa: PLC0415 - as above

    rest_collector()
    judge = judge_for(request)
    with suppress(EOFError, OSError):
        pipe.send(mark_of(judge, request))
        while True:
            now, chunk = pipe.recv()
            judge.at(now)
            judged = judge.judge(chunk)
            judged.rows = []
            pipe.send(judged)


def _ask(pipe: Connection, chunks: Sequence[Chunk], waiting: deque[int], found: dict[int, Judged], now: int) -> None:
    for at in _each(waiting):
        pipe.send((now, chunks[at]))
        found[at] = pipe.recv()


def _each(waiting: deque[int]) -> Iterator[int]:
    """Yield what waits until there is nothing: others take of it too."""
    with suppress(IndexError):
        while True:
            yield waiting.popleft()
