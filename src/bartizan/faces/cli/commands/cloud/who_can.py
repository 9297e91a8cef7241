"""Say who can do an action to a resource, by which statement, and on what it hangs.

ACTION is written as its provider does: s3:GetObject, Microsoft.Storage/storageAccounts/read, storage.objects.get, 'get secrets'.
RESOURCE is its ARN, id, or name. Ends with 1 where somebody can, 0 where nobody can, 3 where it cannot be told.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.clouds import add_context, add_facts, code_of, context, facts

if TYPE_CHECKING:
    import argparse

ACTION: Final = "who-can"
HELP: Final = "who can do an action to a resource, and by which statement"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("what", metavar="ACTION", help="what is done, as its provider writes it: s3:GetObject")
    parser.add_argument("resource", metavar="RESOURCE", help="what it is done to: a uid (an ARN), or * for anything")
    add_facts(parser)
    add_context(parser)
    parser.add_argument("--json", action="store_true", help="print JSON, with every reason")


def run(arguments: argparse.Namespace) -> int:
    """Ask."""
    from bartizan.explain.cloud.rights import can_json, can_lines, names_of_principals
    from bartizan.workbench import rights

    read = facts(arguments)
    found = rights.who_can(read, arguments.what, arguments.resource, context=context(arguments))
    if arguments.json:
        print(json.dumps(can_json(found), indent=1))
    else:
        print("\n".join(can_lines(found, by="principal", names=names_of_principals(read))))
    return code_of(found)
