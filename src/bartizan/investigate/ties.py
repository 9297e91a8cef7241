"""Ask records beside the findings what ties things together: connections, logons, and accounts whose sessions a host held.

Each is a row: who reached whom, when, and the record that says so. Only things that findings name are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.investigate.contract import Tie
from bartizan.investigate.tables import members, reading

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    import polars as pl

    from bartizan.investigate.naming import Names
    from bartizan.investigate.places import Place

__all__ = ["Asked", "ties_of"]

_INTERACTIVE: Final = (2, 7, 10, 11)
"""OCSF ``logon_type_id`` of logons that leave credentials on the host: at the console, unlocked, remote desktop, cached."""
_SUCCESS: Final = 1
_LAUNCH: Final = 1
_LOGON: Final = 1
_MILLI: Final = 1_000_000
_SPAN: Final = 300_000
"""Milliseconds: of an account's logons from one place to one host in five minutes the first is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The things that findings name: addresses, full names of hosts, ids of processes."""

    addresses: Collection[str] = ()
    hosts: Collection[str] = ()
    processes: Collection[str] = ()


def ties_of(place: Place, names: Names, asked: Asked) -> list[Tie]:
    """Return what records say of the things asked for, by time."""
    found = {*_flows(place.tables.get("network_activity", ()), names, asked.addresses)}
    found |= {*_logons(place.tables.get("authentication", ()), names, asked.hosts)}
    found |= {*_begun(place.tables.get("process_activity", ()), names, asked.processes)}
    return sorted(found)


def _begun(files: Sequence[Path], names: Names, processes: Collection[str]) -> Iterator[Tie]:
    """Yield when each process began."""
    import polars as pl  # noqa: PLC0415 - loaded by who reads Parquet

    process = pl.col("process").struct
    launched = (pl.col("activity_id") == _LAUNCH) & process.field("uid").str.strip_chars("{}").str.to_lowercase().is_in(sorted(processes))
    for path in files:
        rows = _read(path, ("device", "process", "activity_id"), launched)
        if rows is None:
            continue
        name = process.field("name") if "name" in members(rows.schema, "process") else process.field("uid")
        host = pl.col("device").struct.field("hostname")
        for time, where, uid, what, record in rows.select(
            "time", host, process.field("uid").alias("process"), name.alias("name"), _uid()
        ).iter_rows():
            full, guid = names.host((where or "").lower()), uid.strip("{}").lower()
            yield Tie(time * _MILLI, "began", f"host:{full}", f"process:{guid}", f"{what} began on {full}", record)


def _flows(files: Sequence[Path], names: Names, addresses: Collection[str]) -> Iterator[Tie]:
    """Yield the first connection between each two addresses that findings name."""
    import polars as pl  # noqa: PLC0415 - loaded by who reads Parquet

    wanted = sorted(addresses)
    source, target = pl.col("src_endpoint").struct.field("ip"), pl.col("dst_endpoint").struct.field("ip")
    for path in files:
        rows = _read(path, ("src_endpoint", "dst_endpoint"), source.is_in(wanted) & target.is_in(wanted))
        if rows is None:
            continue
        first = rows.select("time", source.alias("source"), target.alias("target"), _uid()).sort("time", "uid")
        for time, left, right, uid in first.unique(["source", "target"], keep="first", maintain_order=True).iter_rows():
            at = time * _MILLI
            one, other = _placed(names, left, at), _placed(names, right, at)
            if one != other:
                yield Tie(at, "flow", one, other, f"{left} connected to {right}", uid)


def _placed(names: Names, address: str, time: int) -> str:
    host = names.holder(address, time)
    return f"host:{host}" if host else f"ip:{address}"


def _logons(files: Sequence[Path], names: Names, hosts: Collection[str]) -> Iterator[Tie]:
    """Yield the first logon of each account to a host in each span, from where it came, and whose sessions a host held."""
    import polars as pl  # noqa: PLC0415 - loaded by who reads Parquet

    wanted = set(hosts)
    user, source = pl.col("user").struct, pl.col("src_endpoint").struct.field("ip")
    good = (pl.col("status_id") == _SUCCESS) & (pl.col("activity_id") == _LOGON) & user.field("name").is_not_null()
    for path in files:
        rows = _read(path, ("device", "user", "src_endpoint", "status_id", "activity_id", "logon_type_id"), good)
        if rows is None:
            continue
        told = rows.select(
            "time",
            pl.col("device").struct.field("hostname").alias("host"),
            user.field("name").alias("name"),
            user.field("domain").alias("domain"),
            source.alias("source"),
            pl.col("logon_type_id").is_in(_INTERACTIVE).fill_null(value=False).alias("interactive"),
            _uid(),
        ).sort("time", "uid")
        span = (pl.col("time") // _SPAN).alias("span")
        seen = told.with_columns(span).unique(
            ["host", "name", "domain", "source", "interactive", "span"], keep="first", maintain_order=True
        )
        for time, host, name, domain, address, interactive, uid, _ in seen.iter_rows():
            full, at = names.host((host or "").lower()), time * _MILLI
            account, _ = names.account((f"{domain}\\{name}" if domain and "@" not in name else name).lower())
            if full not in wanted or account.endswith("$"):
                continue
            if interactive:
                yield Tie(at, "session", f"host:{full}", f"user:{account}", f"{account} had a session on {full}", uid)
            left = _placed(names, address, at) if address else ""
            if left and left != f"host:{full}":
                yield Tie(at, f"logon {account}", left, f"host:{full}", f"{account} logged on to {full} from {address}", uid)


def _uid() -> pl.Expr:
    import polars as pl  # noqa: PLC0415 - as above

    return pl.col("metadata").struct.field("uid").alias("uid")


def _read(path: Path, columns: Sequence[str], asked: pl.Expr) -> pl.DataFrame | None:
    """Return the rows of a file that are asked for; None where it lacks a column."""
    with reading(path) as rows:
        there = rows.collect_schema().names()
        return rows.select("time", "metadata", *columns).filter(asked).collect() if set(columns) <= {*there} else None
