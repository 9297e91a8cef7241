"""Copy a pack into the library: a file, folder, git checkout or zip file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

ACTION: Final = "add"
HELP: Final = "copy a pack into the library"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("pack", type=Path, metavar="PATH")
    parser.add_argument("--name", default="", help="its name in the library (default: the file's)")


def run(arguments: argparse.Namespace) -> int:
    """Add."""
    from bartizan import rules
    from bartizan.rules.library import add

    loaded = rules.load([arguments.pack])
    place = add(arguments.pack, arguments.name)
    print(f"{place}: {len(loaded.rules)} rules, {len(loaded.refused)} refused (bartizan rules list --rules {place} says why)")
    return 0
