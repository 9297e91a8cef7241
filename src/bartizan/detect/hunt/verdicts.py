"""Say of every rule whether it ran: no rule is silently lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.detect.contract import RuleVerdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.contract import Route
    from bartizan.detect.hunt.judge import Judge, RouteSeen
    from bartizan.detect.hunt.request import Request
    from bartizan.rules.contract import Rule, RuleSet

__all__ = ["verdicts"]


def verdicts(
    rules: RuleSet, request: Request, judge: Judge, present: Mapping[RouteSeen, frozenset[str]], findings: Mapping[int, int]
) -> list[RuleVerdict]:
    """Return one verdict per loaded rule, in the order of the rules. ``present``: the fields that had a value, per route read."""
    missing = _missing(judge, present, findings)
    return [_verdict(number, rule, request, missing, findings.get(number, 0)) for number, rule in enumerate(rules.rules)]


def _verdict(number: int, rule: Rule, request: Request, missing: Mapping[int, tuple[str, ...]], findings: int) -> RuleVerdict:
    if not request.wants(rule):
        return RuleVerdict(rule, "not-asked", "its level or tags were not asked for", findings)
    if number not in missing:
        return RuleVerdict(rule, "cannot-fire", f"nothing that was read is of log source {rule.logsource}", findings)
    if missing[number]:
        return RuleVerdict(rule, "cannot-fire", f"no record has the field {', '.join(missing[number])}", findings)
    return RuleVerdict(rule, "running", "", findings)


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
