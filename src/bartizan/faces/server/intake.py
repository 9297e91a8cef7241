"""Answer requests: who may send, how much, in which protocol; records are on disk before their sender is told so."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from bartizan.collect.receivers.bodies import unpack
from bartizan.collect.receivers.contract import Answer, Asked, Delivery, Intake, Trouble
from bartizan.detect.watch.contract import Entry
from bartizan.detect.watch.journal import frame
from bartizan.errors import OutputError
from bartizan.faces.server.tracing import Tracer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.collect.receivers.contract import Receiver
    from bartizan.collect.receivers.gate import Gate, Sender
    from bartizan.faces.server.committing import Committer
    from bartizan.faces.server.limits import Limits

__all__ = ["Counts", "IntakeHandler", "Probe"]

_APART: Final = 1 << 16
"""Bytes of a body from which on it is cut beside the event loop, so that it delays nobody else; packed ones always are."""
_LABEL: Final = re.compile(r"[^\w.:@+-]+")
_LABEL_LENGTH: Final = 80
_WAIT: Final = 5
"""Seconds after which a sender is asked to try again where there is no room."""


class Probe(Protocol):
    """Questions of operators, answered beside the protocols: health, metrics."""

    def answer(self, path: str) -> Answer | None:
        """Answer a GET, None where the path is none of these."""

    @property
    def backlog(self) -> int:
        """Return the bytes of the journal that wait to be judged or stored."""


@dataclass(slots=True)
class Counts:
    """What came in, for the metrics. ``last``: when each sender last sent something, seconds since 1970."""

    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By protocol and status."""
    records: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By protocol and sender."""
    bytes: Counter[str] = field(default_factory=Counter)
    """By protocol, unpacked."""
    last: dict[str, float] = field(default_factory=dict)


class IntakeHandler:
    """All protocols over HTTP behind one gate."""

    def __init__(self, receivers: Sequence[Receiver], gate: Gate, committer: Committer, probe: Probe, limits: Limits) -> None:
        """Answer for some protocols."""
        self._receivers, self.gate, self._committer, self._probe, self._limits = receivers, gate, committer, probe, limits
        self._apart = ThreadPoolExecutor(2, thread_name_prefix="bodies")
        self._held = 0
        self.tracer = Tracer()
        self.counts = Counts()

    def admit(self, asked: Asked, size: int) -> Answer | None:
        """Look at the head of a request; an answer refuses it before its body is read."""
        receiver = self._receiver(asked)
        if receiver is None:
            return None if asked.method in {"GET", "HEAD"} else self._counted("", Answer(404))
        token = receiver.token(asked)
        if token is None:
            return None
        sender = self.gate.admit(token, receiver.name)
        if isinstance(sender, Trouble):
            return self.refuse(asked, sender)
        if sender.size and size > sender.size:
            return self.refuse(asked, Trouble(413, f"the body is larger than {sender.size} bytes: send it in parts"))
        if not self.has_room:
            return self.refuse(asked, Trouble(503, "more waits to be judged or stored than may wait", _WAIT))
        return None

    @property
    def has_room(self) -> bool:
        """Say whether more may wait to be judged or stored."""
        return self._probe.backlog <= self._limits.backlog_bytes

    def refuse(self, asked: Asked, trouble: Trouble) -> Answer:
        """Say in the words of the request's protocol that it is not taken."""
        receiver = self._receiver(asked)
        answer = Answer(trouble.status) if receiver is None else receiver.refusal(trouble)
        if trouble.wait:
            answer = replace(answer, headers=(*answer.headers, ("retry-after", str(trouble.wait))))
        return self._counted("" if receiver is None else receiver.name, answer)

    def knows(self, asked: Asked) -> bool:
        """Say whether a request carries a token that may be used so."""
        receiver = self._receiver(asked)
        token = None if receiver is None else receiver.token(asked)
        return receiver is not None and token is not None and not isinstance(self.gate.admit(token, receiver.name), Trouble)

    def hold(self, size: int) -> bool:
        """Say whether there is memory for so many bytes more."""
        if size > 0 and self._held + size > self._limits.held_bytes:
            return False
        self._held += size
        return True

    async def handle(self, asked: Asked) -> Answer:
        """Answer a whole request."""
        receiver = self._receiver(asked)
        with self.tracer.span("request", receiver="" if receiver is None else receiver.name, bytes=len(asked.body)) as said:
            answer = await self._answer(asked, receiver)
            said["status"] = answer.status
        return answer

    async def _answer(self, asked: Asked, receiver: Receiver | None) -> Answer:
        if receiver is None:
            return self._probe.answer(asked.path) or self._counted("", Answer(404))
        token = receiver.token(asked)
        sender = None if token is None else self.gate.admit(token, receiver.name)
        if isinstance(sender, Trouble):
            return self.refuse(asked, sender)
        found = await self._read(receiver, asked, sender)
        if isinstance(found, Trouble):
            return self.refuse(asked, found)
        if isinstance(found, Answer) or sender is None:
            return self._counted(receiver.name, found if isinstance(found, Answer) else found.kept)
        return await self._keep(receiver, asked, sender, found)

    def close(self) -> None:
        """End the threads."""
        self._apart.shutdown(cancel_futures=True)

    async def _read(self, receiver: Receiver, asked: Asked, sender: Sender | None) -> Answer | Intake | Trouble:
        limit = min(self._limits.body_bytes, (sender.size if sender else 0) or self._limits.body_bytes)
        if len(asked.body) < _APART and not asked.headers.get("content-encoding"):
            return _understood(receiver, asked, limit)
        return await asyncio.get_running_loop().run_in_executor(self._apart, _understood, receiver, asked, limit)

    async def _keep(self, receiver: Receiver, asked: Asked, sender: Sender, intake: Intake) -> Answer:
        size = sum(len(record) for each in intake.deliveries for record in each.records)
        trouble = self.gate.spend(sender, size, time.monotonic())
        if trouble is not None:
            return self.refuse(asked, trouble)
        now = time.time_ns()
        try:
            await self.keep_records(receiver.name, [entry_of(each, f"{receiver.name}/{sender.name}", now) for each in intake.deliveries])
        except OutputError:
            return self.refuse(asked, Trouble(503, "there is no room", _WAIT))
        return self._counted(receiver.name, intake.kept)

    async def keep_records(self, receiver: str, entries: Sequence[Entry]) -> None:
        """Return when entries are on disk, and count them. OutputError: none of them is."""
        await self._committer.put([frame(entry) for entry in entries])
        for entry in entries:
            sender = entry.stream.split("/")[1] if "/" in entry.stream else ""
            self.counts.records[receiver, sender] += len(entry.records)
            self.counts.bytes[receiver] += sum(map(len, entry.records))
            self.counts.last[sender] = entry.received / 1e9

    def _receiver(self, asked: Asked) -> Receiver | None:
        return next((each for each in self._receivers if each.serves(asked.method, asked.path)), None)

    def _counted(self, name: str, answer: Answer) -> Answer:
        self.counts.requests[name, answer.status] += 1
        return answer


def entry_of(delivery: Delivery, origin: str, now: int) -> Entry:
    """Return what a sender delivered as an entry of the journal; a label is foreign text and becomes part of a path."""
    label = _LABEL.sub("_", delivery.label)[:_LABEL_LENGTH]
    return Entry(
        stream=f"{origin}/{label}" if label else origin,
        received=now,
        framing=delivery.framing.value,
        records=list(delivery.records),
        head=list(delivery.head),
        unreadable=dict(delivery.unreadable),
    )


def _understood(receiver: Receiver, asked: Asked, limit: int) -> Answer | Intake | Trouble:
    body = unpack(asked.body, asked.headers.get("content-encoding", ""), limit)
    return body if isinstance(body, Trouble) else receiver.answer(replace(asked, body=body))
