"""Answer operators: is it alive, is it ready, what has it counted."""

from __future__ import annotations

import time
from collections import Counter
from importlib.resources import files
from typing import TYPE_CHECKING

from bartizan.collect.receivers.contract import Answer
from bartizan.faces.server.intake import Counts
from bartizan.faces.server.metrics import Family, exposition

if TYPE_CHECKING:
    from bartizan.faces.server.guests import Guests
    from bartizan.faces.server.storing import StoreKeeper
    from bartizan.faces.server.supervising import JudgeKeeper

__all__ = ["Status"]

_Values = dict[tuple[str, ...], float]
_JSON = (("content-type", "application/json"),)
_TEXT = (("content-type", "text/plain; charset=utf-8"),)
_METRICS = (("content-type", "text/plain; version=0.0.4; charset=utf-8"),)


class Status:
    """The probe of one server."""

    def __init__(self, judge: JudgeKeeper, store: StoreKeeper) -> None:
        """Look at what judges and what stores; ``counts`` are those of the intake."""
        self._judge, self._store = judge, store
        self.counts = Counts()
        self.guests: tuple[Guests, ...] = ()
        """Who is connected, by what protocols there are."""
        self.fetched: Counter[tuple[str, str, str]] = Counter()
        self._backlog = (0.0, 0)

    @property
    def backlog(self) -> int:
        """Return the bytes of the journal that wait to be judged or stored, looked at anew every half a second."""
        if time.monotonic() - self._backlog[0] > 0.5:  # noqa: PLR2004 - said above
            self._measure()
        return self._backlog[1]

    def _measure(self) -> int:
        """Return the backlog as it is now: who scrapes and sees none must be right that all acknowledged before is judged."""
        size = self._judge.backlog(self._store.place if self._store.wanted else self._judge.place)
        self._backlog = time.monotonic(), size
        return size

    def answer(self, path: str) -> Answer | None:
        """Answer ``/healthz``, ``/readyz``, ``/metrics``, and ``/openapi.json``, which describes everything over HTTP."""
        if path == "/healthz":
            return Answer(200, b"alive\n", _TEXT)
        if path == "/openapi.json":
            return Answer(200, (files("bartizan.faces.server") / "openapi.json").read_bytes(), _JSON)
        if path == "/readyz":
            why = b"nothing is judged now: see the log\n" if self._judge.ready else b"the rules are being loaded\n"
            return Answer(200, b"ready\n", _TEXT) if self._judge.judging else Answer(503, why, _TEXT)
        return Answer(200, exposition(self._families()), _METRICS) if path == "/metrics" else None

    def _families(self) -> list[Family]:
        judge, counts = self._judge, self.counts
        answers: _Values = {(name, str(status)): float(count) for (name, status), count in counts.requests.items()}
        totals: _Values = {(what,): float(judge.totals[what]) for what in ("read", "stored", "unparsed", "duplicate")}
        fetched: _Values = {words: float(count) for words, count in self.fetched.items()}
        last: _Values = {(name,): when for name, when in counts.last.items()}
        closed: _Values = {
            ("refused",): float(sum(one.refused for one in self.guests)),
            ("ended",): float(sum(one.ended for one in self.guests)),
        }
        return [
            Family("bartizan_requests_total", "counter", "Requests by protocol and HTTP status.", answers, ("receiver", "status")),
            Family("bartizan_received_records_total", "counter", "Records acknowledged.", _floats(counts.records), ("receiver", "sender")),
            Family("bartizan_received_bytes_total", "counter", "Bytes of records acknowledged.", _by_one(counts.bytes), ("receiver",)),
            Family("bartizan_last_received_timestamp_seconds", "gauge", "When a sender last sent something.", last, ("sender",)),
            Family(
                "bartizan_pulls_total",
                "counter",
                "What was fetched, anew and again, and what failed.",
                fetched,
                ("receiver", "source", "what"),
            ),
            Family("bartizan_records_total", "counter", "Records judged since the start, by what became of them.", totals, ("what",)),
            Family("bartizan_findings_total", "counter", "Findings since the start.", {(): float(judge.totals["findings"])}),
            Family("bartizan_late_sightings_total", "counter", "Events too late for correlations.", {(): float(judge.late)}),
            Family("bartizan_backlog_bytes", "gauge", "Bytes of the journal not judged or stored yet.", {(): float(self._measure())}),
            Family(
                "bartizan_stored_records_total", "counter", "Records put into the lake since the start.", {(): float(self._store.stored)}
            ),
            Family("bartizan_connections", "gauge", "Connections open.", {(): float(sum(map(len, self.guests)))}),
            Family("bartizan_connections_total", "counter", "Connections closed for lack of room, by how.", closed, ("how",)),
            Family("bartizan_rules", "gauge", "Rules loaded.", {(): float(judge.rules)}),
            Family("bartizan_ready", "gauge", "Whether records are judged.", {(): float(judge.judging)}),
        ]


def _floats(counts: dict[tuple[str, str], int]) -> _Values:
    return {(one, two): float(count) for (one, two), count in counts.items()}


def _by_one(counts: dict[str, int]) -> _Values:
    return {(name,): float(count) for name, count in counts.items()}
