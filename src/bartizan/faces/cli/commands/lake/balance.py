"""Print what became of what was read, by source and day of arrival: read = stored + unparsed + duplicate."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.lakes import add_lake
from bartizan.faces.cli.times import moment

if TYPE_CHECKING:
    import argparse

ACTION: Final = "balance"
HELP: Final = "what became of what was read, by day and source"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_lake(parser)
    parser.add_argument("--since", metavar="DAY", help="days from this one on: 2026-11-23 (UTC), or 7d")
    parser.add_argument("--until", metavar="DAY", help="days before this one")
    parser.add_argument("--json", action="store_true", help="print one JSON object for each day and source")


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    from bartizan.explain.lakes import account_lines
    from bartizan.lake.opening import open_lake

    with open_lake(arguments.lake) as lake:
        found = lake.balance(start=_day(arguments.since), end=_day(arguments.until))
    if arguments.json:
        for account in found:
            print(json.dumps(asdict(account), default=str))
    else:
        print("\n".join(account_lines(found)) or "nothing was read in these days")
    return 0


def _day(text: str | None) -> date | None:
    return None if text is None else datetime.fromtimestamp(moment(text, time.time_ns(), UTC) / 1e9, UTC).date()
