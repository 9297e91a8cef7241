"""The worst case for judging distinct values: process events in which every value of every field occurs once.

Counted is what ``hunt`` counts: everything but start, loading and binding, which are printed beside.
"""

from __future__ import annotations

import json
import random
import string
import tempfile
from pathlib import Path

from benchmarks._field import SIGMA
from benchmarks._rate import rate_of
from benchmarks.result import Result, skipped

EVENTS = 100_000
RUNS = 3
HASHES = {"SHA1": 20, "MD5": 16, "SHA256": 32, "IMPHASH": 16}


def measure() -> Result:
    """Write the events, hunt through them."""
    if not SIGMA.is_dir():
        return skipped("unique", "the field data is not here")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "unique.ndjson"
        _write(log)
        rate = rate_of([log], Path(folder), runs=RUNS)
        details: dict[str, object] = {
            "events": f"{EVENTS:,}, {log.stat().st_size / 1e6:,.0f} MB, 18 unique values each; median of {RUNS} runs",
            **rate.details,
            "findings": sum(1 for _ in (Path(folder) / "findings").open("rb")),
        }
        return Result(name="unique", figure=rate.per_second, unit="events per CPU-second", bar=10_000, details=details)


def _write(log: Path) -> None:
    chance = random.Random(1)
    with log.open("w") as file:
        for number in range(EVENTS):
            file.write(json.dumps(_event(chance, number), separators=(",", ":")) + "\n")


def _event(chance: random.Random, number: int) -> dict[str, object]:
    def word(size: int) -> str:
        return "".join(chance.choices(string.ascii_lowercase + string.digits, k=size))

    def path() -> str:
        return f"C:\\{word(6)}\\{word(8)}\\{word(7)}.exe"

    moment = f"2026-03-17 {number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}.{number % 1000:03d}"
    return {
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "SourceName": "Microsoft-Windows-Sysmon",
        "Hostname": f"{word(8)}.example.com",
        "EventTime": moment[:19],
        "UtcTime": moment,
        "RuleName": word(5),
        "ProcessGuid": f"{{{word(8)}-{word(4)}-{word(12)}}}",
        "ProcessId": str(number),
        "Image": path(),
        "FileVersion": word(9),
        "Description": f"{word(5)} {word(9)}",
        "Product": f"{word(5)} {word(9)}",
        "Company": word(10),
        "OriginalFileName": f"{word(8)}.exe",
        "CommandLine": f'"{path()}" --{word(5)}={word(8)} /{word(2)} -{word(1)} {path()} {word(24)}',
        "CurrentDirectory": f"C:\\{word(9)}\\",
        "User": f"{word(5)}\\{word(7)}",
        "LogonId": f"0x{number:x}",
        "IntegrityLevel": word(6),
        "Hashes": ",".join(f"{kind}={chance.randbytes(size).hex().upper()}" for kind, size in HASHES.items()),
        "ParentProcessGuid": f"{{{word(8)}-{word(4)}-{word(12)}}}",
        "ParentProcessId": str(number + 1),
        "ParentImage": path(),
        "ParentCommandLine": f'"{path()}" {word(16)}',
    }
