"""Tell people while the server runs: findings of the ledger go into the outbox, and out of it in a thread of its own."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.shared import DecisionTable
from bartizan.detect.alerts.silencing import Silencer
from bartizan.detect.watch.ledger import Ledger
from bartizan.errors import BartizanError, Unreachable
from bartizan.faces.server.tracing import Tracer
from bartizan.respond.notify.contract import Notice
from bartizan.respond.notify.outbox import Outbox
from bartizan.respond.notify.sending import Dispatcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.faces.server.served import Served
    from bartizan.respond.notify.contract import Channel, Refusal
    from bartizan.respond.notify.sending import Asked

__all__ = ["Notifier"]

_LOOK: Final = 2.0
"""Seconds between two looks at what is due, where nothing is new."""
_AGAIN: Final = 5.0
"""Seconds after which a database that did not answer is asked again."""


@dataclass(frozen=True, slots=True)
class _Traced:
    """A channel whose sending is traced."""

    channel: Channel
    tracer: Tracer

    @property
    def name(self) -> str:
        return self.channel.name

    def send(self, notice: Notice, now: float) -> Refusal | None:
        with self.tracer.span("notify", channel=self.name) as said:
            refused = self.channel.send(notice, now)
            said["taken"] = int(refused is None)
        return refused


class Notifier:
    """The thread. Where nobody is to be told there is none."""

    def __init__(self, served: Served) -> None:
        """Tell the channels of ``served``."""
        self._served = served
        self._new = threading.Event()
        self._ending = False
        self.tracer = Tracer()
        self._channels: Sequence[Asked] = served.channels
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, where anybody is to be told."""
        if self._channels and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="notify", daemon=True)
            self._thread.start()

    def replace(self, channels: Sequence[Asked]) -> None:
        """Tell other channels from now on."""
        self._channels = channels
        self.start()
        self._new.set()

    def look(self) -> None:
        """Look now: there are findings that are new."""
        self._new.set()

    def end(self) -> None:
        """Take what is new into the outbox and end; what is not sent yet is sent after the next start."""
        self._ending = True
        self._new.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        opened = self._opened()
        if opened is None:
            return
        ledger, outbox = opened
        silencer = Silencer(DecisionTable(self._served.places.ledger))
        asked = self._channels
        dispatcher = Dispatcher(outbox, self._traced(asked), self._served.log, silencer.silence_of)
        try:
            while not self._ending:
                if asked is not self._channels:
                    asked = self._channels
                    dispatcher = Dispatcher(outbox, self._traced(asked), self._served.log, silencer.silence_of)
                self._once(dispatcher, ledger)
                self._new.wait(_LOOK)
                self._new.clear()
            with suppress(Unreachable):
                _take(dispatcher, ledger)
        finally:
            ledger.close()
            outbox.close()

    def _traced(self, asked: Sequence[Asked]) -> list[Asked]:
        return [replace(one, channel=_Traced(one.channel, self.tracer)) for one in asked]

    def _opened(self) -> tuple[Ledger, Outbox] | None:
        places = self._served.places
        while not self._ending:
            try:
                ledger, outbox = Ledger(places.ledger, places.node), Outbox(places.ledger, places.node)
                outbox.carry_over(places.outbox)
                outbox.release(time.time())
            except BartizanError as error:
                self._served.log(f"nobody can be told of findings: {error}", "warning")
                if not isinstance(error, Unreachable):
                    break
                self._new.wait(_AGAIN)
            else:
                return ledger, outbox
        return None

    def _once(self, dispatcher: Dispatcher, ledger: Ledger) -> None:
        try:
            _take(dispatcher, ledger)
            dispatcher.send(time.time)
        except BartizanError as error:
            self._served.log(str(error), "warning")


def _take(dispatcher: Dispatcher, ledger: Ledger) -> None:
    while found := ledger.findings(dispatcher.cursor()):
        dispatcher.take([(number, Notice(alert.uid, alert.level, alert.line)) for number, alert in found], time.time())
