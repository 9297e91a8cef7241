"""Keep records under a legal hold: no policy and no erasure takes them away until the hold is released."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.lakes import add_lake

if TYPE_CHECKING:
    import argparse

ACTION: Final = "hold"
HELP: Final = "keep records whatever the policy says"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_lake(parser)
    parser.add_argument("name", metavar="NAME", help="the name of the hold, such as case-7")
    parser.add_argument("--release", action="store_true", help="end the hold")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; it is written into the ledger")
    parser.add_argument("--by", required=True, metavar="WHO", help="who decided it")
    parser.add_argument("--table", action="append", default=[], metavar="TABLE", help="only this table; repeatable")
    parser.add_argument("--first", default="", metavar="YYYYMMDD", help="from this day of event time on")
    parser.add_argument("--last", default="", metavar="YYYYMMDD", help="up to this day, included")


def run(arguments: argparse.Namespace) -> int:
    """Hold or release."""
    from bartizan.lake.opening import open_lake

    with open_lake(arguments.lake) as lake:
        from bartizan.lake.delta.holding import Hold  # needs the extra, which opening the lake has looked for

        if arguments.release:
            lake.release(arguments.name, reason=arguments.reason, by=arguments.by)
            print(f"{arguments.name} is released")
        else:
            held = Hold(
                name=arguments.name,
                reason=arguments.reason,
                by=arguments.by,
                tables=tuple(arguments.table),
                first=arguments.first,
                last=arguments.last,
            )
            lake.hold(held)
            print(f"{arguments.name} is in force")
    return 0
