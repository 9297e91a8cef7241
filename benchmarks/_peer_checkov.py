"""Checkov beside us over one folder: what each costs, and what each says of the same thing.

Which of its checks ask what one of ours asks stands in ``peer_checks.yml``. A judgement of theirs and one of ours are of the same
thing where both name the same line of the same file (Terraform), or one lies within the other (a container in its workload).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from benchmarks._process import BARTIZAN, Cost, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["PACKAGES", "TABLE", "Compared", "compared"]

PACKAGES: Final = ("checkov==3.3.30",)
TABLE: Final = Path(__file__).with_name("peer_checks.yml")
_LINE: Final = re.compile(r"line (\d+)")
_ORDER: Final = ("fail", "unknown", "pass")


@dataclass(slots=True)
class Compared:
    """What came of one folder; a disagreement is told as CHECK theirs/ours PLACE."""

    ours: Cost
    theirs: Cost
    findings: dict[str, int] = field(default_factory=dict)
    same: int = 0
    unknown: int = 0
    """Judged by them, unknown to us."""
    apart: list[str] = field(default_factory=list)
    alone: int = 0
    """Judged by them of what we do not read or judge, as modules that nothing calls."""


def compared(python: str, folder: Path, out: Path, *, framework: str = "terraform") -> Compared:
    """Run both over a folder; ``out`` is where their output goes."""
    mine, told = out / "ours.ndjson", out / "theirs.json"
    command = [python, "-m", "checkov.main", "-d", str(folder), "--framework", framework, "-o", "json", "--compact", "--skip-download"]
    found = Compared(run([BARTIZAN, "cloud", "review", str(folder), "--ndjson"], out=mine), run(command, out=told))
    table: Mapping[str, str] = yaml.safe_load(TABLE.read_text())["checkov"]
    theirs = list(_theirs(told, folder))
    judged = _ours(mine, folder)
    found.findings = {
        "ours": sum(1 for line in mine.read_text().splitlines() if json.loads(line)["verdict"] == "fail"),
        "theirs": sum(1 for one in theirs if one[1] == "fail"),
    }
    for check, verdict, path, lines in theirs:
        if check in table:
            _judge(found, (check, verdict, path, lines), _of(judged, path, lines, table[check].split(), exact=framework == "terraform"))
    return found


def _judge(found: Compared, theirs: tuple[str, str, str, tuple[int, int]], ours: Sequence[str]) -> None:
    check, verdict, path, lines = theirs
    if not ours:
        found.alone += 1
        return
    said = min(ours, key=_ORDER.index)
    if said == verdict:
        found.same += 1
    elif said == "unknown":
        found.unknown += 1
    else:
        found.apart.append(f"{check} {verdict}/{said} {path}:{lines[0]}")


def _of(
    judged: Mapping[str, list[tuple[int, str, str]]], path: str, lines: tuple[int, int], checks: list[str], *, exact: bool
) -> list[str]:
    first, last = lines
    return [
        verdict for line, check, verdict in judged.get(path, ()) if check in checks and (line == first if exact else first <= line <= last)
    ]


def _ours(file: Path, folder: Path) -> dict[str, list[tuple[int, str, str]]]:
    found: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for row in map(json.loads, file.read_text().splitlines()):
        line = _LINE.match(row["origin"]["place"])
        path = Path(row["origin"]["path"])
        held = (
            path.relative_to(folder) if path.is_relative_to(folder) else Path(*path.parts[1:]) if path.parts[:1] == (folder.name,) else path
        )
        found[held.as_posix()].append((int(line[1]) if line else 0, row["check"], row["verdict"]))
    return found


def _theirs(file: Path, folder: Path) -> Iterator[tuple[str, str, str, tuple[int, int]]]:
    told: Any = json.loads(file.read_text() or "[]")
    for part in told if isinstance(told, list) else [told]:
        for name, verdict in (("passed_checks", "pass"), ("failed_checks", "fail")):
            for one in part.get("results", {}).get(name, ()):
                path = one["file_path"].lstrip("/").removeprefix(f"{folder.name}/")
                first, last = one["file_line_range"]
                yield one["check_id"], verdict, path, (first, last)
