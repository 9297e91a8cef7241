"""SigmaHQ's regression cases: the named rule fires on the EVTX and on its JSON twin, at least as often as the case says.

A count is a minimum for SigmaHQ's own runner too (more is a warning there): one case says 1 and holds three records that each
satisfy its rule. Where a rule fires more often than stated is listed.
"""

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
    checks, wrong, more = 0, [], []
    for info in sorted(CASES.rglob("info.yml")):
        told = yaml.safe_load(info.read_text())
        for test in told.get("regression_tests_info") or []:
            wanted, named = test.get("match_count"), [rule["id"] for rule in told["rule_metadata"]]
            for file in _twins(info.parent):
                checks += 1
                with hunt(file, rules=packs) as found:
                    fired = Counter(found.findings()["rule_id"].to_list())
                told_of = [(rule, f"{file.name}: {rule} fired {fired[rule]} times, stated are {wanted or '1 or more'}") for rule in named]
                wrong += [said for rule, said in told_of if fired[rule] < (wanted or 1)]
                more += [said for rule, said in told_of if wanted is not None and fired[rule] > wanted]
    details = {"rules": loaded, "files": checks, "wrong": wrong[:20], "more often than stated": more[:20]}
    unit = "files on which the named rule fires as stated"
    return Result(name="regression", figure=checks - len(wrong), unit=unit, bar=checks, details=details)


def _twins(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in {".evtx", ".json", ".jsoncls"})
