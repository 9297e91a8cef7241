"""Reopen a case that was closed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, add_who, by_whom, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "reopen"
HELP: Final = "reopen a case"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    add_who(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write it down."""
    from bartizan.investigate.deciding import about

    found = desk(arguments)
    case = found.case(arguments.case)
    [entry] = found.journal.append([("reopen", about(case, comment=arguments.comment))], by=by_whom(arguments), now=time.time_ns())
    print(f"{case.id}: reopened by {entry.by} (entry {entry.seq})")
    return told(found)
