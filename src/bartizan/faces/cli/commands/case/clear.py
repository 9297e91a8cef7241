"""Say that an entity is no part of a case, and why: it is shown as cleared, with who said so."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bartizan.faces.cli.cases import add_one, add_who, by_whom, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "clear"
HELP: Final = "say that an entity is no part of a case, and why"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("entity", metavar="ENTITY", help="kind:value, as `case scope` shows it")
    add_who(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write it down."""
    from bartizan.investigate.deciding import cleared
    from bartizan.investigate.lineage.cases import lineages_of
    from bartizan.investigate.scope import scope_of

    found = desk(arguments)
    case = found.case(arguments.case)
    lineages = [lineage for _, lineage in lineages_of(found.place, case)]
    known = {str(claim.entity) for claim in scope_of(case, found.ties, lineages)}
    body = cleared(case, arguments.entity, arguments.comment, known)
    [entry] = found.journal.append([("clear", body)], by=by_whom(arguments), now=time.time_ns())
    print(f"{case.id}: {arguments.entity} cleared by {entry.by} (entry {entry.seq})")
    return told(found)
