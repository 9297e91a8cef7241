"""Say what a principal can do: every action that is allowed or hangs on a condition, with the resources and the statement.

PRINCIPAL is its ARN, id, or name. Ends with 1 where it can do something, 0 where nothing, 3 where it cannot be told.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.clouds import add_context, add_facts, code_of, context, facts

if TYPE_CHECKING:
    import argparse

ACTION: Final = "what-can"
HELP: Final = "what a principal can do, and by which statement"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("principal", metavar="PRINCIPAL", help="who: a uid (an ARN), or a name")
    add_facts(parser)
    add_context(parser)
    parser.add_argument("--json", action="store_true", help="print JSON, with every reason")


def run(arguments: argparse.Namespace) -> int:
    """Ask."""
    from bartizan.explain.cloud.rights import can_json, can_lines
    from bartizan.workbench import rights

    found = rights.what_can(facts(arguments), arguments.principal, context=context(arguments))
    if arguments.json:
        print(json.dumps(can_json(found), indent=1))
    else:
        print("\n".join(can_lines(found, by="action")))
    return code_of(found)
