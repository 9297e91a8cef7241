"""Keep rule packs that every hunt shall use, and take over rules that were written for other tools."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from bartizan.faces.cli.contract import Action

HELP: Final = "add rule packs that every hunt uses; import rules of other tools"
EXAMPLES: Final = (
    "bartizan content add sigma/rules --name sigma",
    "bartizan content list",
    "bartizan content remove sigma",
    "bartizan content import wazuh etc/rules --out imported",
    "bartizan content import wazuh ruleset --out imported --logs ruleset/testing/tests",
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
