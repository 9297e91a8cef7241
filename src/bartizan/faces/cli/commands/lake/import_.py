"""Put in what a hunt kept with --out, or what `lake export` wrote. The same folder is taken once, however often it is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.lakes import add_lake

if TYPE_CHECKING:
    import argparse

ACTION: Final = "import"
HELP: Final = "put in what a hunt kept"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_lake(parser)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a folder that `hunt --out` or `lake export` wrote")


def run(arguments: argparse.Namespace) -> int:
    """Import."""
    from bartizan.lake.opening import open_lake

    with open_lake(arguments.lake) as lake:
        for folder in arguments.folders:
            commit = lake.take_in(folder)
            told = f"{commit.rows:,} records in {len(commit.files)} files" if commit.new else "was in the lake already"
            print(f"{folder}: {told}")
    return 0
