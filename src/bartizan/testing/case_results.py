"""Say how the cases of a rule come out: what ``rules check`` and ``rules test`` both tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sigma.exceptions import SigmaError

from bartizan.rules.naive import reference_rules
from bartizan.rules.reference.reading import documents_in
from bartizan.schema.logsource import View
from bartizan.testing.correlation_cases import correlation_case_problems, read_correlation_cases
from bartizan.testing.rule_cases import case_problems, read_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.rules.ruleset import LoadedRules

__all__ = ["CaseResult", "case_results"]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case by name and what came out otherwise than it says; without a name, what stands there and is no case, or is missing."""

    name: str
    problems: tuple[str, ...]

    def __str__(self) -> str:
        """Return its problems in a sentence, "" where it came out as it says."""
        return "; ".join(self.problems)


def case_results(loaded: LoadedRules, number: int) -> Iterator[CaseResult]:
    """Run the cases of a rule with both engines, those of a correlation with every way of counting."""
    origin = loaded.origins[number]
    cases = documents_in(loaded.contents[origin.path])[origin.document].get("cases")
    if loaded.rules[number].correlation:
        for one in read_correlation_cases(cases):
            if isinstance(one, str):
                yield CaseResult("", (one,))
            else:
                yield CaseResult(one.name, tuple(correlation_case_problems(one, loaded, number)))
        return
    try:
        reference = reference_rules(loaded, [number])[number]
    except SigmaError as error:
        yield CaseResult("", (f"only the fast engine reads it; the reference says: {error}",))
        return
    bound = loaded.bind((View(loaded.rules[number].logsource),))
    for case in read_cases(cases):
        if isinstance(case, str):
            yield CaseResult("", (case,))
        else:
            yield CaseResult(case.name, tuple(case_problems(case, reference, bound, number)))
