"""Show the page of a case: summary, what decides it, entities by ring, ATT&CK path, what is not visible, what to collect next."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "show"
HELP: Final = "the page of a case"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("--plain", action="store_true", help="in plain words: what was touched, since when, what is not known")
    parser.add_argument("--json", action="store_true", help="print JSON: everything, with all links and ids")


def run(arguments: argparse.Namespace) -> int:
    """Print the page."""
    from bartizan.explain.cases.lines import page_lines, plain_lines
    from bartizan.explain.cases.page import page_of
    from bartizan.explain.cases.plainly import page_json

    found = desk(arguments)
    page = page_of(found, found.case(arguments.case))
    if arguments.json:
        print(json.dumps(page_json(page), indent=1))
    else:
        print("\n".join(plain_lines(page) if arguments.plain else page_lines(page)))
    return told(found)
