"""Copy the state of a watch to a new folder, while it runs or not: put it back, or name it as the state, and start."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

ACTION: Final = "copy"
HELP: Final = "back the state up"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the settings of the server")
    parser.add_argument("target", type=Path, metavar="DIR", help="a folder that is not there yet")


def run(arguments: argparse.Namespace) -> int:
    """Copy."""
    from bartizan.detect.watch.copying import copy_state
    from bartizan.faces.server.assembling import places_of
    from bartizan.faces.server.settings import read_settings

    places = places_of(read_settings(arguments.file))
    print(f"{arguments.target}: {', '.join(copy_state(places, arguments.target))}")
    if places.database:
        print("the database is on a server: back it up there (pg_dump), before this copy")
    return 0
