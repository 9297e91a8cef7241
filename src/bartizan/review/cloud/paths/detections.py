"""Say which detections would see a hop: those whose rule selects a record that the hop leaves, or none, and the hop is blind.

A rule *selects* an event where it can be true of a record of that name and cannot be of one whose name nobody knows. What it asks
beside (who, from where) may still keep it silent: to be seen here is to have a chance of it. Rules for calls that failed see no hop, nor
do rules that only tell a correlation what to count.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.rules.logic.parts import positive_tests
from bartizan.rules.plan import AllOf, AnyOf, Not, Test, Text
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.review.cloud.paths.contract import Event, PathRule
    from bartizan.rules.contract import Rule
    from bartizan.rules.plan import Node, Predicate
    from bartizan.rules.ruleset import LoadedRules

__all__ = ["Sight", "is_blind", "sights"]

_NOBODY: Final = "no such event, by any name"


@dataclass(frozen=True, slots=True)
class Sight:
    """A record that a hop leaves, and the rules that select it."""

    event: Event
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class _Log:
    """How the records of a provider name what was done: fields for the source and the name, with other names that rules use."""

    views: tuple[View, ...]
    source: tuple[str, ...]
    name: tuple[str, ...]
    failed: tuple[str, ...]
    part: tuple[str, ...] = ()
    """Fields for what stands behind a slash in the source."""


_LOGS: Final[Mapping[str, _Log]] = {
    "aws": _Log((View(Logsource("aws", service="cloudtrail")),), ("eventSource",), ("eventName",), ("errorCode", "errorMessage")),
    "azure": _Log(
        (View(Logsource("azure", service="activitylogs")), View(Logsource("azure", service="auditlogs"))),
        ("ResourceProvider",),
        ("operationName", "operationName.value", "properties.message", "OperationName"),
        (),
    ),
    "gcp": _Log(
        (View(Logsource("gcp", service="gcp.audit")),),
        ("data.protoPayload.serviceName", "gcp.audit.service_name"),
        ("gcp.audit.method_name", "data.protoPayload.methodName", "methodName"),
        (),
    ),
    "kubernetes": _Log(
        (View(Logsource("kubernetes", "application", "audit")),), ("objectRef.resource",), ("verb",), (), ("objectRef.subresource",)
    ),
}


def sights(paths: Iterable[PathRule], rules: LoadedRules) -> dict[str, tuple[Sight, ...]]:
    """Return, for each rule of paths by its id, the records it leaves with the rules that select them."""
    known: dict[tuple[str, Event], tuple[Rule, ...]] = {}
    plans = {provider: rules.plans(log.views) for provider, log in _LOGS.items()}
    silent: defaultdict[str, list[tuple[Rule, Node]]] = defaultdict(list)
    for provider, log in _LOGS.items():
        nothing = dict.fromkeys((*log.source, *log.name, *log.part), _NOBODY)
        for number, node, _ in plans[provider]:
            if number not in rules.silent and _truth(node, nothing) is False and not _of_failures(node, log):
                silent[provider].append((rules.rules[number], node))
    found: dict[str, tuple[Sight, ...]] = {}
    for path in paths:
        for event in path.emits:
            if (path.provider, event) not in known:
                known[path.provider, event] = tuple(_selecting(silent[path.provider], _given(_LOGS[path.provider], event)))
        found[path.id] = tuple(Sight(event, known[path.provider, event]) for event in path.emits)
    return found


def is_blind(seen: Sequence[Sight]) -> bool:
    """Say whether no rule selects any record of a hop."""
    return not any(one.rules for one in seen)


def _given(log: _Log, event: Event) -> dict[str, str]:
    source, _, part = event.source.partition("/") if log.part else (event.source, "", "")
    return {**dict.fromkeys(log.source, source), **dict.fromkeys(log.name, event.name), **dict.fromkeys(log.part, part)}


def _selecting(rules: Iterable[tuple[Rule, Node]], given: Mapping[str, str]) -> Iterable[Rule]:
    return (rule for rule, node in rules if _truth(node, given) is not False)


def _of_failures(node: Node, log: _Log) -> bool:
    """Say whether a rule wants a certain error."""
    return any(test.field in log.failed and any(isinstance(one, Text) for one in test.of) for test in positive_tests(node))


def _truth(node: Node, given: Mapping[str, str]) -> bool | None:
    """Say whether a plan is true where fields have these texts; None where it depends on more."""
    if isinstance(node, Test):
        if node.field not in given:
            return None
        held = [_holds(one, given[node.field]) for one in node.of]
        return _joined(held, deciding=not node.every)
    if isinstance(node, Not):
        inner = _truth(node.part, given)
        return None if inner is None else not inner
    held = [_truth(part, given) for part in node.parts]
    return _joined(held, deciding=isinstance(node, AnyOf)) if isinstance(node, AllOf | AnyOf) else None


def _joined(held: Sequence[bool | None], *, deciding: bool) -> bool | None:
    """Join truths: one that is ``deciding`` decides, one that is not known leaves it open."""
    if deciding in held:
        return deciding
    return None if None in held else not deciding


def _holds(one: Predicate, text: str) -> bool | None:
    if not isinstance(one, Text):
        return None
    held = text if one.cased else text.lower()
    return {"is": held == one.text, "in": one.text in held, "start": held.startswith(one.text), "end": held.endswith(one.text)}[one.how]
