"""List, show, test, lint, tune and except detection rules.

Without --rules these are our own content and the packs that were added to it.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from bartizan.faces.cli.contract import Action

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
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        action: Action = importlib.import_module(f"{__name__}.{name}")
        parsed = actions.add_parser(action.ACTION, help=action.HELP, description=action.__doc__)
        parsed.set_defaults(action=action.run)
        action.options(parsed)


def run(arguments: argparse.Namespace) -> int:
    """Run one of the actions."""
    return int(arguments.action(arguments))
