"""Look rules over for what is wrong with them although they can be run.

Parts of conditions that can never matter are proved, not guessed. Levels are those of SARIF: error, warning, note.
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

ACTION: Final = "lint"
HELP: Final = "what is wrong with rules although they can be run: dead branches, duplicates, costly values, unknown tags …"
LEVELS: Final = ("note", "warning", "error")


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="rule files, folders or zip files")
    parser.add_argument(
        "--fail-on", choices=LEVELS, default="error", metavar="LEVEL", help="exit with 1 from this level on (default: error)"
    )
    parser.add_argument("--level", choices=LEVELS, default="note", help="show findings from this level on")
    parser.add_argument("--placeholders", type=Path, metavar="FILE", help="lists that rules ask for; as for hunt")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Lint."""
    from bartizan.rules.placeholders import read_placeholders
    from bartizan.testing.lint import lint

    lists = {} if arguments.placeholders is None else read_placeholders(arguments.placeholders)
    linted = lint(arguments.paths, lists)
    shown = [one for one in linted.found if LEVELS.index(one.level) >= LEVELS.index(arguments.level)]
    if arguments.json:
        print(json.dumps({"files": linted.files, "rules": linted.rules, "found": [asdict(one) for one in shown]}, indent=1))
    else:
        for one in shown:
            print(visible(f"{one.path}:{one.line}: {one.level}: {one.id}: {one.what}; {one.fix}"))
        by_id = ", ".join(f"{count} {name}" for name, count in sorted(Counter(one.id for one in shown).items()))
        print(f"{linted.rules} rules in {linted.files} files, {len(shown)} findings{': ' if by_id else ''}{by_id}")
    grave = LEVELS[LEVELS.index(arguments.fail_on) :]
    return 1 if any(one.level in grave for one in linted.found) else 0
