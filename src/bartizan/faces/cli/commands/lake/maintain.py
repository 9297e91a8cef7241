"""Make few files of many, let records go that are past their time, delete files that nobody can still be reading.

Run it every hour or so. Records under a legal hold stay, however old they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError
from bartizan.faces.cli.lakes import add_lake

if TYPE_CHECKING:
    import argparse

ACTION: Final = "maintain"
HELP: Final = "compact, expire, clean up"
FOREVER: Final = "forever"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_lake(parser)
    parser.add_argument("--days", metavar="N", help="let records go N days after they happened (default: never)")
    parser.add_argument(
        "--table-days",
        action="append",
        default=[],
        metavar="TABLE=N",
        help=f"another number of days for a table, or '{FOREVER}'; repeatable",
    )
    parser.add_argument("--cold-days", metavar="N", help="move files to the lake's place for old files N days after (default: never)")
    parser.add_argument("--reindex", action="store_true", help="make anew what `lake verify` says the index lacks")


def run(arguments: argparse.Namespace) -> int:
    """Maintain."""
    from bartizan.lake.opening import open_lake
    from bartizan.lake.policy import Policy

    named = [word.partition("=") for word in arguments.table_days]
    policy = Policy(
        days=None if arguments.days is None else _days("--days", arguments.days),
        tables={table: _days(f"--table-days {table}", days) for table, _equals, days in named},
        reindex=arguments.reindex,
        cold_days=None if arguments.cold_days is None else _days("--cold-days", arguments.cold_days),
    )
    with open_lake(arguments.lake) as lake:
        done = lake.maintain(policy)
    told = f"{done.expired} expired, {done.held} held, {done.moved} moved, {done.unlinked} deleted"
    print("; ".join([f"{done.compacted} files made into {done.made}, {told}", *done.notes]))
    return 0


def _days(option: str, text: str) -> int | None:
    if text == FOREVER:
        return None
    if not text.isdecimal():
        message = f"{option}: '{text}' is no number of days; write one, or '{FOREVER}'"
        raise UsageError(message)
    return int(text)
