"""Tell what there is of one entity: when it was seen, under which names, in which cases, with what, and which findings name it.

ENTITY is kind:value (host:web-01) or a value alone; DIR is a folder that bartizan hunt --out wrote, or a lake.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_folder, desk, told

if TYPE_CHECKING:
    import argparse

HELP: Final = "what there is of a host, account, address, file: names, cases, neighbours, findings"
EXAMPLES: Final = (
    "bartizan entity show case-1 host:web-01",
    "bartizan entity show case-1 203.0.113.45 --json",
)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("action", choices=("show",), help="show it")
    add_folder(parser)
    parser.add_argument("entity", metavar="ENTITY", help="kind:value, or a value alone")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print what there is."""
    from bartizan.explain.cases.entity import entity_json, entity_lines
    from bartizan.investigate.entities import profile_of

    found = desk(arguments)
    profile = profile_of(found, arguments.entity)
    print(json.dumps(entity_json(profile), indent=1) if arguments.json else "\n".join(entity_lines(profile)))
    return told(found)
