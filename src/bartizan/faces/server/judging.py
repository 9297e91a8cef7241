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
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess
    from pathlib import Path

    from bartizan.detect.hunt.request import Request
    from bartizan.detect.watch.places import Places

__all__ = ["JudgeProcess", "Progress", "Work"]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the process tells after each piece; without ``place`` it is ready, with ``trouble`` it ends."""

    place: Place | None = None
    read: int = 0
    stored: int = 0
    unparsed: int = 0
    duplicate: int = 0
    alerts: int = 0
    late: int = 0
    rules: int = 0
    notes: tuple[str, ...] = ()
    trouble: str = ""


class JudgeProcess:
    """The process, from outside."""

    def __init__(self, work: Work) -> None:
        """Start it."""
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_main, args=(theirs, work), daemon=True, name="bartizan-judge")
        self.process.start()
        theirs.close()

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
        self.go_home()
        self.process.join(_PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _main(pipe: Connection, work: Work) -> None:
    """Judge what is told to be durable, until told to end or until the other end of the pipe is gone."""
    from bartizan.detect.hunt.setup import rest_collector
    from bartizan.errors import BartizanError

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    rest_collector()
    with suppress(EOFError, OSError):
        try:
            (_follow if work.lake is None else _store)(pipe, work)
        except BartizanError as error:
            pipe.send(Progress(trouble=str(error)))


def _follow(pipe: Connection, work: Work) -> None:
    from bartizan.detect.hunt.setup import judge_for
    from bartizan.detect.watch.follow import Follower
    from bartizan.detect.watch.journal import JournalReader

    judge = judge_for(work.request)
    reader = JournalReader(work.places.journal, Place())
    follower = Follower(judge, work.request, work.places, reader, lateness=work.lateness)
    anew = tuple(f"correlation {name} was changed and begins anew" for name in follower.anew)
    pipe.send(Progress(place=follower.place, rules=len(judge.rules.rules), notes=anew))
    going = True
    while going:
        reader.until, going = _told(pipe)
        while going and (piece := follower.step()) is not None:
            sums = [sum(getattr(one, name) for one in piece.balance.values()) for name in ("read", "stored", "unparsed", "duplicate")]
            late = follower.watcher.correlator.late
            pipe.send(Progress(
                place=follower.place, read=sums[0], stored=sums[1], unparsed=sums[2], duplicate=sums[3], alerts=len(piece.alerts), late=late
            ))  # fmt: skip
            if pipe.poll(_BREATH if sums[0] < _SMALL else 0):
                break
    follower.close()


def _store(pipe: Connection, work: Work) -> None:
    """Put records into a lake, in large pieces, but at least now and then; and what is left when it ends."""
    from bartizan.detect.hunt.setup import judge_for
    from bartizan.detect.watch.follow import Follower
    from bartizan.detect.watch.journal import JournalReader
    from bartizan.detect.watch.ledger import Ledger
    from bartizan.detect.watch.places import Places
    from bartizan.detect.watch.storing import PIECE_BYTES, LakeKeeper

    places = work.places
    request = replace(work.request, rules=(), records=True, indicators=None)
    reader = JournalReader(places.journal, Place())
    keeper = LakeKeeper(work.lake or places.root, request.mappings, node=places.node)
    follower = Follower(judge_for(request), request, Places(root=places.store, name=""), reader)
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
