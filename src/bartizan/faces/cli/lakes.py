"""Name a lake and a part of it on the command line."""

from __future__ import annotations

import time
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.faces.cli.times import moment

if TYPE_CHECKING:
    import argparse

    from bartizan.lake.contract import Snapshot
    from bartizan.lake.delta.lake import DeltaLake

__all__ = ["add_lake", "add_part", "part"]


def add_lake(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the lake."""
    parser.add_argument("lake", type=Path, metavar="LAKE", help="the folder of the lake")


def add_part(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a part of a lake."""
    parser.add_argument(
        "--table", action="append", default=[], metavar="NAME", help="only this table, such as process_activity; repeatable"
    )
    parser.add_argument("--since", metavar="TIME", help="only files with records from this time on: 2026-11-23T08:00 (UTC), or 36h")
    parser.add_argument("--until", metavar="TIME", help="only files with records before this time")
    parser.add_argument(
        "--having", action="append", default=[], metavar="VALUE", help="only files in which this observable was seen; repeatable"
    )
    parser.add_argument("--as-of", metavar="TIME", help="the lake as it was at this time")


def part(lake: DeltaLake, arguments: argparse.Namespace) -> Snapshot:
    """Return the files that the options name."""
    now = time.time_ns()
    start, end, as_of = (None if text is None else moment(text, now, UTC) for text in (arguments.since, arguments.until, arguments.as_of))
    return lake.snapshot(arguments.table, start=start, end=end, having=arguments.having, as_of=as_of)
