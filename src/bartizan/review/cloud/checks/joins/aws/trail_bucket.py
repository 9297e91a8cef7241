"""Say of each trail how the bucket is kept in which its logs are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.contract import Join, Row, declare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOIN"]

_PROPERTIES: Final = declare(
    ("bucket", "string", "the name of the bucket"),
    ("logging.bucket", "string", "where requests to it are logged to"),
    ("versioning", "string", "Enabled where former versions are kept"),
    ("mfa_delete", "boolean", "whether deleting versions needs a second factor"),
    ("object_lock.enabled", "boolean", "whether versions can be locked"),
)


def _rows(tables: Tables) -> Iterator[Row]:
    buckets = {one.name: one for one in tables.of("aws", "s3_bucket")}
    names = [name for name in _PROPERTIES if name != "bucket"]
    for trail in tables.of("aws", "cloudtrail"):
        hidden = tables.unknown(trail, "bucket")
        named = str(trail.properties.get("bucket") or "")
        bucket = buckets.get(named)
        if hidden or bucket is None:
            yield Row(
                trail, {"bucket": named}, dict.fromkeys(names, hidden or f"the bucket {named} was not read: it may be another account's")
            )
        else:
            told = {name: bucket.properties[name] for name in names if name in bucket.properties}
            yield Row(trail, {**told, "bucket": named}, tables.unknowns(bucket, {name: name for name in names}))


JOIN = Join(
    provider="aws",
    name="trail_bucket",
    about="The bucket in which a trail keeps its logs.",
    subjects=("cloudtrail",),
    needs={"cloudtrail": ("bucket",), "s3_bucket": ("logging.bucket", "versioning", "mfa_delete", "object_lock.enabled")},
    properties=_PROPERTIES,
    rows=_rows,
)
