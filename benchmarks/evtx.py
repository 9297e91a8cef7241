"""EVTX: records per CPU-second end to end, and the balance over every file of EVTX-to-MITRE against a plain parse of the same files."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from benchmarks._field import WINDOWS_RULES, sigma_packs
from benchmarks._process import BARTIZAN, run
from benchmarks.result import FIELD, Result, skipped


def measure() -> Result:
    """Hunt through all files; count what the evtx library alone gives."""
    folder = FIELD / "evtx-to-mitre"
    if not folder.is_dir():
        return skipped("evtx", "the field data is not here")
    with tempfile.TemporaryDirectory() as scratch:
        balance = Path(scratch) / "balance"
        command = [BARTIZAN, "hunt", str(folder), *sigma_packs(WINDOWS_RULES), "--workers", "1", "--ndjson", "--balance", str(balance)]
        run(command)
        cost = run(command, out=Path(scratch) / "findings")
        told = json.loads(balance.read_text())
        findings = sum(1 for _ in (Path(scratch) / "findings").open("rb"))
    alone, seconds = _alone(folder)
    total = told["total"]
    closes = total["read"] == total["stored"] + total["unparsed"] + total["duplicate"] and total["read"] >= alone
    details: dict[str, object] = {
        "balance": "{read:,} read = {stored:,} stored + {unparsed:,} unparsed + {duplicate:,} duplicate".format_map(total),
        "closes": closes,
        "findings": findings,
        "files with problems": sum(1 for file in told["files"] if file["problems"]),
    }
    return Result(
        name="evtx",
        figure=total["read"] / cost.cpu if closes else 0,
        unit="records per CPU-second",
        bar=1,
        peer="the evtx library alone, records to JSON, nothing judged",
        peer_figure=alone / seconds,
        ratio=(total["read"] / cost.cpu) / (alone / seconds),
        details=details,
    )


def _alone(folder: Path) -> tuple[int, float]:
    from evtx import PyEvtxParser

    began, count = time.process_time(), 0
    for file in sorted(folder.rglob("*.evtx")):
        count += sum(1 for record in PyEvtxParser(str(file)).records_json() if record)
    return count, time.process_time() - began
