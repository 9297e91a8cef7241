"""Run the watch: listen, write the journal, keep the judge going, tell what was found, end without losing anything."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from typing import TYPE_CHECKING, Final

from bartizan.collect.contract import Framing
from bartizan.collect.receivers.catalogue import receivers
from bartizan.collect.receivers.gate import Gate
from bartizan.collect.receivers.heartbeats import Heartbeats
from bartizan.detect.watch.contract import Entry
from bartizan.detect.watch.follow import reached
from bartizan.detect.watch.journal import Journal, JournalReader, frame
from bartizan.errors import BartizanError, OutputError, UsageError
from bartizan.faces.server.backfilling import Backfiller
from bartizan.faces.server.committing import Committer
from bartizan.faces.server.connections import Connections
from bartizan.faces.server.following import FileFollower
from bartizan.faces.server.forgetting import Forgetter
from bartizan.faces.server.intake import IntakeHandler
from bartizan.faces.server.log import Log
from bartizan.faces.server.notifying import Notifier
from bartizan.faces.server.pulling import Fetcher
from bartizan.faces.server.senders import SenderTable, SenderWatch
from bartizan.faces.server.served import waiting
from bartizan.faces.server.status import Status
from bartizan.faces.server.storing import StoreKeeper
from bartizan.faces.server.supervising import JudgeKeeper
from bartizan.faces.server.syslog import SyslogListener
from bartizan.faces.server.tracing import Tracer, tracer_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.detect.watch.contract import Place
    from bartizan.faces.server.served import Served, SyslogPort

__all__ = ["Service"]

_QUIET: Final = 2.0
"""Seconds without records after which the watch is told that time passes; then after twice as long each time."""
_QUIET_MOST: Final = 300.0
_NANO: Final = 1_000_000_000


class Service:
    """One server. ``run`` returns when it was told to end."""

    def __init__(self, served: Served) -> None:
        """Open the journal and start the judge. UsageError where anybody could send from anywhere."""
        if not (served.senders or _made(served)) and served.host not in {"127.0.0.1", "::1", "localhost"}:
            message = f"{served.host}: without tokens only this machine itself is listened to: set tokens, or listen to 127.0.0.1"
            raise UsageError(message)
        self._served = served
        self._journal = _journal(served)
        self._reader = JournalReader(served.places.journal)
        self._judge = JudgeKeeper(served, self._reader, self._free)
        self._store = StoreKeeper(served, self._free)
        self._notifier = Notifier(served)
        self._backfiller = Backfiller(served, self._store)
        self._forgetter = Forgetter(served)
        self._status = Status(self._judge, self._store)
        self._committer = Committer(self._journal, self._go)
        self._handler = IntakeHandler(receivers(), gate := Gate(served.senders), self._committer, self._status, served.limits)
        self._status.counts = self._handler.counts
        self._connections = Connections(self._handler, served.limits)
        self._syslog = SyslogListener(self._handler, connections=served.limits.connections)
        self._status.guests = self._connections.guests, self._syslog.guests
        self._files = FileFollower(served, self._handler)
        self._fetcher = Fetcher([each.make(served.log) for each in served.pulls], self._handler, served.log)
        self._status.fetched = self._fetcher.counts
        self._hearts = Heartbeats((), time.time())
        self._senders = SenderWatch(served, gate, self._hearts)
        self._tracer = tracer_to(served.traces, served.places.node) if served.traces else Tracer()
        for each in (self._handler, self._committer, self._judge, self._notifier):
            each.tracer = self._tracer
        self._ending = asyncio.Event()
        self.port = served.port

    async def run(self, ready: Callable[[int], None] = lambda _port: None) -> None:
        """Serve until SIGTERM or SIGINT, or until the judge cannot go on; ``ready`` is told the port."""
        server = await asyncio.start_server(
            self._connections.accept,
            self._served.host,
            self._served.port,
            ssl=self._served.tls,
            ssl_handshake_timeout=None if self._served.tls is None else self._served.limits.head,
            limit=1 << 18,
            backlog=1024,
        )
        self.port = server.sockets[0].getsockname()[1]
        for each in self._served.syslog:
            port = await self._listen(each)
            self._served.log(f"listening for syslog over {each.how} on {each.host}:{port}")
        self._judge.start(self._journal.end)
        self._store.start(self._journal.end)
        self._senders.start()
        self._notifier.start()
        self._backfiller.start()
        self._forgetter.start()
        self._files.start()
        self._fetcher.start()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ending.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        clock = asyncio.create_task(self._pass_time())
        ready(self.port)
        try:
            await self._judge.watch(self._ending)
        finally:
            clock.cancel()
            server.close()
            await self._close()

    def _reload(self) -> None:
        """Take the settings anew: rules, senders and channels at once; of the others is said that they wait for the next start."""
        fresh = self._served
        if self._served.reread is not None:
            try:
                fresh = self._served.reread()
            except BartizanError as error:
                self._served.log(f"{error}: all stays as it is", "warning")
                return
        for name in waiting(self._served, fresh):
            self._served.log(f"{name} was changed: that takes effect with the next start", "warning")
        if isinstance(self._served.log, Log):
            self._served.log.hide([*self._served.secrets, *fresh.secrets])
        self._senders.replace(fresh.senders)
        self._notifier.replace(fresh.channels)
        self._judge.reload(fresh.request, fresh.lateness)

    def end(self) -> None:
        """End as if told by a signal."""
        self._ending.set()

    async def _close(self) -> None:
        """End what takes records in, then what writes them, then what reads them."""
        for each in (self._files, self._backfiller, self._forgetter, self._fetcher, self._senders, self._syslog):
            await each.close()
        await self._connections.drain()
        await self._committer.close()
        self._handler.close()
        loop = asyncio.get_running_loop()
        for end in (self._judge.end, self._store.end, self._notifier.end, self._tracer.close):
            await loop.run_in_executor(None, end)

    def _go(self, place: Place) -> None:
        """Let what is durable be judged and stored."""
        self._judge.go(place)
        self._store.go(place)

    def _free(self) -> None:
        """Free what of the journal nobody needs any more, and tell people of what is new."""
        self._notifier.look()
        self._reader.forget(min(self._judge.place, self._store.place) if self._store.wanted else self._judge.place)

    async def _listen(self, asked: SyslogPort) -> int:
        if asked.how == "udp":
            return await self._syslog.listen_udp(asked.host, asked.port)
        if asked.how == "tls" and self._served.tls is None:
            message = f"syslog over tls on {asked.host}:{asked.port}: name a certificate and its key"
            raise UsageError(message)
        return await self._syslog.listen_tcp(asked.host, asked.port, self._served.tls if asked.how == "tls" else None)

    async def _pass_time(self) -> None:
        """Write into the journal that nothing came, so that what is absent is noticed, and noticed again after a crash."""
        told = 0.0
        while True:
            await asyncio.sleep(1)
            await self._listen_for_hearts()
            last = max(self._handler.counts.last.values(), default=0.0)
            quiet = time.time() - last if last else 0.0
            told = told if quiet > told else 0.0
            if quiet >= (2 * told or _QUIET) or (told and quiet >= told + _QUIET_MOST):
                told = quiet
                entry = Entry(stream="", received=time.time_ns(), quiet=int(quiet * _NANO))
                with contextlib.suppress(OutputError):
                    await self._committer.put([frame(entry)])

    async def _listen_for_hearts(self) -> None:
        """Write down which senders have fallen silent or send again: that is judged like any record."""
        records = self._hearts.look(self._handler.counts.last, time.time())
        if records:
            entry = Entry(stream="bartizan", received=time.time_ns(), framing=Framing.JSON.value, records=records)
            with contextlib.suppress(OutputError):
                await self._committer.put([frame(entry)])


def _made(served: Served) -> bool:
    """Say whether tokens were made in the database."""
    table = SenderTable(served.places.ledger)
    try:
        return bool(table.senders())
    finally:
        table.close()


def _journal(served: Served) -> Journal:
    """Open the journal, and say what of it could not be read."""
    places = served.places
    if places.node:
        served.log(f"this node is {places.node}")
    journal = Journal(places.journal, behind=reached(places))
    if journal.torn is not None:
        served.log(_of_torn(journal), "warning")
    return journal


def _of_torn(journal: Journal) -> str:
    if not journal.saved:
        return f"{journal.torn}: a torn end of the journal, which was never acknowledged, was put aside"
    return (
        f"{journal.torn}: the journal was damaged there: {journal.saved} entries that are whole behind it are judged;"
        " what is not may have been acknowledged, and was put aside for you to look at"
    )
