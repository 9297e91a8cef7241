"""Say where a value was seen in a lake: tables, how often, first and last. It reads an index and no records.

VALUE is an address, a host, an account, a hash, a path, a domain or the like, in upper or lower case.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.times import moment

if TYPE_CHECKING:
    import argparse

HELP: Final = "where a value was seen in a lake"
EXAMPLES: Final = ("bartizan pivot 203.0.113.9 --lake records", "bartizan pivot ws1.example.com alice --lake records --since 30d --json")
SEEN, NOWHERE = 0, 1


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("values", nargs="+", metavar="VALUE", help="what to look for")
    parser.add_argument("--lake", required=True, type=Path, metavar="LAKE", help="the folder of the lake")
    parser.add_argument("--since", metavar="TIME", help="seen at or after this time: 2026-11-23T08:00 (UTC), or 36h")
    parser.add_argument("--until", metavar="TIME", help="seen before this time")
    parser.add_argument("--json", action="store_true", help="print one JSON object for each file")


def run(arguments: argparse.Namespace) -> int:
    """Print the sightings."""
    from bartizan.explain.lakes import sighting_lines
    from bartizan.lake.opening import open_lake

    now = time.time_ns()
    start, end = (None if text is None else moment(text, now, UTC) for text in (arguments.since, arguments.until))
    with open_lake(arguments.lake) as lake:
        found = lake.pivot(arguments.values, start=start, end=end)
    if arguments.json:
        for one in found:
            print(json.dumps(asdict(one)))
    else:
        print("\n".join(sighting_lines(arguments.values, found)))
    return SEEN if found else NOWHERE
