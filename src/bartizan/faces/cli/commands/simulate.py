"""Write the logs of a small company's day, with an intrusion in it and the truth beside it (truth.json)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError

if TYPE_CHECKING:
    import argparse

HELP: Final = "write the logs of a simulated day, with the truth beside them"
EXAMPLES: Final = ("bartizan simulate company-day day/", "bartizan simulate company-day quiet/ --seed 11 --no-intrusion")
DAY: Final = date(2026, 3, 17)
"""A Tuesday: the day does not move with the calendar, so that the same seed writes the same bytes for ever."""
EVENTS: Final = 220_000


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("scenario", choices=("company-day",), help="what to simulate")
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder that is new or empty")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another day (default: 7)")
    parser.add_argument("--day", type=date.fromisoformat, default=DAY, metavar="DATE", help=f"the day (default: {DAY})")
    parser.add_argument("--events", type=int, default=EVENTS, metavar="N", help=f"about how many events (default: {EVENTS})")
    parser.add_argument("--no-intrusion", action="store_true", help="an ordinary day")


def run(arguments: argparse.Namespace) -> int:
    """Simulate."""
    from bartizan.simulate import company_day

    if arguments.out.exists() and (not arguments.out.is_dir() or any(arguments.out.iterdir())):
        message = f"{arguments.out}: is not empty; name a new folder"
        raise UsageError(message)
    truth = company_day(
        arguments.out, seed=arguments.seed, day=arguments.day, events=arguments.events, intrusion=not arguments.no_intrusion
    )
    print(
        f"{arguments.out}: {truth.events:,} events in {len(truth.files)} files, {len(truth.actions)} actions of an intrusion (truth.json)"
    )
    return 0
