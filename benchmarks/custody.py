"""A journal of cases under ``kill -9``, and one byte changed in everything that cases are made of.

Notes are written one by one by processes of our own that are killed at random moments: every note that was acknowledged has to be in
the journal, whole, in an unbroken chain, signed. Then, each in a fresh copy, one bit is changed in the findings, in a table of records,
in the identity facts, in the journal and in a bundle, one entry is taken out and two are swapped: ``evidence verify`` has to name
the file or the entry each time, and to find nothing where nothing was changed.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks._process import BARTIZAN, run
from benchmarks.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable

KILLS: Final = 40
EVENTS: Final = 20_000
_WRITER: Final = """
import sys
from pathlib import Path
from bartizan.investigate.journal import CaseJournal
from bartizan.investigate.signing import key_file, signer_at
journal = CaseJournal(Path(sys.argv[1]), signer_at(key_file()))
number = int(sys.argv[2])
while True:
    journal.append([("note", {"case": "x", "text": f"note {number}"})], by="bench", now=number)
    print(number, flush=True)
    number += 1
"""


def measure() -> Result:
    """Write and be killed, then change one thing after another."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
        run([BARTIZAN, "demo", "--out", str(folder / "day"), "--events", str(EVENTS), "--json"])
        kept = folder / "day" / "result"
        run([BARTIZAN, "case", "list", str(kept)])
        acknowledged, lost, torn = _killed(kept / "cases" / "journal.ndjson")
        run([BARTIZAN, "case", "export", str(kept), "1", "--format", "bundle", "--out", str(folder / "case.zip")])
        caught = {name: _caught(folder, change) for name, change in _CHANGES.items()}
    details: dict[str, object] = {
        "killed": f"{KILLS} times; {acknowledged:,} notes acknowledged, {lost} lost, {torn} torn ends cut off",
        **{name: f"{'named' if good else 'NOT NAMED'}: {said}" for name, (good, said) in caught.items()},
    }
    figure = sum(good for good, _ in caught.values()) + (acknowledged > 0 and not lost)
    return Result(name="custody", figure=figure, unit="of what was tried found or kept", bar=len(caught) + 1, details=details)


def _killed(journal: Path) -> tuple[int, int, int]:
    """Return how many notes were acknowledged, how many of these are not in the journal, and how often its end was torn."""
    chance = random.Random(7)
    acknowledged: set[int] = set()
    torn = 0
    for _ in range(KILLS):
        command = [sys.executable, "-c", _WRITER, str(journal), str(max(acknowledged, default=-1) + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            first = writer.stdout.readline() if writer.stdout else ""
            time.sleep(chance.random() * 0.05)
            writer.send_signal(signal.SIGKILL)
            rest = writer.stdout.read() if writer.stdout else ""
        acknowledged |= {int(line) for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")}
        torn += not journal.read_bytes().endswith(b"\n")
    there = set()
    for line in journal.read_bytes().splitlines(keepends=True):
        with contextlib.suppress(json.JSONDecodeError):
            entry = json.loads(line)
            there |= {int(entry["body"]["text"].split()[1])} if entry["type"] == "note" else set()
    return len(acknowledged), len(acknowledged - there), torn


def _caught(folder: Path, change: Callable[[Path], tuple[Path, str]]) -> tuple[bool, str]:
    """Change a copy; say whether verify names what was changed, and what it says. A change that names nothing has to be found sound."""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder / "day" / "result", copy / "result")
    shutil.copy(folder / "case.zip", copy / "case.zip")
    target, word = change(copy)
    said = subprocess.run([BARTIZAN, "evidence", "verify", str(target)], check=False, capture_output=True, text=True)
    first = said.stdout.partition("\n")[0].replace(str(copy), "")
    return (
        said.returncode == 0 if not word else said.returncode == 1 and word in said.stdout
    ), f"{first[:150]} {said.stderr[:150]}".strip()


def _flip(path: Path, at: float = 0.5) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 1
    path.write_bytes(content)


def _flipped(pattern: str) -> Callable[[Path], tuple[Path, str]]:
    def change(copy: Path) -> tuple[Path, str]:
        path = min((copy / "result").glob(pattern))
        _flip(path)
        return copy / "result", path.name

    return change


def _journal(change: Callable[[list[bytes]], list[bytes]], word: str) -> Callable[[Path], tuple[Path, str]]:
    def changed(copy: Path) -> tuple[Path, str]:
        path = copy / "result" / "cases" / "journal.ndjson"
        path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
        return copy / "result", word

    return changed


def _bundle(copy: Path) -> tuple[Path, str]:
    # In the middle of the zip lies some file's compressed content.
    _flip(copy / "case.zip", 0.4)
    return copy / "case.zip", "was changed"


_CHANGES: Final[dict[str, Callable[[Path], tuple[Path, str]]]] = {
    "nothing changed": lambda copy: (copy / "result", ""),
    "nothing changed in the bundle": lambda copy: (copy / "case.zip", ""),
    "a byte of the findings": _flipped("findings.ndjson"),
    "a byte of the authentication table": _flipped("ext/authentication/**/*.parquet"),
    "a byte of the identity facts": _flipped("identities/*.parquet"),
    "a byte of entry 3": _journal(lambda lines: [*lines[:2], lines[2].replace(b"note 1", b"note 9"), *lines[3:]], "entry 3"),
    "entry 3 taken out": _journal(lambda lines: [*lines[:2], *lines[3:]], "entry 4"),
    "entries 3 and 4 swapped": _journal(lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "entry 4"),
    "a byte of the bundle": _bundle,
}
