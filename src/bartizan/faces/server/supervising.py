"""Keep a judge going: hand it what is durable, take what it tells, start it again where it dies or where rules have changed."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bartizan.detect.watch.contract import Place
from bartizan.detect.watch.follow import PIECE_BYTES
from bartizan.detect.watch.ledger import Ledger
from bartizan.errors import BartizanError, OutputError
from bartizan.faces.server.judging import JudgeProcess, Progress, Work
from bartizan.faces.server.tracing import Tracer

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.detect.hunt.request import Request
    from bartizan.detect.watch.journal import JournalReader
    from bartizan.faces.server.served import Served

__all__ = ["JudgeKeeper"]

_TRIES: Final = 5
"""Times that a judge may die in a row without having finished a piece, and that assistants are called: they die with their judge."""
_LATER: Final = 5.0
"""Seconds after which a judge is started again whose database did not answer."""


class JudgeKeeper:
    """The judge as the server sees it."""

    def __init__(self, served: Served, reader: JournalReader, moved: Callable[[], None]) -> None:
        """Judge what stands in a journal; ``moved`` is called when some of it is judged."""
        self._served, self._reader, self._moved = served, reader, moved
        self._work = Work(places=served.places, request=served.request, lateness=served.lateness, assistants=served.judges - 1)
        self._before: Work | None = None
        """What was judged by before the rules were taken anew, until it is seen that those can be read."""
        self._judge: JudgeProcess | None = None
        self._deaths = 0
        self._called = 0
        self._trouble = ""
        self._told = asyncio.Event()
        self.tracer = Tracer()
        self._ledger = Ledger(served.places.ledger, served.places.node)
        self._cursor = self._ledger.last()
        self._reloading = False
        self._later: asyncio.TimerHandle | None = None
        self._away = False
        self._stuck = ""
        """What keeps the judge from going on, until it has finished a piece again."""
        self._ending = False
        self.ready = False
        self.place = Place()
        self.durable = Place()
        self.rules = 0
        self.late = 0
        self.totals: Counter[str] = Counter()

    def start(self, durable: Place) -> None:
        """Start the judge; ``durable`` is the end of the journal."""
        self.durable, self._later = durable, None
        self._judge = JudgeProcess(self._work)
        asyncio.get_running_loop().add_reader(self._judge.pipe.fileno(), self._hear)

    def go(self, place: Place) -> None:
        """Let the judge go on to a place."""
        self.durable = place
        if self.ready and self._judge is not None:
            self._judge.go(place)

    def reload(self, request: Request, lateness: int) -> None:
        """Take the rules anew: the judge ends after its piece and another begins where it ended."""
        self._before = self._work if self._before is None else self._before
        self._work = replace(self._work, request=request, lateness=lateness)
        self._served.log("reloading the rules")
        self._reloading = True
        self._called = 0
        self.ready = False
        if self._judge is not None:
            self._judge.go_home()

    @property
    def judging(self) -> bool:
        """Say whether rules are loaded and what comes is judged."""
        return self.ready and not (self._stuck and self.place < self.durable)

    def backlog(self, other: Place) -> int:
        """Return the bytes of the journal that wait to be judged, or for somebody who has come as far as ``other``."""
        return self._reader.held(min(self.place, other))

    async def watch(self, ending: asyncio.Event) -> None:
        """Wait for the end; OutputError where the judge cannot go on."""
        stop = asyncio.create_task(ending.wait())
        try:
            while not ending.is_set():
                hear = asyncio.create_task(self._told.wait())
                await asyncio.wait({stop, hear}, return_when=asyncio.FIRST_COMPLETED)
                hear.cancel()
                self._told.clear()
                if self._trouble:
                    raise OutputError(self._trouble)
                self._tell()
        finally:
            stop.cancel()

    def end(self) -> None:
        """Let the judge finish its piece; what it has not judged then stays in the journal."""
        self._ending = True
        if self._later is not None:
            self._later.cancel()
        if self._judge is not None:
            self._judge.end()
        self._tell()
        self._ledger.close()

    def _hear(self) -> None:
        """Take what the judge tells; its end too."""
        judge = self._judge
        if judge is None:
            return
        try:
            while judge.pipe.poll():
                self._take(judge.pipe.recv())
        except (EOFError, OSError):
            asyncio.get_running_loop().remove_reader(judge.pipe.fileno())
            judge.pipe.close()
            judge.part()
            self._again()

    def _take(self, progress: Progress) -> None:
        if progress.trouble:
            self._hold(progress)
        if progress.place is None:
            self._told.set()
            return
        self.place = progress.place
        self._moved()
        for note in progress.notes:
            self._served.log(note)
        if progress.rules:
            self.ready, self.rules, self._before = True, progress.rules, None
            self._served.log(f"judging by {progress.rules} rules" if not self._stuck else "judging is tried again")
            self.go(self.durable)
        else:
            self._deaths, self.late, self._stuck = 0, progress.late, ""
            self.tracer.past("judge", progress.seconds, records=progress.read, findings=progress.alerts)
            self.totals.update(
                read=progress.read,
                stored=progress.stored,
                unparsed=progress.unparsed,
                duplicate=progress.duplicate,
                findings=progress.alerts,
            )
            if self._judge is not None and self._called < _TRIES and self._reader.held(self.place) > PIECE_BYTES:
                self._called += self._judge.call()
        self._told.set()

    def _hold(self, progress: Progress) -> None:
        """Note what keeps the judge from going on: for now, with these rules, or for good."""
        if progress.later:
            self._away = True
            if progress.trouble != self._stuck:
                told = f"{progress.trouble}; judging is tried again every {_LATER:.0f} seconds, the journal keeps what comes"
                self._served.log(told, "warning")
            self._stuck = progress.trouble
        elif self._before is not None:
            self._served.log(f"{progress.trouble}: the rules stay as they were", "warning")
            self._work, self._before, self._reloading = self._before, None, True
        else:
            self._trouble = progress.trouble

    def _again(self) -> None:
        """Start another judge where one has ended."""
        self.ready = False
        if self._ending:
            return
        if self._away:
            self._away = self._reloading = False
            self._judge = None
            self._later = asyncio.get_running_loop().call_later(_LATER, lambda: self.start(self.durable))
            return
        if not self._reloading:
            self._deaths += 1
            self._served.log("the process that judges has died; another begins where it was", "warning")
        self._reloading = False
        if self._deaths >= _TRIES:
            self._trouble = (
                f"{self._served.places.journal}: the process that judges died {self._deaths} times at {self.place}"
                " (out of memory?): what is acknowledged is kept; give it more memory, or report this"
            )
            self._told.set()
        elif not self._trouble:
            self.start(self.durable)

    def _tell(self) -> None:
        """Hand over the findings that are new in the ledger since the server began."""
        told = self._served.told
        if told is None:
            return
        try:
            while found := self._ledger.findings(self._cursor, own=True):
                self._cursor = found[-1][0]
                told([alert for _, alert in found])
        except BartizanError as error:
            self._served.log(str(error), "warning")
