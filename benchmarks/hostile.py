"""Wrong, cut, binary, endless and packed-without-end inputs: all said, all bounded, everything else still read."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import zipfile
from pathlib import Path

from benchmarks._process import BARTIZAN, run
from benchmarks.result import Result

GOOD = "Nov 23 08:14:02 web-01 sshd[2112]: Accepted password for root from 203.0.113.50 port 50122 ssh2\n"
LINE = 1 << 30
ZEROS = 2 << 30
PARTLY = 3
"""The exit code where part of the input could not be read."""


def measure() -> Result:
    """Put all of them into one folder with one good file and hunt through it."""
    with tempfile.TemporaryDirectory() as folder:
        logs, balance = Path(folder) / "logs", Path(folder) / "balance"
        logs.mkdir()
        _write(logs)
        command = [BARTIZAN, "hunt", str(logs), "--ndjson", "--balance", str(balance)]
        cost = run(command, out=Path(folder) / "out", errors=Path(folder) / "err")
        told = json.loads(balance.read_text())
        findings = (Path(folder) / "out").read_bytes().count(b"\n")
    files = {Path(file["path"]).name: file for file in told["files"]}
    silent = [name for name, file in files.items() if name != "good.log" and not (file["unparsed"] or file["problems"] or file["notes"])]
    total = told["total"]
    well = (
        findings >= 1 and cost.code == PARTLY and not silent and total["read"] == total["stored"] + total["unparsed"] + total["duplicate"]
    )
    details: dict[str, object] = {
        "files": len(files),
        "findings from the good file": findings,
        "exit code": f"{cost.code} (3: part of the input could not be read)",
        "said nothing of": silent,
        "CPU seconds": f"{cost.cpu:.1f}",
        **{name: (file["problems"] or file["notes"] or [f"{file['unparsed']} unparsed"])[0] for name, file in sorted(files.items())},
    }
    peak = cost.rss / 1e6 if well else float("inf")
    return Result(name="hostile", figure=peak, unit="MB peak memory", bar=1_000, higher=False, details=details)


def _write(logs: Path) -> None:
    (logs / "good.log").write_text(GOOD)
    (logs / "empty.log").touch()
    (logs / "binary.log").write_bytes(bytes(range(256)) * 4096)
    (logs / "program.log").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(4096))
    (logs / "cut.json").write_text('{"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Image": "C:\\\\a')
    (logs / "utf16.log").write_bytes(GOOD.encode("utf-16"))
    (logs / "latin1.log").write_bytes(GOOD.replace("root", "r\xf6\xf6t").encode("latin-1"))
    (logs / "cut.gz").write_bytes(gzip.compress(GOOD.encode() * 1000)[:-20])
    (logs / "wrong.evtx").write_bytes(b"ElfFile\x00" + b"\xff" * 70_000)
    (logs / "deep.json").write_text('{"a":' * 100_000 + "1" + "}" * 100_000 + "\n")
    with (logs / "one-line.log").open("wb") as file:
        for _ in range(LINE >> 20):
            file.write(b"x" * (1 << 20))
    with (
        zipfile.ZipFile(logs / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("zeros.log", "w", force_zip64=True) as member,
    ):
        for _ in range(ZEROS >> 20):
            member.write(bytes(1 << 20))
    nested = GOOD.encode()
    for _ in range(12):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("inner.zip", nested)
        nested = packed.getvalue()
    (logs / "nested.zip").write_bytes(nested)
    (logs / "loop").symlink_to(logs)
