"""Carry a Panther rule that is written as data (``Detection:``) over to a plan, where that is certain.

Only what means the same there and here is carried over: texts that a field is, contains, begins or ends with, lists of
texts, fields that are there, and these joined with All and Any. What negates, counts, compares numbers or looks at lists
differs in missing fields and types, so a rule that does is refused with the reason. Python rules are never executed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bartizan.rules.plan import AllOf, AnyOf, Exists, Node, Test, Text
from bartizan.rules.refusals import Refused

__all__ = ["plan_of"]

_HOW: Final[Mapping[str, str]] = {"Equals": "is", "Contains": "in", "StartsWith": "start", "EndsWith": "end"}


def plan_of(document: Mapping[str, Any]) -> Node:
    """Return what a Panther rule asks of an event. Raises Refused with the reason where it cannot be carried over with certainty."""
    if "Filename" in document:
        message = f"the rule is Python code ({document['Filename']}), which is never executed"
        raise Refused(message)
    expressions = document.get("Detection")
    if not isinstance(expressions, list) or not expressions:
        message = "the rule has no Detection"
        raise Refused(message)
    if document.get("InlineFilters"):
        message = "InlineFilters are not carried over"
        raise Refused(message)
    return _joined(AllOf, expressions)


def _joined(kind: type[AllOf | AnyOf], expressions: list[Any]) -> Node:
    parts = tuple(_expression(one) for one in expressions)
    return parts[0] if len(parts) == 1 else kind(parts)


def _expression(one: object) -> Node:
    if not isinstance(one, Mapping):
        message = f"'{one}' is no match expression"
        raise Refused(message)
    for name, kind in (("All", AllOf), ("Any", AnyOf)):
        if isinstance(one.get(name), list) and one[name] and len(one) == 1:
            return _joined(kind, one[name])
    return _match(one)


def _match(one: Mapping[str, Any]) -> Node:
    field = _field(one)
    condition, value = one.get("Condition"), one.get("Value")
    if condition == "Exists" and "Value" not in one:
        return Test(field, (Exists(wanted=True),))
    values = one.get("Values") if condition == "IsIn" else [value]
    how = _HOW.get(str(condition), "is" if condition == "IsIn" else "")
    if not how:
        message = f"condition {condition} means something else in missing fields or in other types than here"
        raise Refused(message)
    if not isinstance(values, list) or not values or not all(isinstance(each, str) and each for each in values):
        message = f"{field}: only texts are compared alike there and here, not {value!r}"
        raise Refused(message)
    return Test(field, tuple(Text(how, each, cased=True) for each in values))


def _field(one: Mapping[str, Any]) -> str:
    key, deep = one.get("Key"), one.get("DeepKey")
    unknown = [name for name in one if name not in {"Key", "DeepKey", "Condition", "Value", "Values"}]
    if unknown:
        message = f"{', '.join(map(str, unknown))}: not carried over"
        raise Refused(message)
    if isinstance(key, str) and deep is None and "." not in key:
        return key
    if isinstance(deep, list) and key is None and all(isinstance(part, str) and "." not in part for part in deep):
        return ".".join(deep)
    message = f"{key or deep}: cannot be told apart from another field"
    raise Refused(message)
