"""Print the ATT&CK techniques that the rules look for."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from bartizan.rules.contract import RuleSet

ACTION: Final = "coverage"
HELP: Final = "ATT&CK techniques that the rules look for"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("--rules", action="append", default=[], metavar="PACK", help="a pack; repeatable; as for hunt")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Count techniques."""
    from bartizan import workbench

    rules = workbench.load_rules(arguments.rules)
    counts = _techniques(rules)
    if arguments.json:
        print(json.dumps(counts, indent=1))
        return 0
    from bartizan.schema.attack import technique

    for uid, count in counts.items():
        known = technique(uid)
        print(f"{uid:10} {count:5}  {known.name if known is not None else ''}")
    print(f"\n{len(counts)} techniques by {len(rules.rules)} rules")
    return 0


def _techniques(rules: RuleSet) -> dict[str, int]:
    found = Counter(
        tag.removeprefix("attack.").upper()
        for rule in rules.rules
        for tag in rule.tags
        if tag.startswith("attack.t") and tag[8:9].isdigit()
    )
    return dict(sorted(found.items()))
