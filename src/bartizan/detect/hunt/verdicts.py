"""Say of every rule whether it ran: no rule is silently lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.detect.contract import RuleVerdict
from bartizan.rules.plan import Every, Never, Presence, Seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.contract import Route
    from bartizan.detect.hunt.judge import Judge, RouteSeen
    from bartizan.detect.hunt.request import Request
    from bartizan.rules.contract import Correlating, Rule, RuleSet
    from bartizan.schema.logsource import Logsource

__all__ = ["Standing", "expected", "standing", "verdicts"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Why rules that judge records cannot fire, by their places ("" where they can); ``unread``: their log source was not read."""

    why: Mapping[int, str]
    unread: frozenset[int]


def standing(rules: RuleSet, judge: Judge, present: Mapping[RouteSeen, frozenset[str]], findings: Mapping[int, int]) -> Standing:
    """Look at every rule that judges records. ``present``: the fields that had a value, per route read; ``findings`` per rule."""
    missing = _missing(judge, present, findings)
    why: dict[int, str] = {}
    unread: set[int] = set()
    for number, rule in enumerate(rules.rules):
        if rule.correlation:
            continue
        if number not in missing:
            unread.add(number)
            why[number] = f"nothing that was read is of log source {rule.logsource}"
        else:
            why[number] = f"no record has the field {', '.join(missing[number])}" if missing[number] else ""
    return Standing(why, frozenset(unread))


def verdicts(rules: RuleSet, request: Request, stand: Standing, findings: Mapping[int, int]) -> list[RuleVerdict]:
    """Return one verdict per loaded rule, in the order of the rules. ``findings`` counts what each raised."""
    why = {**stand.why, **_correlations(rules, stand.why)}
    return [_verdict(number, rule, request, why[number], (findings.get(number, 0), rules)) for number, rule in enumerate(rules.rules)]


def expected(rules: RuleSet, served: Mapping[Logsource, bool]) -> list[RuleVerdict]:
    """Return one verdict per loaded rule before there are records; ``served`` says of each log source whether any source gives it."""
    why = {
        number: "" if served[rule.logsource] else f"no source that is read gives {rule.logsource}"
        for number, rule in enumerate(rules.rules)
        if not rule.correlation
    }
    why |= _correlations(rules, why)
    return [RuleVerdict(rule, "cannot-fire" if why[number] else "running", why[number]) for number, rule in enumerate(rules.rules)]


def _correlations(rules: RuleSet, why: Mapping[int, str]) -> dict[int, str]:
    """Return why correlations cannot fire, "" where they can, given that of the rules that judge records."""
    found = dict(why)
    for one in rules.correlations:
        found[one.number] = _because(one, found, rules)
    return {one.number: found[one.number] for one in rules.correlations}


def _because(one: Correlating, why: Mapping[int, str], rules: RuleSet) -> str:
    """Say which rule of a correlation keeps it from firing: any where it needs all, all where it takes what comes."""
    stuck = [place for place, rule in enumerate(one.rules) if why[rule]]
    if one.plan.presence is not None:
        can = _possible(one.plan.presence, set(range(len(one.rules))) - set(stuck))
    else:
        can = not stuck if one.plan.kind in {"bartizan_absence", "bartizan_ratio"} else len(stuck) < len(one.rules)
    if can:
        return ""
    first = one.rules[stuck[0]]
    return f"its rule '{rules.rules[first].title}' cannot fire: {why[first]}"


def _possible(presence: Presence, rules: set[int]) -> bool:
    """Say whether a condition can be true where only some rules can fire."""
    if isinstance(presence, Seen):
        return presence.rule in rules
    if isinstance(presence, Never):
        return True
    parts = [_possible(part, rules) for part in presence.parts]
    return all(parts) if isinstance(presence, Every) else any(parts)


def _verdict(number: int, rule: Rule, request: Request, why: str, known: tuple[int, RuleSet]) -> RuleVerdict:
    findings, rules = known
    if not request.wants(rule):
        return RuleVerdict(rule, "not-asked", "its level or tags were not asked for", findings)
    if why:
        return RuleVerdict(rule, "cannot-fire", why, findings)
    quiet = "a correlation names it: it raises no findings of its own" if number in rules.silent else ""
    return RuleVerdict(rule, "running", quiet, findings)


def _missing(judge: Judge, present: Mapping[RouteSeen, frozenset[str]], findings: Mapping[int, int]) -> dict[int, tuple[str, ...]]:
    """Return, per rule that is bound to a route read, the fewest fields without which it could not be true; () where it could."""
    known: dict[tuple[str, str], Route] = {
        (source.name, route.name): route for source in judge.catalogue.sources for route in source.routes
    }
    found: dict[int, tuple[str, ...]] = {}
    for seen, fields in present.items():
        bound = judge.bound(known[seen.source, seen.route])
        for number in bound.rules:
            nearest = found.get(number)
            if nearest == () or findings.get(number):
                found[number] = ()
                continue
            lacking = bound.missing(number, fields)
            found[number] = lacking if nearest is None else min(nearest, lacking, key=len)
    return found
