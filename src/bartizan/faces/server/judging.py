"""Judge in a process of its own, so that receiving never waits for rules; it is started again where it ends."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

from bartizan.detect.watch.contract import Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess
    from pathlib import Path

    from bartizan.detect.hunt.request import Request
    from bartizan.detect.watch.follow import Follower
    from bartizan.detect.watch.places import Places
    from bartizan.detect.watch.watcher import Piece

__all__ = ["JudgeProcess", "Progress", "Work"]

_CONTEXT: Final = get_context("spawn")
_BREATH: Final = 0.05
"""Seconds between pieces while little comes: a piece has a cost of its own, and a tenth of a second is no delay to a person."""
_PATIENCE: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the process works with."""

    places: Places
    request: Request
    lateness: int
    lake: Path | None = None
    """Where records are put; the process then stores and judges nothing."""
    assistants: int = 0
    """Processes that can be called to judge with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the process tells after each piece; with ``rules`` it is ready, with ``trouble`` it ends, ``later`` to be started again."""

    place: Place | None = None
    read: int = 0
    stored: int = 0
    unparsed: int = 0
    duplicate: int = 0
    alerts: int = 0
    late: int = 0
    seconds: float = 0.0
    """For which the piece was judged and kept."""
    rules: int = 0
    notes: tuple[str, ...] = ()
    trouble: str = ""
    later: bool = False


class JudgeProcess:
    """The process, from outside."""

    def __init__(self, work: Work) -> None:
        """Start it."""
        self._work = work
        self.pipe, theirs = _CONTEXT.Pipe()
        pairs = [_CONTEXT.Pipe() for _ in range(work.assistants)]
        self._seats = [theirs_too for _, theirs_too in pairs]
        """The ends of pipes to the judge that wait for assistants."""
        ours = [one for one, _ in pairs]
        self.process: SpawnProcess = _CONTEXT.Process(target=_main, args=(theirs, work, ours), daemon=True, name="bartizan-judge")
        self.process.start()
        for pipe in (theirs, *ours):
            pipe.close()

    def call(self) -> bool:
        """Start the assistants, if they are not there; say whether they were called now. They end when the judge does."""
        called = bool(self._seats)
        for seat in self._seats:
            _CONTEXT.Process(target=_assist, args=(seat, self._work), daemon=True, name="bartizan-assistant").start()
        self.part()
        return called

    def part(self) -> None:
        """Let go of what only assistants need."""
        for seat in self._seats:
            seat.close()
        self._seats = []

    def go(self, place: Place) -> None:
        """Let it judge what is durable up to a place."""
        with suppress(OSError):
            self.pipe.send(place)

    def go_home(self) -> None:
        """Let it finish its piece and end."""
        with suppress(OSError):
            self.pipe.send(None)

    def end(self) -> None:
        """Let it finish its piece and end; kill it where it does not."""
        self.part()
        self.go_home()
        self.process.join(_PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _main(pipe: Connection, work: Work, assistants: Sequence[Connection]) -> None:
    """Judge what is told to be durable, until told to end or until the other end of the pipe is gone."""
    from bartizan.detect.hunt.setup import rest_collector
    from bartizan.errors import BartizanError, OutputError

    _be_deaf()
    rest_collector()
    with suppress(EOFError, OSError):
        try:
            if work.lake is None:
                _follow(pipe, work, assistants)
            else:
                _store(pipe, work)
        except BartizanError as error:
            pipe.send(Progress(trouble=str(error), later=isinstance(error, OutputError)))


def _assist(pipe: Connection, work: Work) -> None:
    """Be an assistant, until the judge is gone."""
    from bartizan.detect.watch.panel import assist

    _be_deaf()
    assist(pipe, work.request)


def _be_deaf() -> None:
    """Leave signals to the server: it says when to end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _follow(pipe: Connection, work: Work, assistants: Sequence[Connection]) -> None:
    from bartizan.detect.hunt.setup import judge_for
    from bartizan.detect.hunt.workers import mark_of
    from bartizan.detect.watch.follow import Follower
    from bartizan.detect.watch.journal import JournalReader
    from bartizan.detect.watch.panel import Panel

    judge = judge_for(work.request)
    reader = JournalReader(work.places.journal, Place())
    follower = Follower(judge, work.request, work.places, reader, lateness=work.lateness)
    follower.watcher.panel = Panel(judge, assistants, mark_of(judge, work.request))
    anew = tuple(f"correlation {name} was changed and begins anew" for name in follower.anew)
    pipe.send(Progress(place=follower.place, rules=len(judge.rules.rules), notes=anew))
    going = True
    while going:
        reader.until, going = _told(pipe)
        while going:
            began = time.monotonic()
            piece = follower.step()
            if piece is None:
                break
            told = replace(_progress(follower, piece), seconds=time.monotonic() - began)
            pipe.send(told)
            if pipe.poll(_BREATH if told.read < _SMALL else 0):
                break
    follower.close()


def _progress(follower: Follower, piece: Piece) -> Progress:
    panel = follower.watcher.panel
    notes, panel.notes = tuple(panel.notes), []
    balances = piece.balance.values()
    return Progress(
        place=follower.place,
        read=sum(one.read for one in balances),
        stored=sum(one.stored for one in balances),
        unparsed=sum(one.unparsed for one in balances),
        duplicate=sum(one.duplicate for one in balances),
        alerts=len(piece.alerts),
        late=follower.watcher.correlator.late,
        notes=notes,
    )


def _store(pipe: Connection, work: Work) -> None:
    """Put records into a lake, in large pieces, but at least now and then; and what is left when it ends."""
    from bartizan.detect.hunt.setup import judge_for
    from bartizan.detect.watch.follow import Follower
    from bartizan.detect.watch.journal import JournalReader
    from bartizan.detect.watch.ledger import Ledger
    from bartizan.detect.watch.storing import PIECE_BYTES, LakeKeeper

    places = work.places
    request = replace(work.request, rules=(), records=True, indicators=None)
    reader = JournalReader(places.journal, Place())
    keeper = LakeKeeper(work.lake or places.root, request.mappings, node=places.node)
    follower = Follower(judge_for(request), request, places.storing, reader)
    follower.most = PIECE_BYTES
    judged = Ledger(places.ledger, places.node)
    pipe.send(Progress(place=follower.place, rules=1))
    until, last, going = Place(), 0.0, True
    while going:
        place, going = _told(pipe, _STORE_EVERY if last else 0.0)
        reader.until = until = max(until, place)
        due = not going or time.monotonic() - last >= _STORE_EVERY
        while (due or reader.held(follower.place) >= PIECE_BYTES) and (piece := follower.step(keeper)) is not None:
            pipe.send(Progress(place=follower.place, stored=sum(one.stored for one in piece.balance.values())))
        if due:
            keeper.keep_findings(judged, follower.ledger)
            last = time.monotonic()
    follower.close()
    judged.close()


_STORE_EVERY: Final = 30.0
"""Seconds after which records are put into the lake however few they are."""
_SMALL: Final = 2_000
"""Records of a piece below which there is time to wait for more."""


def _told(pipe: Connection, seconds: float | None = None) -> tuple[Place, bool]:
    """Wait for the parent's words, for some seconds at most: the last place it told, and whether to go on."""
    place, going = Place(), True
    if seconds is not None and not pipe.poll(seconds):
        return place, going
    while going:
        word: Place | None = pipe.recv()
        place, going = (place, False) if word is None else (word, going)
        if not pipe.poll():
            break
    return place, going
