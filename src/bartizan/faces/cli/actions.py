"""Give a command the actions that stand as modules beside each other in its folder. Nobody edits a list to add one."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bartizan.faces.cli.contract import Action

__all__ = ["declare", "perform"]


def declare(parser: argparse.ArgumentParser, package: str, folders: Sequence[str]) -> None:
    """Declare each module of a package as an action. ``folders``: the package's ``__path__``."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name in sorted(module.name for module in pkgutil.iter_modules(folders)):
        action: Action = importlib.import_module(f"{package}.{name}")
        parsed = actions.add_parser(action.ACTION, help=action.HELP, description=action.__doc__)
        parsed.set_defaults(action=action.run)
        action.options(parsed)


def perform(arguments: argparse.Namespace) -> int:
    """Do the action that was chosen."""
    return int(arguments.action(arguments))
