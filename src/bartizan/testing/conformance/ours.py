"""Answer a request with one of our own engines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from bartizan.rules.compile import compiled
from bartizan.rules.contract import Records
from bartizan.rules.naive import naive_bound
from bartizan.rules.ruleset import LoadedRules, assembled
from bartizan.schema.columns import Frame
from bartizan.schema.logsource import View
from bartizan.testing.conformance.our_correlations import Seen, correlated
from bartizan.testing.rule_cases import cell

__all__ = ["answer", "batches"]

_FILE: Final = "rules.yml"
_TODAY: Final = date(2026, 1, 1)
"""The cases know no filters that end: any day will do."""


def answer(asked: Mapping[str, Any], *, reference: bool = False) -> Mapping[str, Any]:
    """Judge the events of a request with the fast engine, or with the reference matcher and the naive correlations."""
    content = asked["rules"].encode("utf-8", "surrogatepass")
    lists = asked["placeholders"]
    loaded = assembled([(_FILE, compiled(content, lists))], lists, {_FILE: content}, _TODAY)
    if loaded.refused:
        return {"refused": "; ".join(refusal.why for refusal in loaded.refused)}
    events = asked["events"]
    matches = _matches(loaded, events, reference=reference)
    if len(loaded.rules) == 1:
        return {"matches": matches[0]}
    shown = [(loaded.rules[rule].title, rows) for rule, rows in matches.items() if rows and rule not in loaded.silent]
    findings: list[Mapping[str, Any]] = [{"rule": title, "events": rows} for title, rows in shown]
    if loaded.correlations:
        findings.extend(correlated(loaded, Seen(events, matches, asked["time"]), reference=reference))
    return {"findings": findings}


def _matches(loaded: LoadedRules, events: Sequence[Any], *, reference: bool) -> dict[int, list[int]]:
    """Return the numbers of the events on which each rule that judges records fires."""
    numbers = [number for number, rule in enumerate(loaded.rules) if not rule.correlation]
    views = tuple(View(logsource) for logsource in dict.fromkeys(loaded.rules[number].logsource for number in numbers))
    bound = naive_bound(loaded, numbers, views) if reference else loaded.bind(views)
    found: dict[int, set[int]] = {number: set() for number in numbers}
    for places, records in batches(events):
        for hit in bound.match(records):
            found[hit.rule].update(places[row] for row in hit.rows)
    return {rule: sorted(rows) for rule, rows in found.items()}


def batches(events: Sequence[Any]) -> list[tuple[list[int], Records]]:
    """Give JSON records and lines of text apart, each with the numbers of its events."""
    records = [number for number, event in enumerate(events) if isinstance(event, Mapping)]
    lines = [number for number, event in enumerate(events) if isinstance(event, str)]
    frame = Frame.of([{name: cell(value) for name, value in events[number].items()} for number in records])
    structured = Records(frame, [json.dumps(events[number]).encode() for number in records], structured=True)
    texts = [events[number].encode("utf-8", "surrogatepass") for number in lines]
    return [(records, structured), (lines, Records(Frame(len(lines), {}), texts, structured=False))]
