"""Tell which identities belong together, and when: addresses, machines, accounts, sessions, processes, hashes.

PATH is a folder that bartizan hunt --out wrote, or a Parquet file of its table identities. Each fact ties two identities
together; it names the rule that made it, the record that says so, and how it ended. Without --of, --kind, --rule or --at
the number of facts of each rule is told.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

    from bartizan.detect.identities.contract import Fact

HELP: Final = "which addresses, accounts, sessions and processes belong together, and when"
EXAMPLES: Final = (
    "bartizan identities case-1",
    "bartizan identities case-1 --of 10.0.0.7 --at 2026-11-23T08:00",
    "bartizan identities case-1 --kind sid --json",
)
_MILLISECOND: Final = 1_000_000


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="folder that hunt --out wrote, or Parquet files of identities")
    parser.add_argument("--of", action="append", default=[], metavar="VALUE", help="what is tied to this identity; repeatable")
    parser.add_argument("--kind", action="append", default=[], metavar="KIND", help="ip, host, user, sid, session, process, …; repeatable")
    parser.add_argument("--rule", action="append", default=[], metavar="RULE", help="facts that this rule made; repeatable")
    parser.add_argument("--at", metavar="TIME", help="what held then: 2026-11-23T08:00, or 36h for 36 hours ago")
    parser.add_argument("--zone", default="UTC", metavar="ZONE", help="time zone of TIME where it names none, e.g. Europe/Vienna")
    parser.add_argument("--most", type=int, default=0, metavar="N", help="so many facts (50; with --json all)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the facts that are asked for."""
    from bartizan.detect.identities.stored import Chosen, kept_facts, kept_files, rules_in
    from bartizan.faces.cli.times import moment, zone

    at = None if arguments.at is None else moment(arguments.at, time.time_ns(), zone(arguments.zone)) // _MILLISECOND
    most = arguments.most or (0 if arguments.json else 50)
    files = kept_files(arguments.paths)
    if not (arguments.json or arguments.of or arguments.kind or arguments.rule or arguments.at):
        _overview(rules_in(files))
        return 0
    chosen = Chosen(of=arguments.of, kinds=_kinds(arguments.kind), rules=_rules(arguments.rule), at=at, most=most)
    facts, count = kept_facts(files, chosen)
    if arguments.json:
        print(json.dumps({"count": count, "facts": [_plain(fact) for fact in facts]}, indent=1))
    else:
        _tell(facts, count)
    return 0


def _kinds(words: list[str]) -> list[str]:
    from bartizan.detect.identities.contract import IdentityKind
    from bartizan.errors import UsageError

    known = [kind.value for kind in IdentityKind]
    for word in words:
        if word not in known:
            message = f"--kind: '{word}' is no kind of identity; there are {', '.join(known)}"
            raise UsageError(message)
    return words


def _rules(words: list[str]) -> list[str]:
    from bartizan.detect.identities.table import TIES
    from bartizan.errors import UsageError

    known = [tie.rule for tie in TIES]
    for word in words:
        if word not in known:
            message = f"--rule: '{word}' makes no facts; there are {', '.join(known)}"
            raise UsageError(message)
    return words


def _overview(counts: list[tuple[str, str, str, int]]) -> None:
    from bartizan.explain.text import amount, visible

    for rule, left, right, facts in counts:
        print(visible(f"{facts:>9,}  {rule:24} {left} = {right}"))
    print(f"{amount(sum(count for *_, count in counts), 'fact')}: --of, --kind, --rule and --at show them, --json shows all")


def _tell(facts: list[Fact], count: int) -> None:
    from bartizan.explain.text import amount, visible

    for fact in facts:
        place = f" on {fact.scope}" if fact.scope else ""
        print(visible(f"{fact.left_kind} {fact.left} = {fact.right_kind} {fact.right}{place}"))
        print(visible(f"  {_when(fact)}, {amount(fact.count, 'record')}, {fact.rule} of {fact.source}, e.g. {fact.record_id}"))
    if count > len(facts):
        print(f"and {amount(count - len(facts), 'more fact')}: --of, --kind, --rule and --at choose, --most and --json show more")
    elif not facts:
        print("no facts")


def _when(fact: Fact) -> str:
    from bartizan.explain.text import moment, span

    if fact.first_seen is None or fact.last_seen is None:
        return "at a time that no record tells"
    seen = f"seen {span(fact.first_seen * _MILLISECOND, fact.last_seen * _MILLISECOND)}"
    return (
        f"{seen}, ended {moment(fact.valid_to * _MILLISECOND)} ({fact.ends})" if fact.valid_to is not None else f"{seen}, end {fact.ends}"
    )


def _plain(fact: Fact) -> dict[str, object]:
    return {name: getattr(fact, name) for name in fact.__slots__}
