"""Take logs by OTLP over HTTP, protobuf or JSON: ``POST /v1/logs`` of the OpenTelemetry protocol 1.x.

A record is the body of a log record: a text as it stands, or an object as JSON. Where the body alone does not say what happened, because
attributes stand beside it, the record is a JSON object that has all of it under the names of the OTLP JSON encoding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.collect.receivers.contract import Answer, Asked, Intake, Trouble
from bartizan.collect.receivers.cutting import delivered, in_utf8
from bartizan.collect.receivers.tokens import carried

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.receivers.contract import Receiver

__all__ = ["OtlpReceiver", "make"]

PATH: Final = "/v1/logs"
_PROTOBUF: Final = "application/x-protobuf"
_JSON: Final = "application/json"
_CODES: Final = {400: 3, 401: 16, 403: 7, 413: 3, 415: 3, 429: 8, 503: 14}
"""HTTP status -> google.rpc.Code, which a refusal carries."""
_DEPTH: Final = 32
_BYTES: Final = 8 << 20
"""Exporters send some hundred records at a time; decoded, a body takes some thirty times its size."""


class OtlpReceiver:
    """The logs endpoint of a collector."""

    name = "otlp"

    def serves(self, method: str, path: str) -> bool:
        """Say whether this is a request of this protocol."""
        return path == PATH and method == "POST"

    def token(self, asked: Asked) -> str | None:
        """Return the bearer token."""
        return carried(asked)

    def answer(self, asked: Asked) -> Answer | Intake | Trouble:
        """Take the log records of a request."""
        return in_utf8(self._answer, asked)

    def _answer(self, asked: Asked) -> Answer | Intake | Trouble:
        if len(asked.body) > _BYTES:
            return Trouble(413, f"the body is larger than {_BYTES} bytes: send it in parts")
        kind = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == _JSON:
            found = _from_json(asked.body)
        elif kind == _PROTOBUF:
            found = _from_protobuf(asked.body)
        else:
            return Trouble(415, f"the content type '{kind[:60]}' is not one of OTLP: send {_PROTOBUF} or {_JSON}")
        if isinstance(found, Trouble):
            return found
        try:
            by_service: dict[str, list[bytes]] = {}
            for service, record in _records(found):
                by_service.setdefault(service, []).append(record)
        except (AttributeError, TypeError, ValueError, RecursionError) as error:
            return Trouble(400, f"this is no ExportLogsServiceRequest: {error}")
        kept = Answer(200, b"{}" if kind == _JSON else b"", (("content-type", kind),))
        return Intake([each for service, records in by_service.items() for each in delivered(records, label=service)], kept)

    def refusal(self, trouble: Trouble) -> Answer:
        """Say why as a google.rpc.Status in JSON; 429 and 503 are what exporters try again."""
        body = {"code": _CODES.get(trouble.status, 2), "message": trouble.why}
        return Answer(trouble.status, msgspec.json.encode(body), (("content-type", _JSON),))


def _from_json(body: bytes) -> Mapping[str, Any] | Trouble:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        return Trouble(400, f"the body is no JSON object: {error}")


def _from_protobuf(body: bytes) -> Mapping[str, Any] | Trouble:
    from google.protobuf.json_format import MessageToDict  # noqa: PLC0415 - 30 ms that only OTLP should cost
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - as above
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest  # noqa: PLC0415 - as above

    message = ExportLogsServiceRequest()
    try:
        message.ParseFromString(body)
        found: Mapping[str, Any] = MessageToDict(message)
    except (DecodeError, ValueError, RecursionError) as error:
        return Trouble(400, f"the body is no ExportLogsServiceRequest: {error}")
    return found


def _records(request: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Yield the service and the raw record of each log record."""
    for resource in request.get("resourceLogs", ()):
        about = _plain_pairs(resource.get("resource", {}).get("attributes", ()))
        service = about.get("service.name", "")
        for scope in resource.get("scopeLogs", ()):
            for record in scope.get("logRecords", ()):
                yield service if isinstance(service, str) else "", _raw(record, about)


def _raw(record: Mapping[str, Any], resource: Mapping[str, object]) -> bytes:
    body = _plain(record.get("body", {}))
    attributes = _plain_pairs(record.get("attributes", ()))
    if isinstance(body, dict) and not attributes:
        return msgspec.json.encode(body)
    if isinstance(body, str) and body and set(attributes) <= _TRIVIAL:
        return body.encode("utf-8", "replace").strip(b"\r\n")
    kept = {
        name: record[name] for name in ("timeUnixNano", "observedTimeUnixNano", "severityText", "eventName", "traceId") if name in record
    }
    return msgspec.json.encode({**kept, "body": body, "attributes": attributes, "resource": resource})


_TRIVIAL: Final = frozenset(
    {"log.file.name", "log.file.path", "log.iostream", "logtag", "code.file.path", "code.function.name", "code.line.number"}
)
"""Attributes that say where a text was written, not what happened: collectors and SDKs put them beside every line."""


def _plain_pairs(pairs: Any) -> dict[str, object]:  # noqa: ANN401 - JSON
    return {str(pair["key"]): _plain(pair.get("value", {})) for pair in pairs if "key" in pair}


def _plain(value: Any, depth: int = 0) -> object:  # noqa: ANN401 - JSON
    """Return an AnyValue as JSON has it; numbers of 64 bits come as text, as protobuf's JSON writes them."""
    if depth > _DEPTH:
        message = f"values lie more than {_DEPTH} deep"
        raise ValueError(message)
    for name, inner in value.items():
        if name == "intValue":
            return int(inner)
        if name == "arrayValue":
            return [_plain(one, depth + 1) for one in inner.get("values", ())]
        if name == "kvlistValue":
            return {str(pair["key"]): _plain(pair.get("value", {}), depth + 1) for pair in inner.get("values", ()) if "key" in pair}
        return inner
    return None


def make() -> Receiver:
    """Make the receiver."""
    return OtlpReceiver()
