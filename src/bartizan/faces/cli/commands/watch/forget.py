"""Forget findings and deliveries older than some days; what is still to be told or stored stays.

A server with `keep-days` in its settings does it every hour. What is in a lake stays there: its own policy says for how long.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

ACTION: Final = "forget"
HELP: Final = "forget old findings"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the settings of the server")
    parser.add_argument("--days", type=float, required=True, metavar="N", help="keep what is younger than so many days")


def run(arguments: argparse.Namespace) -> int:
    """Forget."""
    from bartizan.errors import UsageError
    from bartizan.faces.server.assembling import places_of
    from bartizan.faces.server.forgetting import forget
    from bartizan.faces.server.settings import read_settings

    if not arguments.days > 0:
        message = "--days: write how many days are kept, more than none"
        raise UsageError(message)
    settings = read_settings(arguments.file)
    names = [item["name"].value for item in settings["notify"].value]
    lake = settings["lake"].value is not None
    findings, deliveries = forget(places_of(settings), arguments.days, channels=names, lake=lake, now=time.time())
    print(f"{findings} findings and {deliveries} deliveries are forgotten")
    return 0
