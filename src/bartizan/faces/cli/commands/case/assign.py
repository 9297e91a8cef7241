"""Give a case to somebody; from then on it is merged with another known case only when a person says so."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, add_who, by_whom, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "assign"
HELP: Final = "give a case to somebody"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("to", metavar="NAME", help="who has it from now on")
    add_who(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write it down."""
    from bartizan.investigate.deciding import about

    found = desk(arguments)
    case = found.case(arguments.case)
    body = about(case, to=arguments.to, comment=arguments.comment)
    [entry] = found.journal.append([("assign", body)], by=by_whom(arguments), now=time.time_ns())
    print(f"{case.id}: given to {arguments.to} by {entry.by} (entry {entry.seq})")
    return told(found)
