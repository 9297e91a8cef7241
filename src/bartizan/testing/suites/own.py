"""Run the ``cases:`` that rule files carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigma.exceptions import SigmaError

from bartizan import rules
from bartizan.rules.naive import reference_rules
from bartizan.rules.reference.reading import documents_in
from bartizan.schema.logsource import View
from bartizan.testing.correlation_cases import correlation_case_problems, read_correlation_cases
from bartizan.testing.rule_cases import case_problems, read_cases
from bartizan.testing.suites.tested import FAILED, NOT_RUNNABLE, PASSED, Tested

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bartizan.rules.ruleset import LoadedRules
    from bartizan.testing.suites.tested import Setting

__all__ = ["own_tests"]


def own_tests(paths: Sequence[Path], setting: Setting) -> Iterator[Tested]:
    """Run every case of every rule of some files or folders, with both engines; a rule without cases is one test that cannot be run."""
    loaded = rules.load(paths, placeholders=setting.placeholders)
    for refusal in loaded.refused:
        yield Tested(refusal.path, refusal.id, "", NOT_RUNNABLE, f"the rule is refused, line {refusal.line}: {refusal.why}")
    for number in range(len(loaded.rules)):
        yield from _of_rule(loaded, number)


def _of_correlation(loaded: LoadedRules, number: int, cases: object) -> Iterator[Tested]:
    rule = loaded.rules[number]
    for case in read_correlation_cases(cases):
        if isinstance(case, str):
            if not case.startswith("cases: none says"):
                yield Tested(rule.path, rule.title, "", FAILED, case)
            continue
        wrong = "; ".join(correlation_case_problems(case, loaded, number))
        yield Tested(rule.path, rule.title, case.name, FAILED if wrong else PASSED, wrong)


def _of_rule(loaded: LoadedRules, number: int) -> Iterator[Tested]:
    rule, origin = loaded.rules[number], loaded.origins[number]
    cases = documents_in(loaded.contents[origin.path])[origin.document].get("cases")
    if not cases and number in loaded.silent:
        # It only feeds a correlation, whose cases are its tests.
        return
    if not cases:
        yield Tested(rule.path, rule.title, "", NOT_RUNNABLE, "the rule has no cases")
        return
    if rule.correlation:
        yield from _of_correlation(loaded, number, cases)
        return
    try:
        reference = reference_rules(loaded, [number])[number]
    except SigmaError as error:
        yield Tested(rule.path, rule.title, "", FAILED, f"only the fast engine reads the rule; the reference says: {error}")
        return
    bound = loaded.bind((View(rule.logsource),))
    for case in read_cases(cases):
        if isinstance(case, str):
            # That there is no case of one kind is for `rules check` to say: it is no test that failed.
            if not case.startswith("cases: none says"):
                yield Tested(rule.path, rule.title, "", FAILED, case)
            continue
        wrong = "; ".join(case_problems(case, reference, bound, number))
        yield Tested(rule.path, rule.title, case.name, FAILED if wrong else PASSED, wrong)
