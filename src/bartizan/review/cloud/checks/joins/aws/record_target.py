"""Say of each name whether what it leads to is still there, as far as that is something of AWS that the account would have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.contract import Join, Row, declare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.contract import Resource
    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOIN"]

_TARGETS: Final[Mapping[str, tuple[re.Pattern[str], Mapping[str, str]]]] = {
    "bucket": (re.compile(r"(?:(?P<name>.+)\.)?s3-website[.-][a-z0-9-]+\.amazonaws\.com"), {"s3_bucket": ""}),
    "load balancer": (
        re.compile(r"(?:dualstack\.)?(?P<name>[^.]+\.(?:[a-z0-9-]+\.elb|elb\.[a-z0-9-]+)\.amazonaws\.com)"),
        {"lb": "dns_name", "elb": "dns_name"},
    ),
    "distribution": (re.compile(r"(?P<name>[^.]+\.cloudfront\.net)"), {"cloudfront_distribution": "domain"}),
}
"""What a name can lead to: how it is written, and by kind the property that holds what is written ("" for the name of the thing)."""
_PROPERTIES: Final = declare(
    ("type", "string", "A, AAAA, CNAME and so on"),
    ("leads_to", "string", "bucket, load balancer or distribution, not set for anything else"),
    ("gone", "boolean", "whether the account has no such thing"),
)


def _rows(tables: Tables) -> Iterator[Row]:
    known = {kind: _named(tables, kind, of) for _, kinds in _TARGETS.values() for kind, of in kinds.items()}
    for record in tables.of("aws", "route53_record"):
        hidden = tables.unknown(record, "alias") or tables.unknown(record, "values")
        told = {"type": record.properties.get("type")}
        unknown = tables.unknowns(record, {"type": "type"})
        for value in _values(record):
            found = _target(value, record)
            if found is not None:
                what, name, kinds = found
                gone = all(name not in known[kind] for kind in kinds)
                why = tables.incomplete(record, *kinds) if gone else ""
                yield Row(record, {**told, "leads_to": what, "gone": gone}, {**unknown, **({"gone": why} if why else {})})
        if hidden:
            yield Row(record, told, {**unknown, "leads_to": hidden, "gone": hidden})


def _named(tables: Tables, kind: str, of: str) -> set[str]:
    return {str(one.properties.get(of) or "").lower() if of else one.name.lower() for one in tables.of("aws", kind)}


def _values(record: Resource) -> Iterator[str]:
    alias, values = record.properties.get("alias"), record.properties.get("values")
    yield from (str(one).rstrip(".").lower() for one in ([alias] if alias else []))
    yield from (str(one).rstrip(".").lower() for one in (values if isinstance(values, list) else []))


def _target(value: str, record: Resource) -> tuple[str, str, Mapping[str, str]] | None:
    """Return what a value leads to, under which name, and the kinds that it can be; an alias to a web site is the bucket of the name."""
    for what, (pattern, kinds) in _TARGETS.items():
        found = pattern.fullmatch(value)
        if found is not None:
            return what, found["name"] or record.name.rstrip(".").lower(), kinds
    return None


JOIN = Join(
    provider="aws",
    name="record_target",
    about="What a name leads to, of what the account would have.",
    subjects=("route53_record",),
    needs={"route53_record": ("alias", "values")},
    properties=_PROPERTIES,
    rows=_rows,
)
