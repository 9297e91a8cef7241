"""Fuzz every source and every reader of foreign bytes, led by coverage: nothing fails, hangs, or takes memory without end.

``FUZZ_SECONDS`` says how long each of them is tried (10; 120 for minutes), ``FUZZ_TARGETS`` which (all; names with commas),
``FUZZ_FOLDER`` where inputs are kept (``fuzz-out``). A run that was stopped goes on where it was: what has been tried as long as asked is
not tried again, and what was found interesting is where the next run begins. Delete the folder to begin anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING

from benchmarks._fuzzing import LIMIT_MB, LIMIT_SECONDS, Outcome
from benchmarks.result import Result, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 10.0
GROWN_MB = 300
"""What a process may grow by from its first input on: the corpus and its coverage take 30 to 60 MB in minutes."""
_LONGEST_NAMES = 8
_SHOWN = 300


def measure() -> Result:
    """Try what is to be tried, and add up what came of it."""
    if find_spec("atheris") is None:
        return skipped("fuzz", "atheris is not installed: it has wheels for Linux on x86-64 and Python 3.11 to 3.13")
    seconds = float(os.environ.get("FUZZ_SECONDS", SECONDS))
    folder = Path(os.environ.get("FUZZ_FOLDER", "fuzz-out")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    asked = _asked()
    known = _known(folder, seconds)
    begun = [name for name in asked if name in known]
    outcomes = [known[name] for name in begun]
    left = [name for name in asked if name not in known]
    if begun:
        print(f"{len(begun)} of {len(asked)} were tried before (delete {folder} to begin anew)", file=sys.stderr)
    outcomes += _tried(left, folder, seconds) if left else []
    return _result(outcomes, asked, seconds, folder)


def _asked() -> list[str]:
    from bartizan.testing.fuzzing import targets

    names = [target.name for target in targets()]
    wanted = [name for name in os.environ.get("FUZZ_TARGETS", "").split(",") if name]
    if strange := sorted(set(wanted) - set(names)):
        message = f"FUZZ_TARGETS: {', '.join(strange)} is nothing that is fuzzed; there are {', '.join(names)}"
        raise SystemExit(message)
    return wanted or names


def _known(folder: Path, seconds: float) -> dict[str, Outcome]:
    """Return what earlier runs have tried at least as long, without a failure: what failed is tried again."""
    path = folder / "tried.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    told = [Outcome(**json.loads(line)) for line in lines if line.endswith("}")]
    return {one.name: one for one in told if one.seconds >= seconds and not one.kinds and not one.ended}


def _tried(names: list[str], folder: Path, seconds: float) -> list[Outcome]:
    command = [sys.executable, "-m", "benchmarks._fuzzing", str(folder), str(seconds), *names]
    outcomes = []
    with (
        (folder / "errors.txt").open("wb") as errors,
        (folder / "tried.jsonl").open("a") as kept,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        for outcome in _told(process.stdout):
            outcomes.append(outcome)
            kept.write(json.dumps(asdict(outcome)) + "\n")
            kept.flush()
            _show(len(outcomes), len(names), outcome)
    return outcomes


def _told(lines: IO[str] | None) -> Iterator[Outcome]:
    for line in lines or ():
        yield Outcome(**json.loads(line))


def _show(number: int, count: int, outcome: Outcome) -> None:
    """Tell who watches how far it is; what failed stays on the screen."""
    begin = "\r\x1b[K" if sys.stderr.isatty() else ""
    for what in (*outcome.told.values(), *filter(None, [outcome.ended])):
        print(f"{begin}{outcome.name}: {what[:_SHOWN]}", file=sys.stderr)
    if begin:
        print(
            f"{begin}{number} of {count}: {outcome.name}, {outcome.executions:,} inputs",
            end="" if number < count else "\n",
            file=sys.stderr,
        )


def _result(outcomes: list[Outcome], asked: list[str], seconds: float, folder: Path) -> Result:
    failures = {f"{one.name}: {kind}": path for one in outcomes for kind, path in one.kinds.items()}
    ended = {f"{one.name}: {one.ended}": str(folder) for one in outcomes if one.ended}
    grown = [f"{one.name}: grew by {one.grown_mb:.0f} MB" for one in outcomes if one.grown_mb > GROWN_MB]
    missing = len(asked) - len(outcomes)
    fewest = min((one.executions for one in outcomes), default=0)
    slowest = max(outcomes, key=lambda one: one.slowest, default=Outcome("none"))
    largest = max(outcomes, key=lambda one: one.grown_mb, default=Outcome("none"))
    details: dict[str, object] = {
        "targets": f"{len(outcomes)} of {len(asked)}, {seconds:g} seconds each",
        "executions": f"{sum(one.executions for one in outcomes):,}, fewest of a target {fewest:,}",
        "failures that differ": len(failures),
        "processes that crashed, hung or ran out of memory": len(ended),
        "most grown": f"{largest.grown_mb:.0f} MB, {largest.name} (bar {GROWN_MB}; a process is stopped at {LIMIT_MB})",
        "slowest input": f"{slowest.slowest:.2f} CPU s, {slowest.slowest_input} (stopped at {LIMIT_SECONDS})",
        **dict(list({**failures, **ended}.items())[:_LONGEST_NAMES]),
    }
    figure = len(failures) + len(ended) + len(grown) + missing
    return Result(name="fuzz", figure=figure, unit="failures", bar=0, higher=False, details=details)
