"""Take a pack out of the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

ACTION: Final = "remove"
HELP: Final = "take a pack out of the library"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("name", metavar="NAME")


def run(arguments: argparse.Namespace) -> int:
    """Remove."""
    from bartizan.rules.library import remove

    print(f"removed {remove(arguments.name)}")
    return 0
