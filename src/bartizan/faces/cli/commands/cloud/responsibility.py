"""Say of an estate who answers for which control: the provider, the customer, or both; what is not told is a question."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.clouds import add_facts, facts

if TYPE_CHECKING:
    import argparse

ACTION: Final = "responsibility"
HELP: Final = "who answers for which control: provider, customer, both, unknown"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_facts(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Tell it."""
    from bartizan.explain.cloud.controls import responsibility_json, responsibility_lines
    from bartizan.explain.cloud.lines import Ink
    from bartizan.explain.terminal import wants_colour
    from bartizan.workbench import cloud

    found = cloud.responsibility(facts(arguments))
    if arguments.json:
        print(json.dumps(responsibility_json(found), indent=1))
    else:
        for line in responsibility_lines(found, Ink(colour=wants_colour(sys.stdout, os.environ))):
            print(line)
    return 0
