"""Keep rule packs that every hunt shall use: copies of files, folders, git checkouts or zip files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

HELP: Final = "add rule packs that every hunt uses"
EXAMPLES: Final = ("bartizan content add sigma/rules --name sigma", "bartizan content list", "bartizan content remove sigma")


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    adding = actions.add_parser("add", help="copy a pack into the library", description="Copy a pack into the library.")
    adding.add_argument("pack", type=Path, metavar="PATH")
    adding.add_argument("--name", default="", help="its name in the library (default: the file's)")
    adding.set_defaults(action=_add)
    listing = actions.add_parser("list", help="the packs that hunts use", description="Print the packs that hunts use.")
    listing.set_defaults(action=_list)
    removing = actions.add_parser("remove", help="take a pack out of the library", description="Take a pack out of the library.")
    removing.add_argument("name", metavar="NAME")
    removing.set_defaults(action=_remove)


def run(arguments: argparse.Namespace) -> int:
    """Run one of the actions."""
    return int(arguments.action(arguments))


def _add(arguments: argparse.Namespace) -> int:
    from bartizan import rules
    from bartizan.rules.library import add

    loaded = rules.load([arguments.pack])
    place = add(arguments.pack, arguments.name)
    print(f"{place}: {len(loaded.rules)} rules, {len(loaded.refused)} refused (bartizan rules list --rules {place} says why)")
    return 0


def _list(_arguments: argparse.Namespace) -> int:
    from bartizan.workbench import packs

    for pack in packs(()):
        print(pack)
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    from bartizan.rules.library import remove

    print(f"removed {remove(arguments.name)}")
    return 0
