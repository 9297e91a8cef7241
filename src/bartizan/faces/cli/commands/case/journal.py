"""Print the journal of a folder's cases: what was derived, and what was decided by whom."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_folder, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "journal"
HELP: Final = "what was derived, and what was decided by whom"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_folder(parser)
    parser.add_argument("--json", action="store_true", help="print the entries as they are kept, one per line")


def run(arguments: argparse.Namespace) -> int:
    """Print the entries."""
    from bartizan.explain.cases.lines import journal_lines

    found = desk(arguments)
    entries, _ = found.journal.read()
    lines = (json.dumps(entry.as_record()) for entry in entries) if arguments.json else journal_lines(entries)
    print("\n".join(lines))
    return told(found)
