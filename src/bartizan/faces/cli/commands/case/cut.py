"""Cut a link, or all links by one thing, and see first what the case falls into; it is done only with --yes.

LINK is what `case why` shows (a1b2c3d4-e5f6a7b8), or a thing that links (domain:example.net). Membership follows from links, so
`case undo` gives back what was.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, add_who, by_whom, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "cut"
HELP: Final = "cut a link; the split is shown before it is done"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("link", metavar="LINK", help="a link as `case why` names it, or a thing (kind:value) for all its links")
    parser.add_argument("--yes", action="store_true", help="do it; without this it is only shown")
    add_who(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show the split, and make it where that is wanted."""
    from bartizan.explain.cases.lines import split_lines
    from bartizan.investigate.deciding import about, after_cutting
    from bartizan.investigate.paths import links_named

    found = desk(arguments)
    case = found.case(arguments.case)
    links = links_named(case, arguments.link)
    print("\n".join(split_lines(case, links, after_cutting(found, case, links))))
    if arguments.yes:
        pairs = sorted({f"{link.a}-{link.b}" for link in links})
        body = about(case, pairs=pairs, link=arguments.link, comment=arguments.comment)
        [entry] = found.journal.append([("cut", body)], by=by_whom(arguments), now=time.time_ns())
        print(f"cut; `bartizan case undo {arguments.folder} {entry.seq}` takes it back")
    else:
        print("nothing was cut; add --yes to do it")
    return told(found)
