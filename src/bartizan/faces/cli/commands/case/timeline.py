"""Print every signal of a case by time, of the whole case or of one entity, and write it for other tools.

For Timesketch: `bartizan case export DIR CASE --format timesketch-csv`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "timeline"
HELP: Final = "every signal of a case by time"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("--entity", metavar="ENTITY", help="only what names this entity")
    parser.add_argument("--core", action="store_true", help="only the core")
    parser.add_argument("--json", action="store_true", help="print JSON, one moment per line")


def run(arguments: argparse.Namespace) -> int:
    """Print the timeline."""
    from bartizan.explain.cases.lines import timeline_lines
    from bartizan.explain.cases.moments import moment_of
    from bartizan.investigate.paths import signals_named

    found = desk(arguments)
    case = found.case(arguments.case)
    chosen = signals_named(case, arguments.entity) if arguments.entity else case.signals
    moments = [moment_of(case, signal) for signal in chosen if signal.id in case.core or not arguments.core]
    print("\n".join((json.dumps(asdict(one)) for one in moments) if arguments.json else timeline_lines(moments)))
    return told(found)
