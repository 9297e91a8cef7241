"""Say how requirements of a framework stand: by which checks, on which evidence, and how many can be judged at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from bartizan.review.cloud.contract import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.review.cloud.checks.contract import Checks
    from bartizan.review.cloud.checks.frameworks import Framework
    from bartizan.review.cloud.checks.outcome import Outcome, Review
    from bartizan.review.cloud.contract import Judgement

__all__ = ["Compliance", "Standing", "Status", "compliance"]


class Status(Enum):
    """How a requirement stands, as far as checks can say; none of them says that it is met, of which checks see a part."""

    FAILED = "failed"
    ACCEPTED = "accepted"
    """What fails is accepted by exceptions."""
    UNKNOWN = "unknown"
    """Nothing fails, and something could not be judged."""
    PASSED = "passed"
    """Nothing fails of what its checks look at."""
    NOTHING = "nothing"
    """There are checks for it, and nothing that was read is of a kind that they are about."""
    UNCHECKED = "unchecked"
    """No check is evidence for it."""

    @property
    def judged(self) -> bool:
        """Say whether the requirement could be judged."""
        return self in {Status.FAILED, Status.ACCEPTED, Status.PASSED}


@dataclass(frozen=True, slots=True)
class Standing:
    """One requirement: what it is about, the checks that are evidence for it, and what they say."""

    requirement: str
    words: str
    status: Status
    outcomes: Sequence[Outcome]
    counts: Mapping[Verdict, int]
    excepted: int = 0

    @property
    def checks(self) -> tuple[str, ...]:
        """Return the names of its checks."""
        return tuple(one.check.name for one in self.outcomes)

    def evidence(self, verdict: Verdict | None = None) -> Iterator[Judgement]:
        """Yield the judgements that it stands on, only those of a verdict where one is named."""
        for one in self.outcomes:
            yield from one.judgements(verdict)


@dataclass(frozen=True, slots=True)
class Compliance:
    """How every requirement of a framework stands, in its order."""

    framework: Framework
    standings: Sequence[Standing]

    @property
    def counts(self) -> Counter[Status]:
        """Count requirements by status."""
        return Counter(one.status for one in self.standings)

    @property
    def coverage(self) -> str:
        """Say how many requirements can be judged from what was read, and why the others cannot."""
        counts = self.counts
        judged = sum(count for status, count in counts.items() if status.judged)
        rest = [
            f"{counts[status]} {why}"
            for status, why in (
                (Status.UNKNOWN, "could not be judged: something was not read"),
                (Status.NOTHING, "are about kinds of which nothing was read"),
                (Status.UNCHECKED, "have no check"),
            )
            if counts[status]
        ]
        told = f"{judged} of {len(self.standings)} requirements can be judged from what was read"
        return "; ".join([told, *rest])


def compliance(reviewed: Review, checks: Checks, framework: Framework) -> Compliance:
    """Return how the requirements of a framework stand after a review by these checks."""
    by_requirement: dict[str, list[Outcome]] = {}
    for outcome in reviewed.outcomes:
        for one in checks.tell(outcome.check).compliance.get(framework.name, ()):
            by_requirement.setdefault(one, []).append(outcome)
    return Compliance(framework, [_standing(one, words, by_requirement.get(one, ())) for one, words in framework.requirements.items()])


def _standing(requirement: str, words: str, outcomes: Sequence[Outcome]) -> Standing:
    counts = sum((one.counts() for one in outcomes), Counter[Verdict]())
    excepted = sum(len(one.exempted) for one in outcomes)
    return Standing(requirement, words, _status(outcomes, counts, excepted), outcomes, counts, excepted)


def _status(outcomes: Sequence[Outcome], counts: Mapping[Verdict, int], excepted: int) -> Status:
    if not outcomes:
        return Status.UNCHECKED
    if counts.get(Verdict.FAIL, 0) > excepted:
        return Status.FAILED
    if counts.get(Verdict.UNKNOWN, 0):
        return Status.UNKNOWN
    if excepted:
        return Status.ACCEPTED
    return Status.PASSED if counts.get(Verdict.PASS, 0) else Status.NOTHING
