"""Lay out each port of a load balancer, with whether the internet reaches it: that stands with the load balancer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.checks.contract import Join, Row, declare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.review.cloud.checks.tables import Tables

__all__ = ["JOIN"]

_OWN: Final = ("port", "protocol", "ssl_policy", "redirects_to_https")
_PROPERTIES: Final = declare(
    ("port", "integer", "the port"),
    ("protocol", "string", "HTTP, HTTPS, TCP, TLS, UDP and so on"),
    ("ssl_policy", "string", "the name of its TLS policy"),
    ("redirects_to_https", "boolean", "whether all it does is send to HTTPS"),
    ("scheme", "string", "internet-facing or internal, as its load balancer"),
)


def _rows(tables: Tables) -> Iterator[Row]:
    for one in tables.of("aws", "lb_listener"):
        told = {name: one.properties[name] for name in _OWN if name in one.properties}
        unknown = tables.unknowns(one, {name: name for name in _OWN})
        scheme = one.properties.get("scheme")
        named = str(one.properties.get("load_balancer") or "")
        balancer = tables.by_uid.get(named)
        if scheme is None and balancer is not None:
            scheme = balancer.properties.get("scheme")
        why = "" if scheme is not None else _why(tables, named)
        yield Row(one, {**told, "scheme": scheme}, {**unknown, **({"scheme": why} if why else {})})


def _why(tables: Tables, named: str) -> str:
    """Say why it is not known whether a load balancer is on the internet."""
    balancer = tables.by_uid.get(named)
    return f"the load balancer {named or 'of it'} was not read" if balancer is None else tables.unknown(balancer, "scheme")


JOIN = Join(
    provider="aws",
    name="listener",
    about="A port of a load balancer.",
    subjects=("lb_listener",),
    needs={"lb_listener": ("port", "protocol", "ssl_policy", "redirects_to_https", "load_balancer"), "lb": ("scheme",)},
    properties=_PROPERTIES,
    rows=_rows,
)
