"""Fuzz what senders speak to us: each protocol over HTTP, whatever its path and kind of body, and syslog over a connection."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import msgspec

from bartizan.collect.receivers.contract import Answer, Asked, Intake, Trouble
from bartizan.collect.receivers.cutting import MOST, RECORD_BYTES
from bartizan.collect.receivers.http import elastic, ndjson, otlp, splunk
from bartizan.collect.receivers.syslog import MESSAGE_BYTES, SyslogStream
from bartizan.testing.fuzzing.contract import Target
from bartizan.testing.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.receivers.contract import Receiver

__all__ = ["receiver_targets"]

_LINE: Final = b"<38>Nov 23 08:14:02 web-01 sshd[2112]: Accepted password for root from 203.0.113.50 port 50122 ssh2"
_HEC: Final = b'{"event":"%b","sourcetype":"linux_secure","time":1700000000.5}{"event":{"a":[1,null]},"fields":{"b":"c"}}\n' % _LINE[4:]
_BULK: Final = (
    b'{"index":{"_index":"logs"}}\n{"message":"%b"}\n{"create":{"_id":"7"}}\n{"a":{"b":[1]}}\n{"delete":{"_id":"7"}}\n' % _LINE[4:]
)
_OTLP: Final = (
    b'{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"scopeLogs":[{"logRecords":['
    b'{"timeUnixNano":"1700000000000000000","severityNumber":9,"body":{"stringValue":"%b"},"traceId":"5b8efff798038103d269b633813fc60c"},'
    b'{"body":{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"intValue":"7"},{"doubleValue":0.5}]}}}]}}}]}]}]}'
) % _LINE[4:]
_LARGER: Final = 64
"""What a record may be larger than the body it came in: OTLP repeats the resource of a batch in each record."""


def receiver_targets() -> Sequence[Target]:
    """Return the target of each protocol."""
    hec = splunk.make()
    asked: list[tuple[str, bytes, Receiver, Asked]] = [
        ("ndjson", _LINE + b'\n{"a":1}\n', ndjson.make(), Asked(method="POST", path="/v1/records", query={"stream": "s"})),
        ("hec-events", _HEC, hec, Asked(method="POST", path="/services/collector/event", headers={"x-splunk-request-channel": "c"})),
        ("hec-raw", _LINE, hec, Asked(method="POST", path="/services/collector/raw", query={"sourcetype": "s"})),
        ("hec-acks", b'{"acks":[0,1,7]}', hec, Asked(method="POST", path="/services/collector/ack", query={"channel": "c"})),
        ("bulk", _BULK, elastic.make(), Asked(method="POST", path="/logs/_bulk")),
        ("otlp-json", _OTLP, otlp.make(), Asked(method="POST", path="/v1/logs", headers={"content-type": "application/json"})),
    ]
    found = [Target(name=f"receive-{name}", seeds=(seed,), run=partial(_answered, one, ask)) for name, seed, one, ask in asked]
    framed = (b"%d %b" % (len(_LINE), _LINE), _LINE + b"\n" + _LINE + b"\n", b"5 <1>ab%b\n7 <2>abcd" % _LINE)
    return [*found, *_protobuf(), Target(name="receive-syslog", seeds=framed, run=_syslog, binary=True)]


def _protobuf() -> Iterator[Target]:
    """Yield the target of OTLP's binary form, where what reads it is installed."""
    if find_spec("opentelemetry") is None or find_spec("google") is None:
        return
    from google.protobuf.json_format import Parse  # noqa: PLC0415 - an extra
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest  # noqa: PLC0415 - as above

    seed: bytes = Parse(_OTLP, ExportLogsServiceRequest(), ignore_unknown_fields=True).SerializeToString()
    ask = Asked(method="POST", path="/v1/logs", headers={"content-type": "application/x-protobuf"})
    yield Target(name="receive-otlp-protobuf", seeds=(seed,), run=partial(_answered, otlp.make(), ask), binary=True)


def _answered(receiver: Receiver, asked: Asked, body: bytes) -> Iterator[Problem]:
    """Say what is wrong with the answer to a body."""
    answer = receiver.answer(replace(asked, body=body))
    if isinstance(answer, Trouble):
        if not 400 <= answer.status < 500 or not answer.why:  # noqa: PLR2004 - statuses of HTTP
            yield Problem("receivers: blame", f"a body is refused with {answer.status}: '{answer.why}'")
        answer = receiver.refusal(answer)
    elif isinstance(answer, Intake):
        yield from _delivered(answer, body)
        answer = answer.kept
    yield from _said(answer)


def _said(answer: Answer) -> Iterator[Problem]:
    kinds: Mapping[str, str] = dict(answer.headers)
    if kinds.get("content-type", "").startswith("application/json") and answer.body:
        try:
            msgspec.json.decode(answer.body)
        except msgspec.DecodeError as error:
            yield Problem("receivers: answer", f"an answer is no JSON: {error}")


def _delivered(intake: Intake, body: bytes) -> Iterator[Problem]:
    count = sum(len(each.records) for each in intake.deliveries)
    if count > MOST:
        yield Problem("receivers: many", f"{count} records of one body")
    for each in intake.deliveries:
        if not each.records:
            yield Problem("receivers: empty", "a delivery without records")
        if any(row >= len(each.records) for row in each.unreadable):
            yield Problem("receivers: balance", "tells of a record that is not there")
        if any(len(record) > RECORD_BYTES or len(record) > _LARGER * len(body) + 1024 for record in each.records):
            yield Problem("receivers: long", "a record is longer than one may be, or than its body explains")


def _syslog(data: bytes) -> Iterator[Problem]:
    """Say whether a stream means the same however it is cut, and nothing longer than a message may be comes out."""
    at_once = _fed([data])
    cut = 1 + (data[0] if data else 0)
    in_parts = _fed([data[at : at + cut] for at in range(0, len(data), cut)])
    if at_once != in_parts:
        yield Problem("syslog: cut", f"{len(at_once)} messages at once, others in parts of {cut} bytes")
    if any(len(message) > MESSAGE_BYTES for message in at_once):
        yield Problem("syslog: long", "a message is longer than one may be")


def _fed(parts: Sequence[bytes]) -> list[bytes]:
    stream = SyslogStream()
    return [message for part in parts for message in stream.feed(part)] + stream.finish()
