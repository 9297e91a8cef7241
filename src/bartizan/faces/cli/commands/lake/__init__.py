"""Keep records for years in a folder: put them in once, ask them in SQL, prove where each stands, let them go in time.

Needs the extra 'lake': pip install 'bartizan[lake]'.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from bartizan.faces.cli.contract import Action

HELP: Final = "keep records for years, ask them, prove where they stand"
EXAMPLES: Final = (
    "bartizan lake init records",
    "bartizan lake import records case-1",
    "bartizan lake sql records 'SELECT src_endpoint.ip, count(*) FROM authentication GROUP BY 1 ORDER BY 2 DESC'",
    "bartizan lake get records RECORD_ID",
    "bartizan lake maintain records --days 365",
    "bartizan lake verify records",
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
