"""Close a case as what it turned out to be. Signals that come later and belong to it reopen it, and say so."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, add_who, by_whom, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "close"
HELP: Final = "close a case as what it turned out to be"
REASONS: Final = ("true-positive", "false-positive", "benign", "test", "duplicate")


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("--reason", required=True, choices=REASONS, help="what it turned out to be")
    add_who(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write it down."""
    from bartizan.investigate.deciding import about

    found = desk(arguments)
    case = found.case(arguments.case)
    body = about(case, reason=arguments.reason, comment=arguments.comment)
    [entry] = found.journal.append([("close", body)], by=by_whom(arguments), now=time.time_ns())
    print(f"{case.id}: closed as {arguments.reason} by {entry.by} (entry {entry.seq})")
    return told(found)
