"""Erase every record that holds a value anywhere, in whichever case, and keep a record that it was done.

What is kept is a digest of the value, the reason, who decided it and how many records went: not the value itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.lakes import add_lake

if TYPE_CHECKING:
    import argparse

ACTION: Final = "erase"
HELP: Final = "erase what a lake holds of a person"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_lake(parser)
    parser.add_argument("values", nargs="+", metavar="VALUE", help="an account, an address, a name; every record with one of them goes")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; it is written into the ledger")
    parser.add_argument("--by", required=True, metavar="WHO", help="who decided it")


def run(arguments: argparse.Namespace) -> int:
    """Erase."""
    from bartizan.lake.opening import open_lake

    with open_lake(arguments.lake) as lake:
        done = lake.erase(arguments.values, reason=arguments.reason, by=arguments.by)
    print(f"{done.records:,} records in {done.files} files are erased")
    return 0
