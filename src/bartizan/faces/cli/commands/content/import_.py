"""Take over rules that were written for another tool, as Sigma: what can be said, with a report of every part.

wazuh: XML files of rules and decoders of Wazuh 4. Each part of each rule ends as carried (it means the same), approximated
(it may match more, or less) or refused; a rule with a refused part is not written. splunk (savedsearches.conf) and elastic
(TOML, NDJSON): each search or rule is refused with what keeps it from being carried, as no maintained library translates
their languages. The exit code is 1 where a rule or a
file was refused, or a test line was not found.
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

    from bartizan.rules.imports import Imported
    from bartizan.testing.suites import Tested

ACTION: Final = "import"
LANGUAGES: Final = ("elastic", "splunk", "wazuh")
"""What ``bartizan.rules.imports`` knows; said here too, because that loads every rule engine and this is read for ``--help``."""
HELP: Final = "translate rules of other tools into Sigma, and say what became of every part"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("language", choices=LANGUAGES, metavar="LANGUAGE", help=f"whose rules they are: {', '.join(LANGUAGES)}")
    parser.add_argument("path", type=Path, metavar="PATH", help="a file or folder of rules")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write rules, mapping files and report into this folder")
    parser.add_argument("--force", action="store_true", help="replace an earlier import in that folder")
    parser.add_argument("--logs", action="append", default=[], type=Path, metavar="PATH", help="test lines (.ini) to run the rules on")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--all", action="store_true", help="tell of rules that were carried whole, too")


def run(arguments: argparse.Namespace) -> int:
    """Import; 1 where something was refused."""
    from bartizan.errors import UsageError
    from bartizan.explain.imports import tell
    from bartizan.rules.imports import REFUSED, check_folder, import_rules, report_of, write

    if arguments.out is not None:
        check_folder(arguments.out, force=arguments.force)
    imported = import_rules(arguments.language, arguments.path)
    if arguments.out is not None:
        write(imported, arguments.out, force=arguments.force)
    if arguments.logs and arguments.language != "wazuh":
        message = "--logs runs test lines of Wazuh only"
        raise UsageError(message)
    tested = _tested(arguments.logs, imported)
    if arguments.json:
        print(json.dumps({**report_of(imported), **({"tests": [asdict(one) for one in tested]} if arguments.logs else {})}, indent=1))
    else:
        for line in tell(imported, arguments.out, everything=arguments.all):
            print(line)
        if arguments.logs:
            _tell_tests(tested)
    refused = imported.problems or any(rule.fate == REFUSED for rule in imported.rules)
    return 1 if refused or any(one.outcome == "failed" for one in tested) else 0


def _tested(logs: Sequence[Path], imported: Imported) -> list[Tested]:
    from bartizan.testing.suites import wazuh_tests

    return list(wazuh_tests(logs, imported)) if logs else []


def _tell_tests(tested: Sequence[Tested]) -> None:
    for one in tested:
        if one.outcome != "passed":
            print(visible(f"{one.outcome}: {one.path}: {one.name}: rule {one.rule}: {one.why}"))
    counts = Counter(one.outcome for one in tested)
    print(f"{len(tested)} test lines = {counts['passed']} passed + {counts['failed']} failed + {counts['not-runnable']} not runnable")
