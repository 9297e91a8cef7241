"""Run the cases that a check file carries: resources that it must find wrong, that it must let pass, and of which it cannot tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Facts, Origin, Resource, Uid
from bartizan.review.cloud.checks.columns import Layer, declared
from bartizan.review.cloud.checks.contract import Check, Checks, Row
from bartizan.review.cloud.checks.judging import review
from bartizan.review.cloud.contract import Judgement, Verdict
from bartizan.rules.reference import partial_truth

if TYPE_CHECKING:
    from bartizan.rules.reference.tree import Node

__all__ = ["NOW", "CheckCase", "case_problems", "read_cases"]

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""What ages are counted to in cases."""
_KEYS: Final = frozenset({"name", "verdict", "properties", "unknown", "resource"})
_RESOURCE: Final = frozenset({"account", "region", "name", "tags", "uid", "kind"})
_NAIVE: Final = {True: Verdict.FAIL, False: Verdict.PASS, None: Verdict.UNKNOWN}


@dataclass(frozen=True, slots=True)
class CheckCase:
    """One case: a name, the verdict that must come out, and what is judged."""

    name: str
    verdict: Verdict
    row: Row


def read_cases(cases: object, check: Check) -> Iterator[CheckCase | str]:
    """Read the value of ``cases:``; what is no case comes as the sentence that says why."""
    found: list[CheckCase] = []
    for number, case in enumerate(cases if isinstance(cases, list) else (), 1):
        name = case.get("name") if isinstance(case, Mapping) else None
        if not isinstance(case, Mapping) or not isinstance(name, str) or not name.strip() or name in {one.name for one in found}:
            yield f"cases: number {number} needs a name of its own"
            continue
        complaint = _complaint(case, check)
        if complaint:
            yield f"case {name!r}: {complaint}"
            continue
        found.append(_case(case, check))
        yield found[-1]
    for verdict in (Verdict.FAIL, Verdict.PASS):
        if not any(one.verdict is verdict for one in found):
            yield f"cases: none says 'verdict: {verdict.value}'"


def case_problems(case: CheckCase, check: Check, tree: Node) -> Iterator[str]:
    """Judge a case with both engines, then with each property unknown, and all of them; say what came out as it must not.

    ``tree`` is the check as the reference reads it.
    """
    hiding = [*((name,) for name in check.asks), check.asks]
    said, *without = _judged(check, [case.row, *(_hidden(case.row, names) for names in hiding)])
    if said.verdict is not case.verdict:
        yield f"case {case.name!r}: should be {case.verdict.value}, is {said.verdict.value}: {said.why or 'nothing found'}"
    slow = _naive(check, case.row, tree)
    if slow is not said.verdict:
        yield f"case {case.name!r}: the two engines disagree: {said.verdict.value} by the fast one, {slow.value} by the reference"
    for names, after in zip(hiding, without, strict=True):
        if after.verdict is Verdict.PASS and (case.verdict is not Verdict.PASS or names is check.asks):
            yield f"case {case.name!r}: passes where {' and '.join(names)} cannot be read"


def judged(check: Check, row: Row) -> Judgement:
    """Return what a check says of a resource that has this row."""
    return _judged(check, [row])[0]


def _judged(check: Check, rows: Sequence[Row]) -> list[Judgement]:
    """Return what a check says of each row, as if each were of a resource of its own."""
    own = [replace(row, resource=replace(row.resource, properties=row.properties, unknown=row.unknown)) for row in rows]
    if check.join is not None:
        check = replace(check, join=replace(check.join, rows=lambda _: own, needs={}))
    alone = Checks([check], (), (), (), lambda _: None)  # type: ignore[arg-type, return-value]  # nobody asks what it says to people
    return list(review(Facts(resources=[row.resource for row in own]), alone, now=NOW))


def _hidden(row: Row, names: Sequence[str]) -> Row:
    hidden = {name.removesuffix(".age_days").removesuffix(".count"): "hidden" for name in names}
    return replace(row, unknown={**row.unknown, **hidden})


def _naive(check: Check, row: Row, tree: Node) -> Verdict:
    layer = Layer([row], check.properties, NOW)
    cells = {name: layer.cell(0, name) for name in check.asks}
    unknown = {name for name in check.asks if layer.why(0, name)}
    return _NAIVE[partial_truth(tree, cells, unknown)]


def _complaint(case: Mapping[Any, Any], check: Check) -> str:
    """Say what is wrong with a case, "" if nothing is."""
    odd = [str(key) for key in case if key not in _KEYS]
    if odd:
        return f"{', '.join(odd)}: no such key (write {', '.join(sorted(_KEYS))})"
    if case.get("verdict") not in {one.value for one in Verdict}:
        return "verdict: say pass, fail or unknown"
    properties, unknown, resource = case.get("properties", {}), case.get("unknown", []), case.get("resource", {})
    if not isinstance(properties, Mapping) or not isinstance(unknown, list) or not isinstance(resource, Mapping):
        return "properties and resource are mappings, unknown is a list of properties"
    known = check.properties
    strange = [str(name) for name in (*properties, *unknown) if not isinstance(name, str) or not declared(name, known)]
    if strange:
        return f"there is no property {', '.join(strange)}"
    if not resource.keys() <= _RESOURCE:
        return f"resource: has {', '.join(sorted(_RESOURCE))}"
    wrong = [name for name, value in properties.items() if name in known and not _fits(known[name].type, value)]
    return f"{', '.join(wrong)}: of another type than the property" if wrong else ""


_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "time": (str,),
    "policy": (str, dict),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "strings": (list,),
    "object": (dict,),
}


def _fits(kind: str, value: object) -> bool:
    return value is None or (isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool)))


def _case(case: Mapping[str, Any], check: Check) -> CheckCase:
    told = case.get("resource", {})
    resource = Resource(
        uid=Uid(str(told.get("uid", "example"))),
        provider=check.provider,
        kind=str(told.get("kind", check.subjects[0])),
        account=str(told.get("account", "")),
        region=str(told.get("region", "")),
        name=str(told.get("name", "")),
        tags=told.get("tags", {}),
        origin=Origin("case"),
    )
    unknown = dict.fromkeys(case.get("unknown", []), "could not be read")
    return CheckCase(case["name"], Verdict(case["verdict"]), Row(resource, case.get("properties", {}), unknown))
