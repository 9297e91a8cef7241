"""Say of every rule whether it ran: no rule is silently lost."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bartizan.collect.catalogue import catalogue
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
    missing = _missing(judge, present)
    return [_verdict(number, rule, request, missing, findings.get(number, 0)) for number, rule in enumerate(rules.rules)]


def _verdict(number: int, rule: Rule, request: Request, missing: Mapping[int, list[tuple[str, ...]]], findings: int) -> RuleVerdict:
    if not request.wants(rule):
        return RuleVerdict(rule, "not-asked", "its level or tags were not asked for", findings)
    routes = missing.get(number)
    if routes is None:
        return RuleVerdict(rule, "cannot-fire", f"nothing that was read is of log source {rule.logsource}", findings)
    nearest = min(routes, key=len)
    if nearest and not findings:
        return RuleVerdict(rule, "cannot-fire", f"no record has the field {', '.join(nearest)}", findings)
    return RuleVerdict(rule, "running", "", findings)


def _missing(judge: Judge, present: Mapping[RouteSeen, frozenset[str]]) -> dict[int, list[tuple[str, ...]]]:
    """Return, per rule, for each route read that it is bound to, the fields without which it could not be true there."""
    known: dict[tuple[str, str], Route] = {(source.name, route.name): route for source in catalogue().sources for route in source.routes}
    found: defaultdict[int, list[tuple[str, ...]]] = defaultdict(list)
    for seen, fields in present.items():
        bound = judge.bound(known[seen.source, seen.route])
        for number in bound.rules:
            found[number].append(bound.missing(number, fields))
    return found
