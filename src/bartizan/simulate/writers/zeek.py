"""Zeek's conn and dns logs as tab-separated values, rotated and compressed every hour."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bartizan.simulate.company.clock import DAY, HOUR
from bartizan.simulate.writers.ledger import Batch, Ledger

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["write"]

_COLUMNS = {
    "conn": (
        (
            "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state local_orig local_resp "
            "missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents"
        ),
        (
            "time string addr port addr port enum string interval count count string bool bool count string count count count count "
            "set[string]"
        ),
    ),
    "dns": (
        (
            "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto trans_id rtt query qclass qclass_name qtype qtype_name rcode rcode_name "
            "AA TC RD RA Z answers TTLs rejected"
        ),
        (
            "time string addr port addr port enum count interval string count string count string count string bool bool bool bool count "
            "vector[string] vector[interval] bool"
        ),
    ),
}


def write(company: Company, ledger: Ledger) -> None:
    """Write a file per log and hour, the last hours not yet compressed."""
    day, midnight = company.clock.day.isoformat(), company.clock.midnight
    for log in _COLUMNS:
        hours: dict[int, Batch] = {}
        for moment, _, _, values, label in company.journal.ordered(f"zeek/{log}"):
            hour = min(23, max(0, int((moment - midnight) // HOUR)))
            hours.setdefault(hour, Batch()).add("\t".join((f"{moment:.6f}", *values)).encode(), label)
        for hour, batch in sorted(hours.items()):
            start = midnight + hour * HOUR
            name = f"{log}.{hour:02d}:00:00-{(hour + 1) % 24:02d}:00:00.log"
            content = b"\n".join([*_head(log, start), *batch.raws, f"#close\t{_mark(start + HOUR)}".encode(), b""])
            ledger.put(f"zeek/{day}/{name}" + (".gz" if hour < DAY / HOUR - 2 else ""), batch, content=content)


def _head(log: str, start: float) -> list[bytes]:
    names, types = _COLUMNS[log]
    lines = (
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        f"#path\t{log}",
        f"#open\t{_mark(start)}",
        "\t".join(("#fields", *names.split())),
        "\t".join(("#types", *types.split())),
    )
    return [line.encode() for line in lines]


def _mark(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d-%H-%M-%S")
