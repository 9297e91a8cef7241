"""Ask of a case what is asked of its kind: found, not found, or cannot tell and which records are missing.

Kinds are files of content/investigations: account-takeover, cloud-key-leak, data-theft, insider, ransomware, web-compromise.
Without --kind the three are asked that fit the techniques of the case's core best; --from names a folder of your own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError
from bartizan.faces.cli.cases import add_one, desk, told

if TYPE_CHECKING:
    import argparse

ACTION: Final = "ask"
_BEST: Final = 3
HELP: Final = "the questions of an investigation, answered from records"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    add_one(parser)
    parser.add_argument("--kind", action="append", default=[], metavar="KIND", help="ransomware, data-theft, …; repeatable")
    parser.add_argument("--from", dest="folder_of_kinds", type=Path, metavar="FOLDER", help="kinds of case of your own, as YAML files")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print questions and answers."""
    from bartizan.explain.cases.questions import question_lines, questions_json
    from bartizan.investigate.lineage.cases import lineages_of
    from bartizan.investigate.questions import answers_of, fitting, investigations_in
    from bartizan.investigate.scope import scope_of
    from bartizan.workbench import content_folder

    found = desk(arguments)
    case = found.case(arguments.case)
    known = investigations_in(arguments.folder_of_kinds or content_folder() / "investigations")
    names = [kind.id for kind in known]
    if odd := [name for name in arguments.kind if name not in names]:
        message = f"--kind: '{odd[0]}' is no kind of case; there are {', '.join(names)}"
        raise UsageError(message)
    kinds = [kind for kind in known if kind.id in arguments.kind] or fitting(case, known)[:_BEST]
    claims = scope_of(case, found.ties, [lineage for _, lineage in lineages_of(found.place, case)])
    answered = [(kind, answers_of(found, case, claims, kind)) for kind in kinds]
    if arguments.json:
        print(json.dumps([questions_json(*one) for one in answered], indent=1))
    else:
        print("\n".join(line for one in answered for line in question_lines(*one)) or f"no kind of case fits; there are {', '.join(names)}")
    return told(found)
