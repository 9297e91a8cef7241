"""Write a copy of the files of a lake, or the raw records as they came, one file for each source.

The copy has the same folders and can be imported into another lake. Files are whole: with --since and the like they hold more
than was asked for. Raw records (--raw) are what `bartizan hunt` reads: new rules are applied to old logs with them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.lakes import add_lake, add_part, part

if TYPE_CHECKING:
    import argparse

ACTION: Final = "export"
HELP: Final = "copy files, or raw records, out of a lake"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_lake(parser)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder")
    parser.add_argument("--raw", action="store_true", help="raw records, exactly of the time asked for, in the order in which they came")
    add_part(parser)


def run(arguments: argparse.Namespace) -> int:
    """Export."""
    from bartizan.lake.opening import open_lake

    with open_lake(arguments.lake) as lake:
        from bartizan.lake.exporting import copy_files, write_raw  # needs the extra, which opening the lake has looked for

        over = part(lake, arguments)
        done = write_raw(over, arguments.folder) if arguments.raw else copy_files(over, arguments.folder, lake.digests())
    print(f"{arguments.folder}: {done.records:,} records in {done.files} files")
    return 0
