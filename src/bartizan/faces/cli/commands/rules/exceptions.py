"""List, show and remove the exceptions that hold findings back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import visible

if TYPE_CHECKING:
    import argparse

    from bartizan.rules.exceptions import Saved

ACTION: Final = "exceptions"
HELP: Final = "list, show and remove exceptions"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare what can be done with exceptions."""
    verbs = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, function, text in (
        ("list", _list, "the exceptions that hunts apply, and those that have expired"),
        ("show", _show, "an exception as it is saved, a Sigma filter"),
        ("remove", _remove, "take an exception back"),
    ):
        verb = verbs.add_parser(name, help=text, description=f"{text[:1].upper()}{text[1:]}.")
        verb.set_defaults(verb=function)
        verb.add_argument("--file", type=Path, metavar="FILE", help="the file of exceptions (default: the one that every hunt applies)")
        if name == "list":
            verb.add_argument("--json", action="store_true", help="print JSON")
        else:
            verb.add_argument("exception", metavar="EXCEPTION", help="its id or title")


def run(arguments: argparse.Namespace) -> int:
    """Do one of these."""
    return int(arguments.verb(arguments))


def _list(arguments: argparse.Namespace) -> int:
    today = datetime.now(UTC).date().isoformat()
    told = [_told(one, today) for one in _saved(arguments.file)]
    if arguments.json:
        print(json.dumps(told, indent=1))
        return 0
    for one in told:
        print(visible(f"{one['state']:8} {one['expires'] or 'no end':10} {one['id'] or '-':36} {one['owner'] or '-'}: {one['title']}"))
        if one["reason"]:
            print(visible(f"{'':20}{one['reason']}"))
    print(f"{len(told)} exceptions, {sum(one['state'] == 'expired' for one in told)} expired")
    return 0


def _told(one: Saved, today: str) -> dict[str, object]:
    from bartizan.rules.plan import Filter

    what = one.what
    if not isinstance(what, Filter):
        nothing = {"id": what.id, "title": f"line {what.line}: {what.why}", "owner": "", "reason": "", "expires": "", "rules": []}
        return {**nothing, "state": "refused"}
    state = "expired" if what.expires and what.expires < today else "applied"
    told = {"id": what.id, "title": what.title, "owner": what.owner, "reason": what.reason, "expires": what.expires}
    return {**told, "rules": list(what.rules), "state": state}


def _show(arguments: argparse.Namespace) -> int:
    from bartizan.errors import UsageError

    found = [one for one in _saved(arguments.file) if arguments.exception in {one.what.id, getattr(one.what, "title", "")}]
    if not found:
        message = f"no exception is called '{arguments.exception}'; `bartizan rules exceptions list` shows them"
        raise UsageError(message)
    for one in found:
        print(visible(one.text, keep="\n").rstrip())
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    from bartizan.rules.exceptions import exceptions_file, remove

    print(visible(f"removed {remove(arguments.exception, arguments.file or exceptions_file())}"))
    return 0


def _saved(file: Path | None) -> list[Saved]:
    from bartizan.rules.exceptions import saved, saved_files

    return [one for path in (saved_files() if file is None else (file,)) for one in saved(path)]
