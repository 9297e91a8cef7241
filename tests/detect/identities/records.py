"""Records of real formats, completed as a hunt completes them, and the facts in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Context
from bartizan.detect.identities.contract import Fact
from bartizan.detect.identities.ledger import IdentityLedger
from bartizan.schema.expressions import evaluate
from bartizan.schema.identity import record_id
from bartizan.schema.record import Details, Provenance, complete

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bartizan.schema.columns import Frame

NOW = 1_800_000_000_000_000_000
WRITTEN = 1_715_900_000.0
"""2024-05-16: dates clocks without a year."""


def frames(source: str, *records: str | dict[str, object], head: Sequence[str] = ()) -> list[Frame]:
    """Return the records of one source as a hunt keeps them."""
    known = next(one for one in catalogue().sources if one.name == source)
    raw = [(record if isinstance(record, str) else json.dumps(record)).encode() for record in records]
    parsed = known.parse(raw, Context(modified=WRITTEN, head=[line.encode() for line in head]))
    assert parsed.unparsed == {}
    here = Provenance(now=NOW, modified=WRITTEN, product=known.product, log_provider=known.name)
    return [
        complete(evaluate(part.route.ocsf, part.frame), here, Details(ids=[record_id(raw[row]) for row in part.rows]))
        for part in parsed.parts
    ]


def kept(folder: Path, batches: Sequence[Frame], *, batch_rows: int = 1 << 16, held_rows: int = 250_000) -> list[Fact]:
    """Return the facts that a ledger keeps of completed records."""
    ledger = IdentityLedger(folder, batch_rows=batch_rows, held_rows=held_rows)
    for frame in batches:
        ledger.add(frame)
    count = ledger.close()
    files = sorted((folder / "identities").glob("*"))
    found = [Fact(**row) for file in files for row in pl.read_parquet(file).iter_rows(named=True)]
    assert count == len(found)
    return found


def told(facts: Sequence[Fact]) -> set[tuple[str, str, str, str, str]]:
    """Return rule, both identities, scope and end of each fact."""
    return {(fact.rule, fact.left, fact.right, fact.scope, fact.ends) for fact in facts}
