"""Undo a decision by the number of its entry in the journal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_folder, add_who, by_whom, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "undo"
HELP: Final = "undo a decision"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_folder(parser)
    parser.add_argument("entry", type=int, metavar="N", help="the number of the entry, as `case journal` shows it")
    add_who(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write it down."""
    from bartizan.investigate.deciding import undone

    found = desk(arguments)
    body = undone(found, arguments.entry)
    found.journal.append([("undo", {**body, "comment": arguments.comment})], by=by_whom(arguments), now=time.time_ns())
    print(f"entry {arguments.entry} ({body['what']}) is undone")
    return told(found)
