"""Make the page of a review: what every face shows of it, in the order in which it is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.explain.risk import LEVELS
from bartizan.explain.text import amount
from bartizan.review.cloud.contract import Verdict
from bartizan.review.cloud.permission.assuming import assumptions
from bartizan.review.cloud.ways import WayTold, ways_told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Gap
    from bartizan.review.cloud.checks.contract import About, Check
    from bartizan.review.cloud.checks.outcome import Outcome
    from bartizan.review.cloud.contract import Judgement
    from bartizan.review.cloud.paths.contract import Undecided
    from bartizan.review.cloud.reviewed import Reviewed

__all__ = ["CloudPage", "Failing", "GapTold", "Untold", "page_of"]

_NOT_FAILED: Final = frozenset({"not-in-origin", "assumed"})
"""Reasons of gaps that are no fault of the reading: an origin does not tell it, or a value was taken for one that nobody gave."""
_RANK: Final = {level: rank for rank, level in enumerate(reversed(LEVELS))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A check that fails somewhere. ``excepted``: failures that an exception accepts."""

    check: Check
    about: About
    open: tuple[Judgement, ...]
    excepted: tuple[Judgement, ...]
    counts: Mapping[Verdict, int]

    @property
    def level(self) -> str:
        """Return how grave it is."""
        return self.check.rule.level


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """One reason for which something could not be judged: how often, and by how many checks."""

    why: str
    count: int
    checks: tuple[str, ...]
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GapTold:
    """What could not be read, for one reason: how many calls or places, the first of them, and what would tell of it."""

    reason: str
    count: int
    calls: tuple[str, ...]
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudPage:
    """Everything that is told of a review."""

    reviewed: Reviewed
    headline: str
    totals: Mapping[Verdict, int]
    levels: Mapping[str, Mapping[Verdict, int]]
    """By level of the checks."""
    failing: tuple[Failing, ...]
    """The gravest first, then by how many resources."""
    excepted: int
    untold: tuple[Untold, ...]
    undecided: tuple[Untold, ...]
    """Why hops could not be decided; ``checks`` are rules of paths."""
    ways: tuple[WayTold, ...]
    gaps: tuple[GapTold, ...]
    kinds: tuple[tuple[str, str, int], ...]
    """Provider, kind and number of resources."""

    @property
    def open(self) -> int:
        """Count the failures that no exception accepts."""
        return sum(len(one.open) for one in self.failing)

    @property
    def yellow(self) -> bool:
        """Say whether something could not be told: a page that is yellow never says that all is well."""
        return bool(self.untold or self.gaps or self.reviewed.paths.undecided or self.reviewed.verdicts.refused)

    @property
    def unread(self) -> bool:
        """Say whether something failed that could have been read or judged, beside what an origin never tells."""
        verdicts = self.reviewed.verdicts
        failed = any(gap.reason not in _NOT_FAILED for gap in self.reviewed.facts.gaps)
        return failed or bool(verdicts.refused) or any(one.raised for one in verdicts.outcomes)


def page_of(reviewed: Reviewed) -> CloudPage:
    """Return the page of a review."""
    outcomes = reviewed.verdicts.outcomes
    levels: dict[str, Counter[Verdict]] = {level: Counter() for level in LEVELS}
    for outcome in outcomes:
        levels.setdefault(outcome.check.rule.level, Counter()).update(outcome.counts())
    failing = sorted(_failing(reviewed), key=lambda one: (not one.open, -_RANK.get(one.level, 0), -len(one.open), one.check.name))
    ways = ways_told(reviewed)
    gaps = tuple(_gaps(reviewed.facts.gaps))
    return CloudPage(
        reviewed=reviewed,
        headline=_headline(failing, ways, reviewed),
        totals=reviewed.verdicts.counts(),
        levels=levels,
        failing=tuple(failing),
        excepted=sum(len(one.excepted) for one in failing),
        untold=tuple(_untold(outcomes)),
        undecided=tuple(_undecided(reviewed.paths.undecided)),
        ways=ways,
        gaps=gaps,
        kinds=tuple(
            (provider, kind, count)
            for (provider, kind), count in sorted(Counter((one.provider, one.kind) for one in reviewed.facts.resources).items())
        ),
    )


def _failing(reviewed: Reviewed) -> Iterator[Failing]:
    for outcome in reviewed.verdicts.outcomes:
        failed = list(outcome.judgements(Verdict.FAIL))
        if failed:
            yield Failing(
                check=outcome.check,
                about=reviewed.checks.tell(outcome.check),
                open=tuple(one for one in failed if one.exception is None),
                excepted=tuple(one for one in failed if one.exception is not None),
                counts=outcome.counts(),
            )


def _untold(outcomes: Sequence[Outcome]) -> Iterator[Untold]:
    """Yield the reasons for which nothing could be said, the most frequent first."""
    found: dict[str, list[Judgement]] = {}
    for outcome in outcomes:
        for judgement in outcome.judgements(Verdict.UNKNOWN):
            found.setdefault(judgement.why, []).append(judgement)
    for why, held in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        checks = tuple(dict.fromkeys(one.check for one in held))
        yield Untold(why=why or "no reason was given", count=len(held), checks=checks, example=held[0].resource.uid)


def _undecided(hops: Sequence[Undecided]) -> Iterator[Untold]:
    """Yield the reasons for which it could not be told whether hops are there, the most frequent first."""
    found: dict[str, list[Undecided]] = {}
    for hop in hops:
        found.setdefault(hop.why, []).append(hop)
    for why, held in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        rules = tuple(dict.fromkeys(one.rule for one in held))
        yield Untold(why=why, count=len(held), checks=rules, example=f"{held[0].src} -> {held[0].dst}")


def _gaps(gaps: Sequence[Gap]) -> Iterator[GapTold]:
    """Yield what could not be read, by the reason, the most frequent first."""
    found: dict[str, list[Gap]] = {}
    for gap in gaps:
        found.setdefault(gap.reason, []).append(gap)
    for reason, held in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        details = dict.fromkeys(one.detail for one in held)
        more = f" and {amount(len(details) - 1, 'more detail')}" if len(details) > 1 else ""
        yield GapTold(reason=reason, count=len(held), calls=tuple(dict.fromkeys(one.call for one in held)), detail=held[0].detail + more)


def _headline(failing: Sequence[Failing], ways: Sequence[WayTold], reviewed: Reviewed) -> str:
    """Say in one sentence what is gravest."""
    outside = sum(way.outside for way in ways)
    there = [_RANK.get(one.level, 0) >= _RANK["high"] for one in failing if one.open]
    grave = sum(there)
    parts = []
    if outside:
        parts.append(f"{amount(outside, 'way')} from the internet to what matters")
    elif ways:
        parts.append(f"{amount(len(ways) + reviewed.more, 'way')} to what matters from inside")
    if there:
        number, level = (grave, "high or critical") if grave else (len(there), "lower")
        parts.append(f"{amount(number, 'check')} of {level} level {'fails' if number == 1 else 'fail'}")
    return "; ".join((", ".join(parts) or _quiet(reviewed), *assumptions(reviewed.facts.gaps)))


def _quiet(reviewed: Reviewed) -> str:
    """Say that nothing was found, and how much that means."""
    counts = reviewed.verdicts.counts()
    if not counts:
        return "nothing that was read can be judged"
    unknown = counts[Verdict.UNKNOWN]
    return f"nothing fails, and {amount(unknown, 'judgement')} cannot be made" if unknown else "nothing fails"
