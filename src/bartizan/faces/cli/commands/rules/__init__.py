"""List, show, test, lint, tune and except detection rules.

Without --rules these are our own content and the packs that were added to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.actions import declare, perform

if TYPE_CHECKING:
    import argparse

HELP: Final = "list, show, explain, test, lint, tune and except rules"
EXAMPLES: Final = (
    "bartizan rules list --rules sigma/rules --json",
    "bartizan rules list --on logs --verdict cannot-fire",
    "bartizan rules explain shadow-copies-deleted",
    "bartizan rules check my-rules/",
    "bartizan rules coverage",
    "bartizan rules except shadow-copies-deleted --where 'User=*backup' --owner NAME --reason TEXT --expires 90d --preview logs",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the actions: each module beside this one is one."""
    declare(parser, __name__, __path__)


run = perform
