"""Make an empty lake in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.lakes import add_lake

if TYPE_CHECKING:
    import argparse

ACTION: Final = "init"
HELP: Final = "make an empty lake"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_lake(parser)


def run(arguments: argparse.Namespace) -> int:
    """Make it."""
    from bartizan.lake.opening import make_lake

    make_lake(arguments.lake, {}).close()
    print(f"{arguments.lake} is a lake; `bartizan lake import {arguments.lake} FOLDER` puts in what `bartizan hunt --out FOLDER` kept")
    return 0
