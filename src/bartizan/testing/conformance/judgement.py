"""Hold answers against what was expected, and count by chapter."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from bartizan.testing.conformance.case import REFUSED, Finding
from bartizan.testing.conformance.protocol import Broken, Found, Matched, Refused, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.testing.conformance.case import Case
    from bartizan.testing.conformance.protocol import Answer

__all__ = ["CHAPTERS", "VERDICTS", "Outcome", "Verdict", "judged", "table", "tally"]

Verdict: TypeAlias = Literal["passed", "failed", "unsupported", "error"]
VERDICTS: Final[tuple[Verdict, ...]] = ("passed", "failed", "unsupported", "error")
CHAPTERS: Final = ("modifiers", "conditions", "escapes", "values", "keywords", "filters", "correlations")
"""The chapters of the suite, in the order in which they are printed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine made of a case: the verdict and, where it is not passed, why."""

    case: Case
    verdict: Verdict
    why: str = ""


def judged(case: Case, answer: Answer) -> Outcome:
    """Judge an answer.

    An engine that refuses a rule gives no silent wrong answer: where the rule should have run, that counts as unsupported.
    """
    if isinstance(answer, Broken):
        return Outcome(case, "error", answer.why)
    if isinstance(answer, Unsupported):
        return Outcome(case, "unsupported", answer.why)
    if isinstance(answer, Refused):
        return Outcome(case, "passed") if case.expect == REFUSED else Outcome(case, "unsupported", f"refused: {answer.why}")
    if case.expect == REFUSED:
        return Outcome(case, "failed", "ran a rule that must be refused")
    why = _difference(case, answer)
    return Outcome(case, "failed", why) if why else Outcome(case, "passed")


def tally(outcomes: Iterable[Outcome]) -> dict[str, Mapping[Verdict, int]]:
    """Count verdicts by chapter, every verdict named; the chapters of the suite first, in their order."""
    counts: dict[str, Counter[Verdict]] = {chapter: Counter() for chapter in CHAPTERS}
    for outcome in outcomes:
        counts.setdefault(outcome.case.chapter, Counter())[outcome.verdict] += 1
    return {chapter: {verdict: count[verdict] for verdict in VERDICTS} for chapter, count in counts.items() if count}


def table(outcomes: Sequence[Outcome]) -> list[str]:
    """Return the lines of a table: a row for each chapter, one for all, and one for what the specification decides."""
    lines = ["| chapter | cases | passed | failed | unsupported | errors |", "|---|---:|---:|---:|---:|---:|"]
    rows = {**tally(outcomes), "**all**": _counts(outcomes)}
    rows["of these decided by the specification"] = _counts([outcome for outcome in outcomes if not outcome.case.choice])
    rows["of these our choice where it is silent"] = _counts([outcome for outcome in outcomes if outcome.case.choice])
    for name, counts in rows.items():
        cells = [name, sum(counts.values()), *counts.values()]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def _counts(outcomes: Iterable[Outcome]) -> Mapping[Verdict, int]:
    count = Counter(outcome.verdict for outcome in outcomes)
    return {verdict: count[verdict] for verdict in VERDICTS}


def _difference(case: Case, answer: Matched | Found) -> str:
    expected = case.expect
    if isinstance(answer, Matched):
        if any(isinstance(one, Finding) for one in expected):
            return "told which events match where findings were asked for"
        return "" if answer.events == expected else f"matched {list(answer.events)}, should {list(expected)}"
    wanted = tuple(one for one in expected if isinstance(one, Finding))
    if expected and not wanted:
        return "told findings where the events that match were asked for"
    return _missing_or_more(wanted, answer.findings)


def _missing_or_more(wanted: tuple[Finding, ...], found: tuple[Finding, ...]) -> str:
    """Compare findings; where an engine does not say which events are in them, only which rule found which groups."""
    if any(one.events is None for one in found):
        expected = Counter({replace(one, events=None) for one in wanted})
        told = Counter({replace(one, events=None) for one in found})
    else:
        expected, told = Counter(wanted), Counter(found)
    missing, more = expected - told, told - expected
    parts = [f"{word} {_shown(one)}" for word, some in (("missed", missing), ("found besides", more)) for one in some.elements()]
    return "; ".join(parts)


def _shown(finding: Finding) -> str:
    group = ", ".join(f"{field}={value}" for field, value in finding.group)
    events = "" if finding.events is None else f" in {list(finding.events)}"
    return f"{finding.rule}{f' of {group}' if group else ''}{events}"
