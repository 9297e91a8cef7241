"""Say why two things are in one case: the strongest path of links between them, each with its reason and the records it rests on."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "why"
HELP: Final = "why two things are in one case"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("one", metavar="A", help="an entity (host:web-01, or its name alone), or the beginning of an id")
    parser.add_argument("other", metavar="B", help="another")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the path."""
    from bartizan.explain.cases.lines import path_lines
    from bartizan.investigate.paths import path_between, signals_named

    found = desk(arguments)
    case = found.case(arguments.case)
    one, other = (signals_named(case, name) for name in (arguments.one, arguments.other))
    hops = path_between(case, one, other)
    shared = sorted({signal.id for signal in one} & {signal.id for signal in other})
    if arguments.json:
        print(json.dumps({"shared": shared, "links": [asdict(hop.link) for hop in hops]}, indent=1))
    else:
        print("\n".join(path_lines((arguments.one, arguments.other), hops, [signal for signal in one if signal.id in shared])))
    return told(found)
