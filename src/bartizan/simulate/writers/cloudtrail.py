"""CloudTrail as it is delivered to the bucket: one gzip file per region and five minutes, ``{"Records":[…]}`` on one line."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bartizan.simulate.company.cloud import ACCOUNT
from bartizan.simulate.writers.ledger import Batch, Ledger

if TYPE_CHECKING:
    from bartizan.simulate.company.world import Company

__all__ = ["write"]

_PERIOD = 300


def write(company: Company, ledger: Ledger) -> None:
    """Write the files of the day; records of one file are in no strict order of time, as delivered."""
    files: dict[tuple[int, str], Batch] = {}
    signed = datetime.fromtimestamp(company.clock.midnight, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for moment, region, _, (identity, body), label in company.journal.ordered("cloudtrail"):
        time = datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        who = identity.replace("@DAY@", signed)
        raw = f'{{"eventVersion":"1.09","userIdentity":{who},"eventTime":"{time}",{body}'.encode()
        files.setdefault((int(moment // _PERIOD), region), Batch()).add(raw, label)
    for (period, region), batch in files.items():
        told = datetime.fromtimestamp((period + 1) * _PERIOD, UTC)
        mark = hashlib.sha256(f"{company.seed}/{period}/{region}".encode()).hexdigest()[:16]
        name = f"{ACCOUNT}_CloudTrail_{region}_{told:%Y%m%dT%H%MZ}_{mark}.json.gz"
        path = f"cloudtrail/AWSLogs/{ACCOUNT}/CloudTrail/{region}/{company.clock.day:%Y/%m/%d}/{name}"
        ledger.put(path, batch, content=b'{"Records":[' + b",".join(batch.raws) + b"]}")
