"""Show which values dominate a rule's findings in some logs, propose a narrow exception, and replay it.

Nothing is saved: the last line is the command that would save the exception.
"""

from __future__ import annotations

import json
import shlex
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bartizan.detect.tuning.dominance import Proposal
    from bartizan.rules.exceptions import Draft
    from bartizan.rules.ruleset import LoadedRules
    from bartizan.testing.suites import Setting

ACTION: Final = "tune"
HELP: Final = "which values dominate a rule's findings, and an exception that would hold them back, replayed"
_DAYS: Final = 90
"""Days for which an exception is proposed: long enough not to be a chore, short enough to be looked at again."""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the action's options."""
    parser.add_argument("rule", metavar="RULE", help="id, file or part of the title")
    parser.add_argument("--on", nargs="+", required=True, metavar="PATH", help="logs in which the rule finds too much")
    parser.add_argument("--rules", action="append", default=[], metavar="PACK", help="a pack; repeatable; as for hunt")
    parser.add_argument("--placeholders", type=Path, metavar="FILE", help="lists that rules ask for; as for hunt")
    parser.add_argument("--mapping", action="append", default=[], type=Path, metavar="FILE", help="mapping file of a log; as for hunt")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Tune."""
    from bartizan import workbench
    from bartizan.detect.tuning.dominance import dominant, propose
    from bartizan.detect.tuning.observed import observe
    from bartizan.detect.tuning.replay import Replay, preview_on
    from bartizan.explain import tuning
    from bartizan.rules.exceptions import saved_files
    from bartizan.rules.logic import fields_of
    from bartizan.rules.naming import find_rule
    from bartizan.rules.placeholders import read_placeholders

    lists = {} if arguments.placeholders is None else read_placeholders(arguments.placeholders)
    rules = workbench.load_rules(arguments.rules, placeholders=lists)
    number = find_rule(rules, arguments.rule)
    if rules.rules[number].correlation:
        message = f"'{rules.rules[number].title}' is a correlation, which judges no record: tune the rules that it is made of"
        raise UsageError(message)
    now, workers = time.time_ns(), workbench.default_workers()
    replay = Replay(
        paths=arguments.on,
        now=now,
        exceptions=saved_files(),
        placeholders=lists,
        mappings=tuple(arguments.mapping),
        workers=workers,
    )
    observation = observe(rules, number, replay)
    asked = fields_of(rules.conditions[number])
    table = dominant(observation.found, asked)
    proposal = propose(observation.found, asked, table)
    draft = None if proposal is None else _draft(rules, number, proposal)
    told = tuning.Tuning(
        rule=rules.rules[number],
        findings=len(observation.found) + observation.more,
        looked_at=len(observation.found),
        table=table,
        exception="" if draft is None else draft.text,
        preview=None if draft is None else preview_on(draft, rules, replay),
        broken_cases=() if draft is None else _broken(rules, number, draft, lists),
        command="" if draft is None else _command(arguments, draft),
    )
    print(json.dumps(tuning.tuning(told), indent=1) if arguments.json else "\n".join(tuning.tuning_lines(told)))
    return 0


def _draft(rules: LoadedRules, number: int, proposal: Proposal) -> Draft:
    from bartizan.rules.exceptions import Draft

    rule = rules.rules[number]
    return Draft(
        rule=rule.id,
        about=rule.title,
        logsource=rule.logsource,
        where=proposal.where,
        owner="NAME",
        reason="REASON",
        expires=datetime.now(UTC).date() + timedelta(days=_DAYS),
    )


def _broken(rules: LoadedRules, number: int, draft: Draft, lists: dict[str, tuple[str, ...]]) -> Sequence[str]:
    """Return the cases of the rule that would no longer come out as they say."""
    from bartizan.detect.tuning.replay import document_of
    from bartizan.testing.suites import Setting

    with tempfile.TemporaryDirectory(prefix="bartizan-") as made:
        rule, exception = Path(made, "rule.yml"), Path(made, "exception.yml")
        rule.write_bytes(document_of(rules, number))
        exception.write_text(draft.text, encoding="utf-8")
        setting = Setting(placeholders=lists)
        before = _failed([rule], setting)
        return sorted(_failed([rule, exception], setting) - before)


def _failed(paths: Sequence[Path], setting: Setting) -> set[str]:
    from bartizan.testing.suites import own_tests

    return {one.name for one in own_tests(paths, setting) if one.outcome == "failed"}


def _command(arguments: argparse.Namespace, draft: Draft) -> str:
    where = [word for name, values in draft.where.items() for value in values for word in ("--where", f"{name}={value}")]
    packs = [word for pack in arguments.rules for word in ("--rules", pack)]
    words = ["bartizan", "rules", "except", draft.rule, *where, "--owner", "NAME", "--reason", "REASON", "--expires", f"{_DAYS}d", *packs]
    return shlex.join([*words, "--preview", *arguments.on])
