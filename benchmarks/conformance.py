"""The conformance suite: our engines must pass every case; beside them the table of who else passes what.

Peers run behind the same driver, each in an environment of its own below ``build/peers`` that is made when it is not there;
one that cannot be made is named and not measured. pySigma's SQLite backend is of our own development environment.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from benchmarks._peers import ROOT, environment
from benchmarks.result import Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.testing.conformance import Case, Outcome

PEERS: Final = "bartizan.testing.conformance.peers"
PACKAGES: Final[Mapping[str, Sequence[str]]] = {
    "pysigma_duckdb": ("pySigma-backend-duckdb==0.1.4", "pysigma==1.5.1", "duckdb==1.4.1"),
    "azuma": ("azuma==0.7.3", "packaging==25.0"),
}


def measure() -> Result:
    """Run the suite through each engine."""
    from bartizan.testing.conformance import read_cases, table

    cases = read_cases()
    details: dict[str, object] = {}
    worst = len(cases)
    for name, command in _ours().items():
        outcomes = _run(command, cases)
        worst = min(worst, sum(outcome.verdict == "passed" for outcome in outcomes))
        details[name] = "\n" + "\n".join(table(outcomes))
    for name in ("pysigma_sqlite", *PACKAGES):
        python = sys.executable if name not in PACKAGES else environment(name, PACKAGES[name])
        if python:
            details[name] = "\n" + "\n".join(table(_run([python, "-m", f"{PEERS}.{name}"], cases)))
        else:
            details[name] = f"not measured: {' '.join(PACKAGES[name])} cannot be installed here"
    return Result(name="conformance", figure=worst, unit="cases passed by both of our engines", bar=len(cases), details=details)


def _ours() -> Mapping[str, Sequence[str]]:
    return {name: [sys.executable, "-m", "bartizan", "testing", "engine", name] for name in ("fast", "reference")}


def _run(command: Sequence[str], cases: Sequence[Case]) -> list[Outcome]:
    from bartizan.testing.conformance import Driver

    os.environ["PYTHONPATH"] = str(ROOT / "src")
    with Driver(command) as driver:
        return list(driver.run(cases))
