"""List the cases of a folder, the highest score first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_folder, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "list"
HELP: Final = "the cases there are, the highest score first"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_folder(parser)
    parser.add_argument("--all", action="store_true", help="closed cases, too")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the list."""
    from bartizan.explain.cases.lines import list_lines
    from bartizan.explain.cases.page import page_of
    from bartizan.explain.cases.plainly import list_json

    found = desk(arguments)
    pages = [page_of(found, case, follow=False) for case in found.cases]
    if not arguments.all:
        pages = [page for page in pages if page.standing.state != "closed"]
    if arguments.json:
        print(json.dumps(list_json(found, pages), indent=1))
    else:
        print("\n".join(list_lines(found, pages)))
    return told(found)
