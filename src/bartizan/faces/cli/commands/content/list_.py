"""Print the packs that hunts use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

ACTION: Final = "list"
HELP: Final = "the packs that hunts use"


def options(_parser: argparse.ArgumentParser) -> None:
    """Declare no options."""


def run(_arguments: argparse.Namespace) -> int:
    """List."""
    from bartizan.workbench import packs

    for pack in packs(()):
        print(pack)
    return 0
