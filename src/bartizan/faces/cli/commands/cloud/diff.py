"""Say what differs between two states of an estate: failures and ways that were added or are gone, and what cannot be told any more.

BEFORE and AFTER are files or folders: Terraform of two branches, a state and a plan, two exports, what --keep kept on two days. Ends with 1
where a failure of the level of --fail-on or above, or a way, was added: a gate for pull requests. What was judged before and is unknown
after is told, and ends with 3.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.clouds import LEVELS, add_sought, sought

if TYPE_CHECKING:
    import argparse

    from bartizan.review.cloud.comparing import Compared

ACTION: Final = "diff"
HELP: Final = "failures and ways that were added between two states"
SAME, ADDED, DIMMED = 0, 1, 3


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("before", metavar="BEFORE", help="a file or folder: the state that is")
    parser.add_argument("after", metavar="AFTER", help="a file or folder: the state that is to be")
    add_sought(parser)
    parser.add_argument(
        "--fail-on",
        choices=LEVELS,
        default=LEVELS[0],
        metavar="LEVEL",
        help="exit with 1 for added failures of this level and above; any if not given",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Compare."""
    from bartizan.explain.cloud.asked import compared_json, compared_lines
    from bartizan.explain.cloud.lines import Ink
    from bartizan.explain.terminal import wants_colour
    from bartizan.review.cloud.ways import names_of
    from bartizan.workbench import cloud

    before, after = (cloud.review(cloud.facts_of([path]), sought(arguments)) for path in (arguments.before, arguments.after))
    found = cloud.compare(before, after)
    if arguments.json:
        print(json.dumps(compared_json(found, after, before), indent=1))
    else:
        names = {**names_of(before), **names_of(after)}
        for line in compared_lines(found, after, before, names, Ink(colour=wants_colour(sys.stdout, os.environ))):
            print(line)
    return _exit_code(found, arguments.fail_on)


def _exit_code(found: Compared, fail_on: str) -> int:
    grave = LEVELS[LEVELS.index(fail_on) :]
    if found.ways.added or any(found.levels.get(one.check) in grave for one in found.failed):
        return ADDED
    return DIMMED if found.dimmed else SAME
