"""Write the logs of a small company's day, or of a larger one's week, with intrusions in it and the truth beside it (truth.json)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError

if TYPE_CHECKING:
    import argparse

HELP: Final = "write the logs of a simulated day or week, with the truth beside them"
EXAMPLES: Final = (
    "bartizan simulate company-day day/",
    "bartizan simulate company-day quiet/ --seed 11 --no-intrusion",
    "bartizan simulate company-week week/",
)
DAY: Final = date(2026, 3, 17)
"""A Tuesday: the day does not move with the calendar, so that the same seed writes the same bytes for ever."""
MONDAY: Final = date(2026, 3, 9)
EVENTS: Final = {"company-day": 220_000, "company-week": 5_040_000}


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("scenario", choices=tuple(EVENTS), help="one intrusion on 23 hosts, or three that overlap on 36")
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder that is new or empty")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another day (default: 7)")
    parser.add_argument("--day", type=date.fromisoformat, metavar="DATE", help=f"the day, or the first (default: {DAY}, {MONDAY})")
    parser.add_argument("--events", type=int, metavar="N", help="about how many events (default: 220,000, or 5,040,000)")
    parser.add_argument("--no-intrusion", action="store_true", help="an ordinary day, or week")


def run(arguments: argparse.Namespace) -> int:
    """Simulate."""
    from bartizan.simulate import company_day, company_week

    out: Path = arguments.out
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        message = f"{out}: is not empty; name a new folder"
        raise UsageError(message)
    events, intrusion = arguments.events or EVENTS[arguments.scenario], not arguments.no_intrusion
    if arguments.scenario == "company-day":
        truth = company_day(out, seed=arguments.seed, day=arguments.day or DAY, events=events, intrusion=intrusion)
    else:
        truth = company_week(out, seed=arguments.seed, first=arguments.day or MONDAY, events=events, intrusion=intrusion)
    intrusions = len(truth.campaigns)
    what = "an intrusion" if intrusions == 1 else f"{intrusions} intrusions"
    print(f"{out}: {truth.events:,} events in {len(truth.files)} files, {len(truth.actions)} actions of {what} (truth.json)")
    return 0
