"""Know JSON objects in which a transport puts one record, or a batch of texts: container runtimes, collectors, queues of clouds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HINTS", "opened"]

HINTS: Final = (b'"stream"', b'"sourcetype"', b'"TopicArn"', b'"detail-type"', b'"logGroup"', b'"agent"', b'"beat"')
"""Names of which every envelope has one: an object without them need not be looked at."""


@dataclass(frozen=True, slots=True)
class _Envelope:
    """An envelope: the members that it must have, those that it may have beside them (None: any), and where its record is."""

    needed: frozenset[str]
    others: frozenset[str] | None
    record: str


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BEATS: Final = _names(
    "@timestamp @metadata message log input agent ecs host fileset tags fields stream container kubernetes cloud offset source prospector "
    "beat event service docker"
)
_ENVELOPES: Final = (
    # Docker's json-file driver, and what collectors on Kubernetes add to it.
    _Envelope(_names("log stream time"), _names("attrs kubernetes docker"), "log"),
    # Splunk's HTTP Event Collector.
    _Envelope(_names("event sourcetype"), _names("time host source index fields"), "event"),
    # Amazon SNS.
    _Envelope(_names("Type MessageId TopicArn Message"), None, "Message"),
    # Filebeat, where it did not take the line apart.
    _Envelope(_names("@timestamp message agent log"), _BEATS, "message"),
    _Envelope(_names("@timestamp message beat source"), _BEATS, "message"),
)
_EVENT_BRIDGE: Final = _names("detail-type detail source account region")
_WHOLE: Final = (b'"eventVersion"', b'"schemaVersion"', b'"SchemaVersion"')
"""Events of Amazon EventBridge that are records by themselves: of others, half of what they say is in the envelope."""
_SUBSCRIPTION: Final = _names("messageType logGroup logStream logEvents")
_STRING: Final = msgspec.json.Decoder(str)
_EVENTS: Final = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


def opened(members: Mapping[str, msgspec.Raw]) -> list[bytes] | None:
    """Return the records in an envelope, given its members: objects as they are written, texts without their quotes; None if it is none."""
    names = members.keys()
    if names >= _SUBSCRIPTION:
        return _subscribed(bytes(members["logEvents"]))
    if names >= _EVENT_BRIDGE:
        detail = bytes(members["detail"])
        return [detail] if detail[:1] == b"{" and any(name in detail for name in _WHOLE) else None
    for envelope in _ENVELOPES:
        if names >= envelope.needed and (envelope.others is None or names - envelope.needed <= envelope.others):
            record = _record(bytes(members[envelope.record]))
            return None if record is None else [record]
    return None


def _subscribed(raw: bytes) -> list[bytes] | None:
    """Return the messages of a subscription to CloudWatch Logs."""
    try:
        events = _EVENTS.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    found = [_record(bytes(event["message"])) for event in events if "message" in event]
    return [record for record in found if record] if len(found) == len(events) else None


def _record(raw: bytes) -> bytes | None:
    """Return an object as it is written, or what a string holds; None for what is neither."""
    if raw[:1] == b"{":
        return raw
    try:
        return _STRING.decode(raw).encode("utf-8", "replace").rstrip(b"\r\n") if raw[:1] == b'"' else None
    except (msgspec.DecodeError, UnicodeError):
        return None
