"""Print the file of a rule."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

ACTION: Final = "show"
HELP: Final = "the file of a rule"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("rule", metavar="RULE", help="id, file or part of the title")
    parser.add_argument("--rules", action="append", default=[], metavar="PACK", help="a pack; repeatable; as for hunt")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Show."""
    from bartizan import workbench
    from bartizan.rules.naming import find_rule

    rules = workbench.load_rules(arguments.rules)
    rule = rules.rules[find_rule(rules, arguments.rule)]
    if arguments.json:
        print(json.dumps(asdict(rule), indent=1))
        return 0
    print(f"# {rule.path}")
    print(workbench.text_of_rule(rules, rule).rstrip())
    return 0
