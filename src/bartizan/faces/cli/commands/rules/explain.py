"""Print what a rule asks for, in plain words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

ACTION: Final = "explain"
HELP: Final = "what a rule asks for, in plain words"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("rule", metavar="RULE", help="id, file or part of the title")
    parser.add_argument("--rules", action="append", default=[], metavar="PACK", help="a pack; repeatable; as for hunt")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Explain."""
    from bartizan import workbench

    lines = workbench.describe_rule(arguments.rule, arguments.rules)
    print(json.dumps(lines) if arguments.json else "\n".join(lines))
    return 0
