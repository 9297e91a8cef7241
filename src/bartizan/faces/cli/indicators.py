"""Share the options that say which indicators to watch for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from bartizan.detect.indicators.watch import Asked

__all__ = ["add_indicators", "add_matching", "add_reading", "columns", "watched"]

DECAYS: Final = ("halving", "polynomial", "none")


def add_indicators(group: argparse._ArgumentGroup) -> None:
    """Declare the option that names lists, and how they are matched."""
    group.add_argument(
        "--indicators",
        action="append",
        default=[],
        metavar="LIST",
        help="watch for the values of a STIX bundle, MISP event or feed, CSV table or plain list: a file or folder; repeatable",
    )
    add_matching(group)


def add_matching(group: argparse._ArgumentGroup) -> None:
    """Declare how indicators are matched."""
    add_reading(group)
    group.add_argument(
        "--warninglist", action="append", default=[], metavar="LIST", help="values known to be good: a list, or MISP's JSON; repeatable"
    )
    group.add_argument(
        "--no-warninglists", action="store_true", help="do not hold back private addresses, public resolvers and empty files"
    )
    group.add_argument("--decay", choices=DECAYS, default=DECAYS[0], help="how the score of an indicator falls with its age (halving)")
    group.add_argument("--exact-domains", action="store_true", help="a domain stands for itself, not for the names below it")


def add_reading(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Declare how tables are read."""
    parser.add_argument(
        "--columns", metavar="NAMES", default="", help="what the columns of CSV lists without a header are: value,,confidence"
    )


def watched(arguments: argparse.Namespace) -> Asked | None:
    """Return which indicators were asked for, None where none were."""
    if not arguments.indicators:
        return None
    from bartizan.detect.indicators.decay import Decay
    from bartizan.detect.indicators.watch import Asked

    return Asked(
        paths=tuple(arguments.indicators),
        columns=columns(arguments),
        warnings=tuple(arguments.warninglist),
        built_in=not arguments.no_warninglists,
        decay=Decay(arguments.decay),
        exact=arguments.exact_domains,
    )


def columns(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return what the columns of tables were said to be."""
    return tuple(name.strip() for name in arguments.columns.split(",")) if arguments.columns else ()
