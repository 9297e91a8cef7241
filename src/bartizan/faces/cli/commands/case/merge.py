"""Merge two cases by a link that a person makes; `case undo` takes it back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, add_who, by_whom, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "merge"
HELP: Final = "make one case of two"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("other", metavar="OTHER", help="the other case")
    add_who(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the merge down."""
    from bartizan.investigate.deciding import merged

    found = desk(arguments)
    one, other = found.case(arguments.case), found.case(arguments.other)
    body = merged(one, other, arguments.comment)
    [entry] = found.journal.append([("merge", body)], by=by_whom(arguments), now=time.time_ns())
    print(f"{one.id} and {other.id} are one case; `bartizan case undo {arguments.folder} {entry.seq}` takes it back")
    return told(found)
