"""Print what is in a lake: tables, days, sizes, the balance of what was read, holds."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.lakes import add_lake

if TYPE_CHECKING:
    import argparse

ACTION: Final = "status"
HELP: Final = "what is in a lake"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_lake(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    from bartizan.explain.lakes import status_lines
    from bartizan.lake.opening import open_lake

    with open_lake(arguments.lake) as lake:
        status = lake.status()
    if arguments.json:
        print(json.dumps(asdict(status), indent=1, default=str))
    else:
        print("\n".join(status_lines(status)))
    return 0
