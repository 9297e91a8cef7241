"""Tags of ATT&CK that name nothing, and rules without cases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.schema.attack import ATTACK_VERSION, tactic, technique

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.testing.lint.contract import Lint, LintRule

__all__ = ["check"]

_TECHNIQUE: Final = re.compile(r"attack\.t\d+(\.\d+)?", re.IGNORECASE)
_OTHER: Final = re.compile(r"attack\.(?:g\d{4}|s\d{4}|c\d{4}|m\d{4}|ds\d{4}|ta\d{4})", re.IGNORECASE)
"""Groups, software, campaigns, mitigations, data sources and tactics by number: not looked up."""


def check(rules: Sequence[LintRule]) -> Iterable[Lint]:
    """Find tags that name nothing, and rules that nothing proves."""
    for rule in rules:
        for tag in rule.meta.tags:
            if tag.lower().startswith("attack."):
                yield from _of(rule, tag)
        if not rule.part and not rule.document.get("cases"):
            what = "no cases prove the rule: nothing says on which records it fires and on which it does not"
            yield rule.lint("no-cases", "note", what, "add cases: (docs/guide/rules.md)")


def _of(rule: LintRule, tag: str) -> Iterator[Lint]:
    version = f"ATT&CK {ATTACK_VERSION}"
    if _TECHNIQUE.fullmatch(tag):
        uid = tag[7:].upper()
        found = technique(uid)
        if not found.tactics or (found.name == uid):
            yield rule.lint("unknown-technique", "error", f"tag {tag}: {version} has no {uid}", "correct the id", "tags")
    elif not _OTHER.fullmatch(tag) and tactic(tag[7:]) is None:
        yield rule.lint("unknown-tactic", "error", f"tag {tag}: {version} has no such tactic", "correct the word", "tags")
