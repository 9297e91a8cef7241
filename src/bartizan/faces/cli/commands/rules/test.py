"""Run the tests that rules come with.

bartizan: the cases: of rule files, with both engines. sigmahq: a folder of regression_data (info.yml beside event logs and
their JSON twins). panther: Panther's rule files with Tests:, and files with a {rule, test, expected, event} on each line
that drive rules of ours by name; Python rules are never executed.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bartizan.testing.suites import Tested

ACTION: Final = "test"
HELP: Final = "run the tests that rules come with: our cases, SigmaHQ's regression data, Panther's tests"
FORMATS: Final = ("bartizan", "sigmahq", "panther")
_SHOWN: Final = 20
"""Tests that are named for each reason why they cannot be run; the rest is counted."""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files or folders that hold tests")
    parser.add_argument("--format", choices=FORMATS, default=FORMATS[0], help="whose tests they are (default: bartizan)")
    parser.add_argument("--rules", action="append", default=[], metavar="PACK", help="the rules that sigmahq and panther tests are about")
    parser.add_argument("--placeholders", type=Path, metavar="FILE", help="lists that rules ask for; as for hunt")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Test; 1 where a test failed."""
    from bartizan.rules.placeholders import read_placeholders
    from bartizan.testing import suites
    from bartizan.workbench import packs

    run_tests = {"bartizan": suites.own_tests, "sigmahq": suites.sigmahq_tests, "panther": suites.panther_tests}[arguments.format]
    lists = {} if arguments.placeholders is None else read_placeholders(arguments.placeholders)
    tested = list(run_tests(arguments.paths, suites.Setting(packs=packs(arguments.rules, exceptions=()), placeholders=lists)))
    counts = Counter(one.outcome for one in tested)
    if arguments.json:
        whole = {"tests": len(tested), "passed": counts["passed"], "failed": counts["failed"], "not_runnable": counts["not-runnable"]}
        print(json.dumps({**whole, "results": [asdict(one) for one in tested]}, indent=1))
    else:
        _tell(tested, counts)
    return 1 if counts["failed"] else 0


def _tell(tested: Sequence[Tested], counts: Counter[str]) -> None:
    for one in tested:
        if one.outcome == "failed":
            print(visible(f"failed: {one.path}: {one.rule}: {one.name or 'cases'}: {one.why}"))
    reasons = Counter(one.why for one in tested if one.outcome == "not-runnable")
    for why, count in reasons.most_common(_SHOWN):
        print(visible(f"not runnable: {count}: {why}"))
    if len(reasons) > _SHOWN:
        rest = list(reasons.most_common())[_SHOWN:]
        print(f"not runnable: {sum(count for _, count in rest)}: for {len(rest)} more reasons (--json tells them)")
    print(f"{len(tested)} tests = {counts['passed']} passed + {counts['failed']} failed + {counts['not-runnable']} not runnable")
