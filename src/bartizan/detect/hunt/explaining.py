"""Say of some files why a correlation fires or does not: what its rules saw, and for each group the window that came nearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.collect.units import read, units
from bartizan.detect.correlate.batch import batch
from bartizan.detect.correlate.chain import chained
from bartizan.detect.correlate.contract import Match, Sighting
from bartizan.detect.correlate.nearest import nearest
from bartizan.detect.correlate.words import asked_words, group_words, match_words, span_words
from bartizan.detect.hunt.correlating import MOST_SIGHTINGS
from bartizan.detect.hunt.duplicates import SeenRecords
from bartizan.detect.hunt.setup import judge_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.detect.hunt.judge import Judged
    from bartizan.detect.hunt.request import Request
    from bartizan.rules.contract import Correlating, RuleSet
    from bartizan.rules.plan import Correlation

__all__ = ["CorrelationTold", "GroupTold", "describe_correlation", "explain_correlation"]


@dataclass(frozen=True, slots=True)
class GroupTold:
    """What a correlation makes of one group: the match, or the nearest window. Times in nanoseconds UTC."""

    group: str
    fires: bool
    first: int
    time: int
    why: str


@dataclass(frozen=True, slots=True)
class CorrelationTold:
    """What a correlation makes of some files. ``groups``: those that fire by time, then the others, the nearest first."""

    title: str
    id: str
    asks: str
    seen: tuple[str, ...]
    groups: tuple[GroupTold, ...]


def explain_correlation(rules: RuleSet, number: int, request: Request, paths: Sequence[str]) -> CorrelationTold:
    """Explain the correlation that has the place ``number`` among the rules."""
    correlations = _feeding(rules, number)
    one = correlations[-1]
    sightings, lacking = _gathered(rules, request, paths, {each.number for each in correlations})
    ids = [rule.id for rule in rules.rules]
    held: dict[int, Sequence[Sighting]] = {}

    def judge(plan: Correlation, of: Sequence[Sighting]) -> list[Match]:
        held[next(each.number for each in correlations if each.plan is plan)] = of
        return batch(plan, of)

    matches = chained(correlations, sightings, ids, judge)[number]
    rule = rules.rules[number]
    return CorrelationTold(
        title=rule.title,
        id=rule.id,
        asks="; ".join(describe_correlation(one.plan)),
        seen=tuple(_seen(rules, one, held[number], lacking.get(number, 0))),
        groups=tuple(_groups(one.plan, held[number], matches)),
    )


def describe_correlation(plan: Correlation) -> list[str]:
    """Write what a correlation asks, in plain words."""
    lines = [f"{asked_words(plan)}, within {span_words(plan.timespan)}"]
    if plan.group_by:
        lines.append(f"for the same {', '.join(plan.group_by)}")
    lines.append(f"of the rules {', '.join(name for name, _ in plan.rules)}")
    return lines


def _feeding(rules: RuleSet, number: int) -> list[Correlating]:
    """Return a correlation and those that feed it, itself last."""
    wanted = {number}
    for one in reversed(rules.correlations):
        if one.number in wanted:
            wanted.update(one.rules)
    return sorted((one for one in rules.correlations if one.number in wanted), key=lambda one: one.number == number)


def _gathered(rules: RuleSet, request: Request, paths: Sequence[str], wanted: set[int]) -> tuple[dict[int, list[Sighting]], dict[int, int]]:
    """Read files and return what their records are to correlations, and how many records lack a field that is asked for."""
    judge, seen = judge_for(request, rules), SeenRecords()
    found: dict[int, list[Sighting]] = {number: [] for number in wanted}
    lacking: dict[int, int] = {}
    for unit in units(paths):
        for chunk in read(unit, sources=judge.catalogue):
            judged = judge.judge(chunk)
            duplicate = frozenset(seen.add(judged.keys))
            for number, sighting in _sightings(judged, duplicate):
                if number not in wanted:
                    continue
                if sighting is None:
                    lacking[number] = lacking.get(number, 0) + 1
                elif len(found[number]) < MOST_SIGHTINGS:
                    found[number].append(sighting)
    return found, lacking


def _sightings(judged: Judged, duplicate: frozenset[int]) -> Iterator[tuple[int, Sighting | None]]:
    for one in judged.found:
        if one.row in duplicate:
            continue
        for fed in one.feeds:
            yield fed.correlation, None if fed.group is None else Sighting(one.time, one.uid, fed.rule, fed.group, fed.value)


def _seen(rules: RuleSet, one: Correlating, sightings: Sequence[Sighting], lacking: int) -> Iterator[str]:
    for place, rule in enumerate(one.rules):
        count = sum(sighting.rule == place for sighting in sightings)
        yield f"'{rules.rules[rule].title}' fired {count} times"
    if lacking:
        fields = ", ".join(dict.fromkeys(name for names in (*one.keys, *one.values) for name in names))
        yield f"{lacking} more events have not every field that it asks for ({fields})"


def _groups(plan: Correlation, sightings: Sequence[Sighting], matches: Sequence[Match]) -> Iterator[GroupTold]:
    for match in matches:
        yield GroupTold(group_words(plan, match.group), fires=True, first=match.first, time=match.time, why=match_words(plan, match))
    fired = {match.group for match in matches}
    groups: dict[tuple[str, ...], list[Sighting]] = {}
    for one in sightings:
        if one.group not in fired:
            groups.setdefault(one.group, []).append(one)
    near = sorted(((nearest(plan, members), group) for group, members in groups.items()), key=lambda pair: (pair[0].distance, pair[1]))
    for one_near, group in near:
        yield GroupTold(group_words(plan, group), fires=False, first=one_near.first, time=one_near.time, why=one_near.words)
