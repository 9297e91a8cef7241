"""Tell from records what identity facts would tell, where no facts are kept (in a lake): hosts, whose an address was, whose a SID is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.detect.identities.contract import NEVER, UNKNOWN, Fact, IdentityKind
from bartizan.detect.identities.forms import identities
from bartizan.investigate.coverage import ASKED
from bartizan.investigate.tables import members, reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import polars as pl

    from bartizan.investigate.places import Place

__all__ = ["facts_of_records", "hosts_of_records"]

_OUTBOUND: Final = 2


def hosts_of_records(place: Place) -> set[str]:
    """Return the hosts that records of the tables asked about name, in lower case."""
    found: set[str] = set()
    for path in (path for table in ASKED for path in place.tables.get(table, ())):
        with reading(path) as rows:
            if "hostname" in members(rows.collect_schema(), "device"):
                found.update(_host(rows).unique().collect()["host"].drop_nulls())
    return {name for text in found for name in identities(IdentityKind.HOST, (text,))}


def facts_of_records(place: Place) -> list[Fact]:
    """Return whose an address was (who says so of itself, or connected from it) and whose a SID is; times in epoch milliseconds."""
    found: dict[tuple[str, str, str], Fact] = {}
    for path in (path for table in ASKED for path in place.tables.get(table, ())):
        for fact in _addresses(path):
            key = fact.rule, fact.left, fact.right
            found[key] = fact if key not in found else _wider(found[key], fact)
    accounts = {(fact.left, fact.right): fact for path in place.tables.get("authentication", ()) for fact in _accounts(path)}
    return [*found.values(), *accounts.values()]


def _addresses(path: Path) -> Iterator[Fact]:
    import polars as pl  # noqa: PLC0415 - loaded by who reads Parquet

    with reading(path) as rows:
        schema = rows.collect_schema()
        told = [
            (rule, row)
            for rule, address, host, asked in _pairs(schema)
            for row in rows.filter(asked)
            .select(address.alias("left"), host.alias("right"), "time", _record())
            .drop_nulls(["left", "right"])
            .group_by("left", "right")
            .agg(
                pl.col("time").min().alias("first"), pl.col("time").max().alias("last"), pl.len(), pl.col("record").sort_by("time").first()
            )
            .sort("left", "right")
            .collect()
            .iter_rows()
        ]
    for rule, (left, right, first, last, count, record) in told:
        for address, host in zip(identities(IdentityKind.IP, (left,)), identities(IdentityKind.HOST, (right,)), strict=False):
            yield _fact(rule, ("ip", address), ("host", host), (first, last, count, record))


def _pairs(schema: pl.Schema) -> Iterator[tuple[str, pl.Expr, pl.Expr, pl.Expr]]:
    """Yield rule, address, host and the rows asked for, of each way in which records of a file tell whose an address is."""
    import polars as pl  # noqa: PLC0415 - as above

    for place in ("device", "src_endpoint"):
        if {"ip", "hostname"} <= members(schema, place):
            fields = pl.col(place).struct
            yield "host-address", fields.field("ip"), fields.field("hostname"), pl.lit(value=True)
    if "hostname" in members(schema, "device") and "direction_id" in members(schema, "connection_info"):
        outbound = pl.col("connection_info").struct.field("direction_id") == _OUTBOUND
        yield "outbound-address-host", pl.col("src_endpoint").struct.field("ip"), pl.col("device").struct.field("hostname"), outbound


def _accounts(path: Path) -> Iterator[Fact]:
    import polars as pl  # noqa: PLC0415 - as above

    with reading(path) as rows:
        if not {"name", "domain", "uid"} <= members(rows.collect_schema(), "user"):
            return
        user = pl.col("user").struct
        chosen = rows.select(user.field("uid"), user.field("name"), user.field("domain"), "time", _record()).drop_nulls(["uid", "name"])
        found = chosen.group_by("uid", "name", "domain").agg(
            pl.col("time").min().alias("first"), pl.col("time").max().alias("last"), pl.len(), pl.col("record").sort_by("time").first()
        )
        told = found.sort("uid", "name", "domain").collect().rows()
    for uid, name, domain, first, last, count, record in told:
        for sid, account in zip(identities(IdentityKind.SID, (uid,)), identities(IdentityKind.USER, (name, domain)), strict=False):
            yield _fact("user-sid", ("sid", sid), ("user", account), (first, last, count, record))


def _fact(rule: str, left: tuple[str, str], right: tuple[str, str], seen: tuple[int, int, int, str]) -> Fact:
    first, last, count, record = seen
    return Fact(
        rule=rule,
        left_kind=left[0],
        left=left[1],
        right_kind=right[0],
        right=right[1],
        scope="",
        source="",
        first_seen=first,
        last_seen=last,
        valid_from=first,
        valid_to=last,
        ends=NEVER if rule == "user-sid" else UNKNOWN,
        count=count,
        record_id=record or "",
    )


def _wider(one: Fact, other: Fact) -> Fact:
    """Return two sightings of one pair as one."""
    first, last = min(one.valid_from or 0, other.valid_from or 0), max(one.valid_to or 0, other.valid_to or 0)
    earlier = min((one, other), key=lambda fact: (fact.valid_from or 0, fact.record_id))
    return _fact(
        one.rule, (one.left_kind, one.left), (one.right_kind, one.right), (first, last, one.count + other.count, earlier.record_id)
    )


def _host(rows: pl.LazyFrame) -> pl.LazyFrame:
    import polars as pl  # noqa: PLC0415 - as above

    return rows.select(pl.col("device").struct.field("hostname").alias("host"))


def _record() -> pl.Expr:
    import polars as pl  # noqa: PLC0415 - as above

    return pl.col("metadata").struct.field("uid").alias("record")
