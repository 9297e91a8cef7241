"""Read what a queue says about objects in S3: notifications of S3, EventBridge (Security Lake too), CloudTrail, maybe through SNS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ObjectAt", "objects_in"]

_LAYERS: Final = 3
"""Envelopes around a notification: SNS in SQS is one, an SNS topic behind an EventBridge rule another."""


@dataclass(frozen=True, slots=True)
class ObjectAt:
    """An object: bucket, key, and the version that was written, "" for whatever is there."""

    bucket: str
    key: str
    version: str = ""


def objects_in(body: str) -> list[ObjectAt] | None:
    """Return the objects that a message tells of, none where it tells that nothing is to be fetched; None where it is no notification."""
    try:
        said = msgspec.json.decode(body.encode("utf-8", "replace"))
        for _ in range(_LAYERS):
            if not (isinstance(said, dict) and said.get("Type") == "Notification" and isinstance(said.get("Message"), str)):
                break
            said = msgspec.json.decode(said["Message"].encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return None
    return _told(said) if isinstance(said, dict) else None


def _told(said: dict[str, Any]) -> list[ObjectAt] | None:
    if said.get("Event") == "s3:TestEvent":
        return []
    records = said.get("Records")
    if isinstance(records, list) and records and all(isinstance(one, dict) and one.get("eventSource") == "aws:s3" for one in records):
        return list(_of_s3(records))
    detail = said.get("detail")
    if said.get("source") == "aws.s3" and isinstance(detail, dict):
        found = _object(detail.get("bucket"), detail.get("object"), quoted=False)
        return [found] if found and said.get("detail-type") == "Object Created" else []
    bucket, keys = said.get("s3Bucket"), said.get("s3ObjectKey")
    if isinstance(bucket, str) and isinstance(keys, list):
        return [ObjectAt(bucket, key) for key in keys if isinstance(key, str)]
    return None


def _of_s3(records: list[dict[str, Any]]) -> Iterator[ObjectAt]:
    for record in records:
        place = record.get("s3")
        if str(record.get("eventName", "")).startswith(("ObjectCreated", "s3:ObjectCreated")) and isinstance(place, dict):
            found = _object(place.get("bucket"), place.get("object"), quoted=True)
            if found is not None:
                yield found


def _object(bucket: object, held: object, *, quoted: bool) -> ObjectAt | None:
    """Return an object; S3's own notifications write keys as in a form, EventBridge as they are."""
    if not (isinstance(bucket, dict) and isinstance(held, dict)):
        return None
    name, key, version = bucket.get("name"), held.get("key"), held.get("versionId", held.get("version-id", ""))
    if not (isinstance(name, str) and isinstance(key, str) and name and key):
        return None
    return ObjectAt(name, unquote_plus(key) if quoted else key, version if isinstance(version, str) else "")
