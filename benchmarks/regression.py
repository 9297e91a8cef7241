"""SigmaHQ's regression cases: the named rule fires on the EVTX and on its JSON twin, as often as the case says."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import yaml

from benchmarks._field import SIGMA, sigma_packs
from benchmarks.result import FIELD, Result, skipped

if TYPE_CHECKING:
    from pathlib import Path

CASES = FIELD / "sigma-regression"


def measure() -> Result:
    """Hunt through every case's files, one at a time, with all rules."""
    if not CASES.is_dir() or not SIGMA.is_dir():
        return skipped("regression", "the field data is not here")
    from bartizan import rules
    from bartizan.workbench import hunt

    packs = [word for word in sigma_packs() if word != "--rules"]
    loaded = len(rules.load(packs).rules)
    checks, wrong = 0, []
    for info in sorted(CASES.rglob("info.yml")):
        told = yaml.safe_load(info.read_text())
        for test in told.get("regression_tests_info") or []:
            wanted, named = test.get("match_count"), [rule["id"] for rule in told["rule_metadata"]]
            for file in _twins(info.parent):
                checks += 1
                with hunt(file, rules=packs) as found:
                    fired = Counter(found.findings()["rule_id"].to_list())
                failed = [rule for rule in named if not _right(fired[rule], wanted)]
                wrong += [f"{file.name}: {rule} fired {fired[rule]} times, not {wanted or '>= 1'}" for rule in failed]
    details = {"rules": loaded, "files": checks, "wrong": wrong[:20]}
    unit = "files on which the named rule fires as stated"
    return Result(name="regression", figure=checks - len(wrong), unit=unit, bar=checks, details=details)


def _twins(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in {".evtx", ".json", ".jsoncls"})


def _right(fired: int, wanted: int | None) -> bool:
    return fired >= 1 if wanted is None else fired == wanted
