"""Make calls through a client that was handed in: paced, asked again where that can help, counted, redacted."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.live.calls import Answer, Failure
from bartizan.collect.inventory.live.pace import Clock, Pace
from bartizan.collect.inventory.live.rest.client import Unanswered
from bartizan.collect.inventory.live.rest.reasons import decoded, passes, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.live.rest.calls import Call
    from bartizan.collect.inventory.live.rest.client import Client, Reply

__all__ = ["Caller", "Settings"]

_TRIES: Final = 6
_SAVED: Final = 4.0
"""Calls that may be made at once at least, however slow a service is."""
_LONGEST_WAIT: Final = 20.0
_PATIENCE: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a cloud is asked."""

    redact: Callable[[Call, Any], Any]
    """Take the values of secrets out of the answer of a call."""
    reason: Callable[[Reply], Failure] = reason_of
    rate: float = 20.0
    """Calls a second to each service to begin with."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Of services that bear more or less."""
    tries: int = _TRIES
    patience: float = _PATIENCE
    """Seconds that a service may ask to be left alone for; one that asks for more is not asked again."""


class Caller:
    """The calls of one reading. ``made`` counts requests by the name of the call, those that were made again too."""

    def __init__(self, client: Client, settings: Settings, *, clock: Clock | None = None, seed: int | None = None) -> None:
        """Call through a client."""
        self._stopped = threading.Event()
        self._client, self._settings = client, settings
        self._clock = clock or Clock(time.monotonic, self._wait)
        self._paces: dict[str, Pace] = {}
        self._lock = threading.Lock()
        self._chance = random.Random(seed)  # noqa: S311 - spreads calls that are made again
        self.made: Counter[str] = Counter()

    def __call__(self, call: Call) -> Answer:
        """Return what the cloud answers to one request, or why it gave nothing after so many tries."""
        pace = self._pace(call.service)
        for tried in range(1, self._settings.tries + 1):
            pace.take()
            with self._lock:
                self.made[call.name] += 1
            answer, wait = self._asked(call, pace)
            if wait is None or wait > self._settings.patience or tried == self._settings.tries or self._stopped.is_set():
                break
            self._clock.sleep(wait + self._chance.uniform(0.5, 1) * min(_LONGEST_WAIT, 0.25 * 2**tried))
        return answer

    def stop(self) -> None:
        """Ask nothing again, and wait for nothing any more: who waits now is woken."""
        self._stopped.set()

    def _wait(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def _asked(self, call: Call, pace: Pace) -> tuple[Answer, float | None]:
        """Return an answer, and how many seconds to wait at least before asking again, None where that is no use."""
        try:
            reply = self._client.ask(call.method, call.url, call.body.encode())
        except Unanswered as error:
            return Answer(failure=Failure("failed", "Unanswered", str(error))), 0.0 if error.again else None
        document = decoded(reply)
        if 200 <= reply.status < 300 and document is not None:  # noqa: PLR2004 - the statuses of success
            pace.answered()
            return Answer(self._settings.redact(call, document)), None
        failure = self._settings.reason(reply) if reply.status >= 300 else _no_object(reply)  # noqa: PLR2004 - as above
        wait = _seconds(reply)
        if failure.reason == "throttled":
            pace.throttled(min(wait, self._settings.patience))
        return Answer(failure=failure), wait if passes(reply, failure) else None

    def _pace(self, service: str) -> Pace:
        with self._lock:
            if service not in self._paces:
                rate = self._settings.rates.get(service, self._settings.rate)
                self._paces[service] = Pace(rate, self._clock, most=max(_SAVED, rate))
            return self._paces[service]


def _no_object(reply: Reply) -> Failure:
    page = reply.body[:500].lstrip().lower().startswith((b"<!doctype", b"<html"))
    told = "a page for people came" if page else "what came is no JSON object, or not all of one"
    return Failure("failed", "NoAnswer", told)


def _seconds(reply: Reply) -> float:
    """Return for how long one is asked to stay away, which is told in seconds or as a time; 0 where it is not."""
    told = reply.headers.get("retry-after", "")
    if told.isascii() and told.isdigit():
        return float(told)
    try:
        until, now = (parsedate_to_datetime(each) for each in (told, reply.headers.get("date", "")))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):
        return 0.0
