"""Run the cases that a rule file carries: records on which the rule must fire, and records on which it must not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bartizan.rules.contract import Bound, Records
from bartizan.rules.explain import explain
from bartizan.rules.reference import ReferenceRule, reference_bound
from bartizan.rules.reference.texts import texts_of
from bartizan.schema.columns import Cell, Frame
from bartizan.schema.logsource import View

__all__ = ["RuleCase", "case_problems", "cell", "complaint_of_record", "named_cases", "read_cases"]

_KEYS: Final = frozenset({"name", "fires", "record", "records", "raw"})
_REASONS: Final = 3
"""Reasons told in one sentence; ``bartizan explain`` tells them all."""


@dataclass(frozen=True, slots=True)
class RuleCase:
    """One case: a name, whether the rule must fire on each of its records, and the records."""

    name: str
    fires: bool
    records: Records


def named_cases(cases: object, wanted: str) -> Iterator[Mapping[Any, Any] | str]:
    """Yield the cases that have a name of their own; what is wrong with the list comes as a sentence. ``wanted``: what it should hold."""
    if not isinstance(cases, list) or not cases:
        yield f"cases: missing; give at least {wanted}"
        return
    seen: set[str] = set()
    for number, case in enumerate(cases, 1):
        name = case.get("name") if isinstance(case, Mapping) else None
        if not isinstance(name, str) or not name.strip() or name in seen:
            yield f"cases: number {number} needs a name of its own"
            continue
        seen.add(name)
        yield case
    if not any(isinstance(case, Mapping) and case.get("fires") is True for case in cases):
        yield "cases: none says 'fires: true'"
    if not any(isinstance(case, Mapping) and case.get("fires") is False for case in cases):
        yield "cases: none says 'fires: false'"


def read_cases(cases: object) -> Iterator[RuleCase | str]:
    """Read the value of ``cases:``; what is no case comes as the sentence that says why."""
    for case in named_cases(cases, "one record that fires and one that does not"):
        if isinstance(case, str):
            yield case
            continue
        complaint = _complaint(case)
        yield f"case {case['name']!r}: {complaint}" if complaint else _case(case)


def complaint_of_record(told: Mapping[Any, Any]) -> str:
    """Say what is wrong with the ``record``, the ``raw`` text, or both, of one event, "" if nothing is."""
    if "record" not in told and "raw" not in told:
        return "give record or raw"
    if not isinstance(told.get("raw", ""), str):
        return "raw: is no text"
    if not isinstance(told.get("record", {}), Mapping):
        return "record: is no mapping of fields"
    odd = next(_odd(told.get("record", {}), ""), None)
    return "" if odd is None else f"record: {odd} is no value of JSON (quote dates)"


def case_problems(case: RuleCase, rule: ReferenceRule, fast: Bound, number: int) -> Iterator[str]:
    """Judge a case with both engines, ``number`` being the rule's in the fast one; say what came out otherwise than it should."""
    naive = reference_bound({number: rule}, (View(rule.logsource),))
    quick, slow = _fired(fast, case.records, number), _fired(naive, case.records, number)
    several = case.records.frame.height > 1
    for row in range(case.records.frame.height):
        which = f" on record {row + 1}" if several else ""
        if (row in quick) != (row in slow):
            engine = "fast" if row in quick else "reference"
            yield f"the two engines disagree{which}: only the {engine} one lets it fire"
        elif (row in slow) is not case.fires:
            expected = "should fire, did not" if case.fires else "should not fire, did"
            yield f"{expected}{which}: {_why(rule, case.records, row)}"


def _fired(bound: Bound, records: Records, number: int) -> set[int]:
    return {row for hit in bound.match(records) if hit.rule == number for row in hit.rows}


def _why(rule: ReferenceRule, records: Records, row: int) -> str:
    texts = texts_of(records.raw[row], structured=records.structured)
    why = explain(rule, lambda name: records.frame.column(name)[row], lambda: texts).why
    rest = f"; and {len(why) - _REASONS} more" if len(why) > _REASONS else ""
    return "; ".join(why[:_REASONS]) + rest


def _complaint(case: Mapping[Any, Any]) -> str:
    """Say what is wrong with a case, "" if nothing is."""
    unknown = [str(key) for key in case if key not in _KEYS]
    if unknown:
        return f"{', '.join(unknown)}: no such key (write name, fires and one of record, records, raw)"
    if not isinstance(case.get("fires"), bool):
        return "fires: say true or false"
    given = [key for key in ("record", "records", "raw") if key in case]
    if len(given) != 1:
        return "give one of record, records, raw"
    if given == ["raw"]:
        return "" if isinstance(case["raw"], str) else "raw: is no text"
    rows = case["records"] if given == ["records"] else [case["record"]]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        return f"{given[0]}: is no mapping of fields" if given == ["record"] else "records: is no list of mappings"
    odd = next((place for row in rows for place in _odd(row, "")), None)
    return "" if odd is None else f"{given[0]}: {odd} is no value of JSON (quote dates)"


def _odd(value: object, place: str) -> Iterator[str]:
    """Find values that no JSON record could hold."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _odd(inner, f"{place}.{name}" if place else str(name)) if isinstance(name, str) else (str(name),)
    elif isinstance(value, list):
        for inner in value:
            yield from _odd(inner, place)
    elif not isinstance(value, str | int | float | bool | None):
        yield place


def _case(case: Mapping[str, Any]) -> RuleCase:
    name, fires = case["name"], case["fires"]
    if "raw" in case:
        return RuleCase(name, fires, Records(Frame(1, {}), [case["raw"].encode("utf-8", "surrogatepass")], structured=False))
    rows: Sequence[Mapping[str, Any]] = case["records"] if "records" in case else [case["record"]]
    frame = Frame.of([{field: cell(value) for field, value in row.items()} for row in rows])
    return RuleCase(name, fires, Records(frame, [json.dumps(row).encode() for row in rows], structured=True))


def cell(value: Any) -> Cell:  # noqa: ANN401 - JSON holds anything
    """Return a value of JSON as a cell."""
    if isinstance(value, list):
        return tuple(cell(inner) for inner in value)
    return {name: cell(inner) for name, inner in value.items()} if isinstance(value, Mapping) else value
