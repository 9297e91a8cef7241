"""Speak Splunk's HTTP Event Collector: events, raw data, health, and the channel on which a sender asks what has arrived.

Words and codes as Splunk documents them ("HTTP Event Collector REST API endpoints", "Troubleshoot HTTP Event Collector"). Here an
answer comes only when the events are safe on disk, so whatever has an ``ackId`` is acknowledged.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.collect.receivers.contract import Answer, Delivery, Intake, Trouble
from bartizan.collect.receivers.cutting import MOST, TOO_MANY, cut_whole, delivered, in_utf8, one_line, too_many
from bartizan.collect.receivers.tokens import carried

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.receivers.contract import Asked, Receiver

__all__ = ["SplunkReceiver", "make"]

_COLLECTOR: Final = "/services/collector"
_EVENT: Final = frozenset({_COLLECTOR, f"{_COLLECTOR}/event", f"{_COLLECTOR}/event/1.0"})
_RAW: Final = frozenset({f"{_COLLECTOR}/raw", f"{_COLLECTOR}/raw/1.0"})
_HEALTH: Final = frozenset({f"{_COLLECTOR}/health", f"{_COLLECTOR}/health/1.0"})
_ACK: Final = f"{_COLLECTOR}/ack"
CHANNELS: Final = 10_000
"""Channels whose count is remembered: a sender makes one for each of its processes, and a hostile one as many as it likes."""
_JSON: Final = (("content-type", "application/json"),)
_CODES: Final = {401: (2, "Token is required"), 403: (4, "Invalid token"), 400: (6, "Invalid data format"), 503: (9, "Server is busy")}
_NO_DATA: Final = Trouble(400, "No data")
_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TRAILING: Final = re.compile(r"trailing characters \(byte (\d+)\)")
_RAW_VALUE: Final = msgspec.json.Decoder(msgspec.Raw)


class SplunkReceiver:
    """The collector, with one counter of acknowledgements for each channel."""

    name = "splunk"

    def __init__(self) -> None:
        """Know no channel."""
        self._channels: OrderedDict[str, int] = OrderedDict()

    def serves(self, method: str, path: str) -> bool:
        """Say whether this is a request of this protocol."""
        path = path.rstrip("/")
        return (method == "POST" and path in _EVENT | _RAW | {_ACK}) or (method in {"GET", "HEAD"} and path in _HEALTH)

    def token(self, asked: Asked) -> str | None:
        """Return the token of ``Authorization: Splunk TOKEN``, of Basic, or of the query."""
        return None if asked.path.rstrip("/") in _HEALTH else carried(asked) or asked.query.get("token", "")

    def answer(self, asked: Asked) -> Answer | Intake | Trouble:
        """Take events or raw data, tell what has arrived on a channel, or that all is well."""
        return in_utf8(self._answer, asked)

    def _answer(self, asked: Asked) -> Answer | Intake | Trouble:
        path = asked.path.rstrip("/")
        if path in _HEALTH:
            return _told(200, 17, "HEC is healthy")
        if path == _ACK:
            return self._acknowledged(asked)
        if not asked.body.strip():
            return _NO_DATA
        found: list[Delivery] | Trouble | None = too_many(asked.body)
        if found is None:
            found = cut_whole(asked.body, label=asked.query.get("sourcetype", "")) if path in _RAW else _events(asked.body)
        if isinstance(found, Trouble):
            return found
        return Intake(found, self._success(asked)) if found else _NO_DATA

    def refusal(self, trouble: Trouble) -> Answer:
        """Say why with Splunk's own code; a sender that sees 503 tries again."""
        status = 503 if trouble.status in {429, 503, 507} else trouble.status
        code, text = _CODES.get(status, (6, trouble.why))
        return _told(status, 5 if trouble is _NO_DATA else code, trouble.why if status == 400 else text)  # noqa: PLR2004 - an HTTP status

    def _success(self, asked: Asked) -> Answer:
        channel = _channel(asked)
        if not channel:
            return _told(200, 0, "Success")
        number = self._channels.pop(channel, 0)
        self._channels[channel] = number + 1
        while len(self._channels) > CHANNELS:
            self._channels.popitem(last=False)
        return Answer(200, msgspec.json.encode({"text": "Success", "code": 0, "ackId": number}), _JSON)

    def _acknowledged(self, asked: Asked) -> Answer | Trouble:
        channel = _channel(asked)
        if not channel:
            return Trouble(400, "Data channel is missing")
        try:
            wanted = msgspec.json.decode(asked.body, type=dict[str, list[int]])["acks"]
        except (msgspec.DecodeError, KeyError):
            return Trouble(400, "Invalid data format")
        known = self._channels.get(channel, 0)
        acks = {str(number): 0 <= number < known for number in wanted}
        return Answer(200, msgspec.json.encode({"acks": acks}), _JSON)


def _channel(asked: Asked) -> str:
    return asked.headers.get("x-splunk-request-channel") or asked.query.get("channel", "")


def _told(status: int, code: int, text: str) -> Answer:
    return Answer(status, msgspec.json.encode({"text": text, "code": code}), _JSON)


def _events(body: bytes) -> list[Delivery] | Trouble:
    """Return the events of a body: envelopes one after the other or in an array; the reason where one is none."""
    # An array is decoded at once, and each envelope has this name.
    if body.count(b'"event"') > MOST:
        return TOO_MANY
    by_label: dict[str, list[bytes]] = {}
    number = 0
    for number, envelope in enumerate(_envelopes(body)):
        if number >= MOST:
            return TOO_MANY
        if envelope is None:
            return Trouble(400, f"Invalid data format, event number {number}")
        event = bytes(envelope.get("event", b"")).strip()
        if not event:
            return Trouble(400, f"Event field is required, event number {number}")
        if event == b'""':
            return Trouble(400, f"Event field cannot be blank, event number {number}")
        label = bytes(envelope.get("sourcetype", b'""'))
        by_label.setdefault(_text(label), []).append(one_line(event))
    return [each for label, records in by_label.items() for each in delivered(records, label=label)]


def _text(raw: bytes) -> str:
    value: Any = msgspec.json.decode(raw)
    return value if isinstance(value, str) else ""


def _envelopes(body: bytes) -> Iterator[dict[str, msgspec.Raw] | None]:
    """Yield the members of each envelope, None for what is none, which ends it."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    try:
        if body.lstrip()[:1] == b"[":
            yield from msgspec.json.decode(body, type=list[dict[str, msgspec.Raw]])
            return
        # Most senders write one envelope a line: that needs no look for where each ends.
        yield from [_MEMBERS.decode(line) for line in lines]
    except (msgspec.DecodeError, RecursionError):
        yield from _touching(body)


def _touching(body: bytes) -> Iterator[dict[str, msgspec.Raw] | None]:
    """Yield envelopes that span lines or touch each other, as some senders write them: the error of the decoder says where one ends."""
    rest = memoryview(body.strip())
    while rest:
        end = len(rest)
        try:
            _RAW_VALUE.decode(rest)
        except (msgspec.DecodeError, RecursionError) as error:
            trailing = _TRAILING.search(str(error))
            if trailing is None:
                yield None
                return
            end = int(trailing[1]) - 1
        try:
            yield _MEMBERS.decode(rest[:end])
        except (msgspec.DecodeError, RecursionError):
            yield None
            return
        rest = rest[end:]


def make() -> Receiver:
    """Make the receiver."""
    return SplunkReceiver()
