"""Check a rule file of ours: that it loads, says what a reader needs, and that its cases come out as they say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bartizan import rules
from bartizan.rules.reference.reading import documents_in
from bartizan.testing.case_results import case_results
from bartizan.testing.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["check_rule"]

_TEXTS: Final[Mapping[str, str]] = {
    "id": "give the rule a UUID (python3 -c 'import uuid; print(uuid.uuid4())')",
    "title": "say in a few words what was seen",
    "description": "say what the rule looks for",
    "level": "say informational, low, medium, high or critical",
    "why": "say why it matters: what an attacker gains",
    "fix": "say what to do about it",
}
_TECHNIQUE: Final = re.compile(r"attack\.t\d{4}(\.\d{3})?")
_TACTIC: Final = re.compile(r"attack\.[a-z][a-z-]+")


def check_rule(path: Path) -> list[Problem]:
    """Return everything wrong with a rule file; an empty list says that it is fit for the catalogue.

    The file holds one Sigma rule with the keys ``why``, ``fix`` and ``cases`` beside those of the specification, or one
    correlation with them and the rules that it is made of. Each case is judged by the fast engine and by the reference; a
    sentence says which did not come out as it should, and why.
    """
    return [Problem(str(path), what) for what in _problems(path)]


def _problems(path: Path) -> Iterator[str]:
    loaded = rules.load([path])
    for refusal in loaded.refused:
        yield f"line {refusal.line}: {refusal.why}"
    if loaded.refused:
        return
    told = [number for number in range(len(loaded.rules)) if number not in loaded.silent]
    if len(told) != 1 or any(one.plan.generate for one in loaded.correlations):
        yield f"holds {len(told)} rules; a file holds one, or one correlation and the rules that it is made of"
        return
    document = documents_in(path.read_bytes())[loaded.origins[told[0]].document]
    yield from _house(document)
    for result in case_results(loaded, told[0]):
        yield from (f"case {result.name!r}: {problem}" if result.name else problem for problem in result.problems)


def _house(document: Mapping[str, Any]) -> Iterator[str]:
    """Check what a reader of the rule needs."""
    for key, advice in _TEXTS.items():
        value = document.get(key)
        if not isinstance(value, str) or not value.strip():
            yield f"{key}: missing; {advice}"
    if not document.get("falsepositives"):
        yield "falsepositives: missing; say what harmless activity looks the same"
    tags = [str(tag) for tag in document.get("tags") or ()]
    if not any(_TECHNIQUE.fullmatch(tag) for tag in tags):
        yield "tags: name an ATT&CK technique (attack.t1059.001)"
    if not any(_TACTIC.fullmatch(tag) for tag in tags):
        yield "tags: name an ATT&CK tactic (attack.execution)"
