"""access.log as nginx writes it in the combined format."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from bartizan.simulate.company.clock import HOUR
from bartizan.simulate.writers.ledger import Batch, Ledger

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["write"]


def write(company: Company, ledger: Ledger) -> None:
    """Write access.log and the rotated access.log.1.gz; a crash cut one line off."""
    turn = company.clock.midnight + 6 * HOUR
    old, new = Batch(), Batch()
    for moment, _, _, (address, method, path, status, size, referer, agent), label in company.journal.ordered("nginx/web-01"):
        request = f"{method} {path} HTTP/1.1" if method else path
        raw = f'{address} - - [{_time(int(moment))}] "{request}" {status} {size} "{referer}" "{agent}"'.encode()
        (old if moment < turn else new).add(raw, label)
    ledger.put("nginx/web-01/access.log.1.gz", old)
    ledger.put("nginx/web-01/access.log", new)
    ledger.spoil("nginx/web-01/access.log", b"203.0.113.77 - - [10/", after=len(new.raws) // 2)


@lru_cache(maxsize=4096)
def _time(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
