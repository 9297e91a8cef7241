"""Say which rules can fire on which sources."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import visible

if TYPE_CHECKING:
    import argparse

    from bartizan.explain.can_fire import Standing

ACTION: Final = "can-fire"
HELP: Final = "which rules can fire on which sources, and what the others lack"
_EXAMPLES: Final = """examples:
  bartizan rules can-fire --rules sigma/rules
  bartizan rules can-fire --rules sigma/rules --source okta
  bartizan rules can-fire --rules sigma/rules --json | jq 'select(.verdict == "missing")'
  bartizan rules can-fire --rules sigma/rules --source okta --prove
"""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    from argparse import RawDescriptionHelpFormatter

    parser.epilog, parser.formatter_class = _EXAMPLES, RawDescriptionHelpFormatter
    parser.add_argument("--rules", action="append", default=[], metavar="PACK", help="a pack; repeatable; as for hunt")
    parser.add_argument("--source", action="append", default=[], metavar="NAME", help="only this source; repeatable")
    parser.add_argument(
        "--prove", action="store_true", help="write a record for each rule that can fire, hunt for it, and say what came of it"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per rule, with its verdict on each source")
    parser.add_argument("--page", action="store_true", help="print the table as Markdown")


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    from bartizan import workbench
    from bartizan.collect.catalogue import catalogue
    from bartizan.detect.can_fire import can_fire
    from bartizan.documents import suggestion
    from bartizan.errors import UsageError
    from bartizan.explain.can_fire import as_page, as_rows, standing_of
    from bartizan.testing.proving import prove

    known = {source.name: source for source in catalogue().sources}
    for name in arguments.source:
        if name not in known:
            message = f"--source {name}: no such source{suggestion(name, known)}; bartizan sources list has them all"
            raise UsageError(message)
    rules = workbench.load_rules(arguments.rules)
    sources = [known[name] for name in arguments.source] or [*known.values()]
    told, refused = can_fire(rules, sources), rules.refused
    proofs = prove(rules, told, catalogue(), now=time.time_ns()) if arguments.prove else []
    if arguments.json:
        for row in as_rows(told, refused, proofs):
            print(json.dumps(row))
        return 0
    standing = standing_of(told, proofs)
    if arguments.page:
        print(as_page(standing, len(refused), "The table that `bartizan rules can-fire --page` prints for the packs given."), end="")
        return 0
    _print(standing, len(refused))
    return 0


def _print(standing: Standing, refused: int) -> None:
    from bartizan.explain.can_fire import COLUMNS

    width = max([len(name) for name in standing.by_logsource] + [10])
    print(f"{'log source':{width}}  " + "".join(f"{column:>10}" for column in COLUMNS))
    for name, counts in standing.by_logsource.items():
        print(f"{name:{width}}  " + "".join(f"{counts[column] or '':>10}" for column in COLUMNS))
    print(f"{'all':{width}}  " + "".join(f"{standing.totals[column]:>10}" for column in COLUMNS))
    lacking = standing.lacking.most_common(20)
    if lacking:
        print("\nwhat is lacked most (log source, field, rules):")
        for (logsource, name), count in lacking:
            print(f"  {logsource}  {name}  {count}")
    print(f"\n{standing.whole:.1%} of the {standing.count} rules that load can fire with all that they name; {refused} are refused")
    if standing.proofs:
        print(f"{standing.proved.total()} of the {standing.able} that are said to be able to fire were proved ({standing.proven:.2%})")
    for proof in standing.proofs:
        if proof.outcome in {"silent", "unwritten"}:
            print(visible(f"  {proof.outcome}: {proof.rule.path}: {proof.why}"))
