"""auth.log as rsyslog writes it in its traditional format (RFC 3164): no year and no zone."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from bartizan.simulate.company.clock import HOUR
from bartizan.simulate.writers.ledger import Batch, Ledger

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["write"]

_ROTATION = 6.42 * HOUR
"""Cron runs logrotate at 06:25."""


def write(company: Company, ledger: Ledger) -> None:
    """Write auth.log and the rotated auth.log.1.gz of each Linux host; one holds a line cut off by a full disk."""
    turn = company.clock.midnight + _ROTATION
    for host in company.linux.values():
        old, new = Batch(), Batch()
        for moment, _, name, (tag, text), label in company.journal.ordered(f"syslog/{host.name}"):
            raw = f"{_time(int(moment + host.zone * HOUR))} {name} {tag}: {text}".encode()
            (old if moment < turn else new).add(raw, label)
        ledger.put(f"linux/{host.name}/auth.log.1.gz", old)
        path = f"linux/{host.name}/auth.log"
        ledger.put(path, new)
        if host.name == "db-01":
            ledger.spoil(path, b"\xff\xfe\x80 broken pipe \xc3\x28", after=len(new.raws) // 2)


@lru_cache(maxsize=4096)
def _time(moment: int) -> str:
    told = datetime.fromtimestamp(moment, UTC)
    return f"{told:%b} {told.day:2d} {told:%H:%M:%S}"
