"""Check a check file of ours: that it loads, says what a reader needs, that its cases come out, and that nothing missing makes it pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.documents import Refused, documents
from bartizan.review.cloud.checks import load
from bartizan.rules.match.binding import tests_of
from bartizan.rules.plan import Null, Text
from bartizan.rules.reference import reference_rule
from bartizan.testing.check_cases import case_problems, read_cases
from bartizan.testing.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bartizan.review.cloud.checks.contract import Check

__all__ = ["check_check"]

_TEXTS: Final[Mapping[str, str]] = {
    "id": "give the check a UUID (python3 -c 'import uuid; print(uuid.uuid4())')",
    "title": "say in a few words what is wrong",
    "description": "say what the check looks for",
    "level": "say informational, low, medium, high or critical",
    "why": "say why it matters: what an attacker gains, or what is lost",
}
_HOWS: Final = ("terraform", "cli", "console", "manifest", "steps")


def check_check(path: Path, frameworks: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Return everything wrong with a check file; an empty list says that it is fit for the catalogue.

    ``frameworks`` gives, by the framework's name, the ids of its requirements. Each case is judged by the fast engine and by the
    reference, and again with each property unknown: what fails must never pass then.
    """
    return [Problem(str(path), what) for what in _problems(path, frameworks)]


def _problems(path: Path, frameworks: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    loaded = load([path])
    for refusal in loaded.refused:
        yield f"line {refusal.line}: {refusal.why}"
    if loaded.refused:
        return
    read = list(documents(path.read_bytes()))
    if len(loaded.checks) != 1 or len(read) != 1 or isinstance(read[0], Refused):
        yield f"holds {len(loaded.checks)} checks; a file holds one"
        return
    document: Any = read[0].value
    check = loaded.checks[0]
    yield from _house(document, frameworks)
    yield from _lax(check)
    tree = reference_rule(document).tree
    for case in read_cases(document.get("cases"), check):
        yield from (case,) if isinstance(case, str) else case_problems(case, check, tree)


def _house(document: Mapping[str, Any], frameworks: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Check what a reader of the check needs."""
    for key, advice in _TEXTS.items():
        value = document.get(key)
        if not isinstance(value, str) or not value.strip():
            yield f"{key}: missing; {advice}"
    fix = document.get("fix")
    if (
        not isinstance(fix, dict)
        or not fix
        or not all(how in _HOWS and isinstance(text, str) and text.strip() for how, text in fix.items())
    ):
        yield f"fix: say how to mend it, by one or more of {', '.join(_HOWS)}"
    compliance = document.get("compliance")
    if not isinstance(compliance, dict):
        yield "compliance: missing; say for which requirements this is evidence ({} for none)"
        return
    for name, ids in compliance.items():
        if name not in frameworks:
            yield f"compliance: there is no framework '{name}': there are {', '.join(frameworks)}"
        elif not isinstance(ids, list) or not ids or not all(isinstance(one, str) for one in ids):
            yield f"compliance.{name}: is no list of ids (quote numbers)"
        else:
            yield from (f"compliance.{name}: has no requirement '{one}'" for one in ids if one not in frameworks[name])


def _lax(check: Check) -> Iterator[str]:
    """Find tests for false that overlook a property which is not set."""
    for test in tests_of(check.condition):
        if Text("is", "false") in test.of and not any(isinstance(one, Null) for one in test.of):
            yield f"{test.field}: asks for false, and finds nothing where it is not set: write [false, null], or negate a test for true"
