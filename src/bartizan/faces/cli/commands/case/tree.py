"""Show the process trees of a case, host by host: what led to the processes that its core names, and what came of them.

As `bartizan lineage` does for one process: only causes that came before their effects, and not through what starts everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "tree"
HELP: Final = "process trees, host by host: what led to what"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("--host", metavar="HOST", help="only this host")


def run(arguments: argparse.Namespace) -> int:
    """Print the trees."""
    from bartizan.explain.lineage import lineage_lines
    from bartizan.explain.text import visible
    from bartizan.investigate.lineage.cases import lineages_of

    found = desk(arguments)
    shown = [pair for pair in lineages_of(found.place, found.case(arguments.case)) if arguments.host in {None, pair[1].start.host}]
    for known, lineage in shown:
        print(visible(lineage.start.host))
        print("\n".join(f"  {line}" for line in lineage_lines(known, lineage)))
    if not shown:
        print("no record tells of what a process of its core started, wrote or connected to")
    return told(found)
