"""Note something about a case; it is shown with the case and kept in its journal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, add_who, by_whom, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "note"
HELP: Final = "note something about a case"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("text", metavar="TEXT", help="what there is to say")
    add_who(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the note down."""
    found = desk(arguments)
    case = found.case(arguments.case)
    [entry] = found.journal.append([("note", {"case": case.id, "text": arguments.text})], by=by_whom(arguments), now=time.time_ns())
    print(f"{case.id}: noted by {entry.by} (entry {entry.seq})")
    return told(found)
