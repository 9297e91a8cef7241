"""Run the ``cases:`` that rule files carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan import rules
from bartizan.testing.case_results import case_results
from bartizan.testing.suites.tested import FAILED, NOT_RUNNABLE, PASSED, Tested

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bartizan.testing.suites.tested import Setting

__all__ = ["own_tests"]

_OF_ONE_KIND = "cases: none says"
"""That there is no case that fires, or none that does not, is for ``rules check`` to say: it is no test that failed."""
_MISSING = "cases: missing"


def own_tests(paths: Sequence[Path], setting: Setting) -> Iterator[Tested]:
    """Run every case of every rule of some files or folders; a rule without cases is one test that cannot be run.

    A rule that only feeds a correlation needs none: the cases of the correlation are its tests.
    """
    loaded = rules.load(paths, placeholders=setting.placeholders)
    for refusal in loaded.refused:
        yield Tested(refusal.path, refusal.id, "", NOT_RUNNABLE, f"the rule is refused, line {refusal.line}: {refusal.why}")
    for number, rule in enumerate(loaded.rules):
        for result in case_results(loaded, number):
            why = str(result)
            if not result.name and why.startswith(_MISSING):
                if number not in loaded.silent:
                    yield Tested(rule.path, rule.title, "", NOT_RUNNABLE, "the rule has no cases")
                break
            if result.name or not why.startswith(_OF_ONE_KIND):
                yield Tested(rule.path, rule.title, result.name, FAILED if why else PASSED, why)
