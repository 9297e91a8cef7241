"""Name a lake and a part of it on the command line."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bartizan.faces.cli.times import moment

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from bartizan.lake.contract import Snapshot
    from bartizan.lake.delta.lake import DeltaLake

__all__ = ["add_lake", "add_part", "part", "raw_of_lakes"]


@contextmanager
def raw_of_lakes(paths: Sequence[str], start: int | None, end: int | None) -> Iterator[list[str]]:
    """Give the paths with each lake among them replaced by a folder of its raw records of that time, for as long as it is used."""
    from bartizan.lake.opening import is_lake, open_lake

    if not any(is_lake(Path(path)) for path in paths):
        yield list(paths)
        return
    with TemporaryDirectory(prefix="bartizan-") as folder:
        found = []
        for number, path in enumerate(paths):
            if not is_lake(Path(path)):
                found.append(path)
                continue
            place = Path(folder) / str(number) / Path(path).resolve().name
            with open_lake(Path(path)) as lake:
                from bartizan.lake.exporting import write_raw  # needs the extra, which opening the lake has looked for

                write_raw(lake.snapshot(start=start, end=end), place)
            found.append(str(place))
        yield found


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
