"""Find what is granted and was never used: each policy as a diff to one that grants what its holders did.

What was used is read from CloudTrail in a lake. What CloudTrail does not show when it is used is never called unused: it stays.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.clouds import add_facts, facts

if TYPE_CHECKING:
    import argparse

ACTION: Final = "unused"
HELP: Final = "what is granted and was not used, as diffs of policies"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_facts(parser)
    parser.add_argument("--lake", required=True, type=Path, metavar="LAKE", help="the lake with CloudTrail records")
    parser.add_argument("--days", type=int, default=90, metavar="N", help="not used in so many days; 90 if not given")
    parser.add_argument("--data-events", action="store_true", help="the trail records data events too, so their absence means something")
    parser.add_argument("--json", action="store_true", help="print one JSON object for each policy")


def run(arguments: argparse.Namespace) -> int:
    """Find it."""
    from bartizan.errors import UsageError
    from bartizan.explain.cloud.rights import records_lines, tightened_json, tightened_lines
    from bartizan.workbench import rights

    if arguments.days < 1:
        message = f"--days: {arguments.days} is no number of days; write 1 or more"
        raise UsageError(message)
    read = facts(arguments)
    now = time.time_ns()
    found, seen = rights.unused(read, arguments.lake, now=now, days=arguments.days, data_events=arguments.data_events)
    if arguments.json:
        for one in found:
            print(json.dumps(tightened_json(one)))
    else:
        accounts = {one.account for one in read.principals if one.provider == "aws" and one.account}
        print("\n".join([*tightened_lines(found), *records_lines(accounts, seen.since, seen.unplaced, now=now, days=arguments.days)]))
    return 0
