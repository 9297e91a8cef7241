"""Print records by their ids, with the proof of where each stands: file, row, digest, entry of the ledger."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.lakes import add_lake

if TYPE_CHECKING:
    import argparse

ACTION: Final = "get"
HELP: Final = "records by their ids, with proof"
FOUND, MISSING = 0, 1


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_lake(parser)
    parser.add_argument("ids", nargs="+", metavar="RECORD_ID", help="metadata.uid of a record, as findings cite it")


def run(arguments: argparse.Namespace) -> int:
    """Print one JSON object for each place where a record stands."""
    from bartizan.lake.opening import open_lake

    with open_lake(arguments.lake) as lake:
        found = lake.get(arguments.ids)
    for one in found:
        print(json.dumps(asdict(one), default=str))
    return FOUND if {one.record_id for one in found} >= {text.lower() for text in arguments.ids} else MISSING
