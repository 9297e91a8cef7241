"""Show what a case reaches: each entity with its ring, since when, why, and the records that say so; and what is not visible."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "scope"
HELP: Final = "what a case reaches: core, suspected, cleared, not visible"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the scope."""
    from bartizan.explain.cases.lines import scope_lines
    from bartizan.explain.cases.page import page_of
    from bartizan.explain.cases.plainly import page_json

    found = desk(arguments)
    page = page_of(found, found.case(arguments.case))
    if arguments.json:
        told_of = page_json(page)
        print(json.dumps({name: told_of[name] for name in ("id", "entities", "not_visible")}, indent=1))
    else:
        print("\n".join(scope_lines(page)))
    return told(found)
