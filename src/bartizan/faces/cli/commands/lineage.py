"""Follow a process back to what led to it, and forward to everything that came of it: starts, injections, files, connections.

Only causes that came before their effects are followed, and not through programs that have to do with everything (the desktop's
shell, the manager of services). DIR is a folder that bartizan hunt --out wrote, or a lake; PROCESS an id, a number or a program.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError
from bartizan.faces.cli.cases import add_folder

if TYPE_CHECKING:
    import argparse

HELP: Final = "what led to a process, and what came of it"
EXAMPLES: Final = (
    "bartizan lineage case-1 nanodump.x64.exe --host mkt01.example.com",
    "bartizan lineage case-1 ec2b781c-8a35-64f8-e503-000000000500 --host mkt01.example.com --json",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add_folder(parser)
    parser.add_argument("process", metavar="PROCESS", help="its id, its number, or its program: a path or the end of one")
    parser.add_argument("--host", required=True, metavar="HOST", help="where it ran, as its records name it")
    parser.add_argument("--fan-out", type=int, default=40, metavar="N", help="a process that started more is not followed (default: 40)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the lineage."""
    from bartizan.explain.lineage import lineage_json, lineage_lines
    from bartizan.investigate.lineage.finding import process_named
    from bartizan.investigate.lineage.following import lineage_of
    from bartizan.investigate.lineage.steps import steps_of
    from bartizan.investigate.places import place_at

    known = steps_of(place_at(arguments.folder), arguments.host)
    if not known.processes:
        message = f"{arguments.folder}: no record tells of a process on '{arguments.host}'"
        raise UsageError(message)
    lineage = lineage_of(known, process_named(known, arguments.process), fan_out=arguments.fan_out)
    print(json.dumps(lineage_json(known, lineage), indent=1) if arguments.json else "\n".join(lineage_lines(known, lineage)))
    return 0
