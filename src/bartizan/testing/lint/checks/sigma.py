"""pySigma's validators, those that need nothing from elsewhere and say nothing that is said here with its line."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Final

from sigma.exceptions import SigmaError
from sigma.policy.profiles import TrustedPolicy
from sigma.rule import SigmaRule
from sigma.validation import SigmaValidator
from sigma.validators.base import SigmaValidationIssue, SigmaValidationIssueSeverity
from sigma.validators.core import validators

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bartizan.testing.lint.contract import Lint, LintRule

__all__ = ["check"]

_LEFT_OUT: Final = frozenset({
    "attacktag",  # fetches ATT&CK from the network; unknown-technique knows it
    "d3_fendtag",  # fetches D3FEND
    "custom_attributes",  # cases, why and fix are ours
    "dangling_condition",  # refused-rule
    "dangling_detection",  # unused-selection
    "duplicate_filename",  # a folder may have its own
    "filename_length",  # as above
    "identifier_uniqueness",  # duplicate-rule, and the loader's remarks
})  # fmt: skip
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LEVELS: Final = {
    SigmaValidationIssueSeverity.LOW: "note",
    SigmaValidationIssueSeverity.MEDIUM: "warning",
    SigmaValidationIssueSeverity.HIGH: "error",
}


def check(rules: Sequence[LintRule]) -> Iterable[Lint]:
    """Run pySigma's validators over every rule that it reads."""
    chosen = [validator for name, validator in validators.items() if name not in _LEFT_OUT]
    judge = SigmaValidator(chosen)
    by_rule: dict[int, LintRule] = {}
    for rule in rules:
        if rule.part:
            continue
        try:
            read = SigmaRule.from_dict(dict(rule.document), policy=TrustedPolicy)
        except SigmaError:
            continue
        by_rule[id(read)] = rule
        for issue in judge.validate_rule(read):
            yield _lint(rule, issue)
    for issue in judge.finalize():
        yield from (_lint(by_rule[id(one)], issue) for one in issue.rules if id(one) in by_rule)


def _lint(rule: LintRule, issue: SigmaValidationIssue) -> Lint:
    told = [f"{one.name} {getattr(issue, one.name)}" for one in fields(issue) if one.name != "rules" and getattr(issue, one.name)]
    what = " ".join(str(issue.description).split())
    identity = "sigma-" + _WORD.sub("-", type(issue).__name__.removesuffix("Issue")).lower()
    shown = f"{what[:1].lower()}{what[1:]}{': ' if told else ''}{'; '.join(told)}"
    return rule.lint(identity, _LEVELS[issue.severity], shown[:400], "as pySigma's validator says")
