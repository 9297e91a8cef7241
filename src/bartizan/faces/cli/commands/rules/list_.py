"""Print every rule with its verdict; with --on PATH whether it can fire on what is there."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import visible

if TYPE_CHECKING:
    import argparse

ACTION: Final = "list"
HELP: Final = "every rule with its verdict; with --on PATH whether it can fire on what is there"
VERDICTS: Final = ("running", "cannot-fire", "refused")


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("--rules", action="append", default=[], metavar="PACK", help="a pack; repeatable; as for hunt")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--on", nargs="+", default=[], metavar="PATH", help="logs on which the rules shall be tried")
    parser.add_argument("--verdict", choices=VERDICTS, help="only rules with this verdict")
    parser.add_argument("--placeholders", type=Path, metavar="FILE", help="lists that rules ask for; as for hunt")


def run(arguments: argparse.Namespace) -> int:
    """List."""
    everything = _verdicts(arguments)
    told = [one for one in everything if arguments.verdict in {None, one["verdict"]}]
    if arguments.json:
        print(json.dumps(told, indent=1))
        return 0
    for one in told:
        line = f"{one['verdict']:12} {one['level']:13} {one['id'] or '-':36} {one['title'] or one['path']}{_because(one['reason'])}"
        print(visible(line))
    counts = Counter(str(one["verdict"]) for one in everything)
    print(f"\n{len(everything)} rules: " + ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    return 0


def _verdicts(arguments: argparse.Namespace) -> list[dict[str, object]]:
    from bartizan import workbench
    from bartizan.explain.summary import verdicts
    from bartizan.rules.placeholders import read_placeholders

    lists = {} if arguments.placeholders is None else read_placeholders(arguments.placeholders)
    if arguments.on:
        asked = workbench.Asked(placeholders=lists)
        with workbench.hunt(*arguments.on, rules=arguments.rules, workers=workbench.default_workers(), asked=asked) as found:
            return verdicts(found.outcome.verdicts, found.outcome.refused)
    rules = workbench.load_rules(arguments.rules, placeholders=lists)
    return verdicts(workbench.standing(rules), rules.refused)


def _because(reason: object) -> str:
    return f"  ({reason})" if reason else ""
