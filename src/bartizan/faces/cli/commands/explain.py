"""Explain why a rule fires on records, or why it does not, condition by condition.

RULE is a rule's id, its file, or a part of its title. Of a correlation it says what its rules saw and, for each group, the
window that fired or came nearest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError
from bartizan.explain.text import span, visible

if TYPE_CHECKING:
    import argparse

    from bartizan.detect.explaining import Told
    from bartizan.detect.hunt.explaining import CorrelationTold

HELP: Final = "explain why a rule fires on records or does not"
EXAMPLES: Final = (
    "bartizan explain shadow-copies-deleted --on logs/security.ndjson",
    "bartizan explain content/detections/linux/sudo-refused.yml --on auth.log --record 17",
    "bartizan explain 'Event log cleared' --on logs --all --json",
)
MOST: Final = 10


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("rule", metavar="RULE", help="id, file or part of the title of a rule")
    parser.add_argument("--on", nargs="+", required=True, metavar="PATH", help="files with the records")
    parser.add_argument("--record", type=int, metavar="N", help="only the Nth record (of each file)")
    parser.add_argument(
        "--all", action="store_true", help=f"every record, not only the first {MOST} that fire or, if none does, that do not"
    )
    parser.add_argument("--rules", action="append", default=[], metavar="PACK", help="where to look for the rule; as for hunt")
    parser.add_argument("--json", action="store_true", help="print one JSON object per record")


def run(arguments: argparse.Namespace) -> int:
    """Explain."""
    from bartizan import workbench

    told = workbench.explain_on(arguments.rule, arguments.on, rules=arguments.rules)
    if not isinstance(told, Iterable):
        return _tell_correlation(told, arguments)
    if arguments.record is not None:
        told = (one for one in told if one.record == arguments.record)
    shown = told if arguments.all or arguments.record is not None else _telling(told)
    nothing = True
    for one in shown:
        nothing = False
        print(json.dumps(asdict(one)) if arguments.json else "\n".join(_lines(one)))
    if nothing:
        message = "there is no such record in these files" if arguments.record is not None else "these files hold no records"
        raise UsageError(message)
    return 0


def _tell_correlation(told: CorrelationTold, arguments: argparse.Namespace) -> int:
    """Print what a correlation makes of the files."""
    if arguments.record is not None:
        message = f"'{told.title}' is a correlation: it judges many records together, not one; leave --record out"
        raise UsageError(message)
    groups = told.groups if arguments.all else told.groups[:MOST]
    if arguments.json:
        print(json.dumps({**asdict(told), "groups": [asdict(group) for group in groups]}))
        return 0
    fired = sum(group.fires for group in told.groups)
    print(f"{told.title} ({told.id}) {f'fires {fired} times' if fired else 'does not fire'}")
    print("\n".join(visible(line) for line in (f"  asks for {told.asks}", *(f"  {line}" for line in told.seen), "")))
    for group in groups:
        window = span(group.first, group.time)
        name = f"{group.group}: " if group.group else ""
        print(visible(f"{'fires' if group.fires else 'nearest':8} {name}{window}: {group.why}"))
    if len(groups) < len(told.groups):
        print(f"and {len(told.groups) - len(groups)} more; --all shows them")
    return 0


def _telling(told: Iterable[Told]) -> list[Told]:
    """Choose what answers the question: the records that fire; where none does, the first that were judged, else the first at all.

    The files may be larger than memory: only what may be shown is kept, and with enough that fire no more is read.
    """
    firing: list[Told] = []
    judged: list[Told] = []
    first: list[Told] = []
    for one in told:
        kind = first if one.explanation is None else firing if one.explanation.fires else judged
        if len(kind) < MOST:
            kind.append(one)
        if len(firing) == MOST:
            break
    return firing or judged or first


def _lines(one: Told) -> list[str]:
    from bartizan.rules.explain import lines

    where = f"{one.path}, record {one.record}" + (f" ({one.source})" if one.source else "")
    if one.explanation is None:
        return [where, f"  not judged: {one.why_not}", ""]
    return [where, *(f"  {line}" for line in lines(one.explanation)), ""]
