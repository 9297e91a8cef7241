"""Follow a condition: pySigma parses it, names are resolved here."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from sigma.conditions import ConditionAND, ConditionIdentifier, ConditionNOT, ConditionOR, ConditionSelector, SigmaCondition
from sigma.exceptions import SigmaError
from sigma.rule.detection import EmptySigmaDetections

from bartizan.rules.plan import AllOf, AnyOf, Node, Not
from bartizan.rules.refusals import Refused, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sigma.rule import SigmaDetections

__all__ = ["condition"]

_NOTHING: SigmaDetections = EmptySigmaDetections()
MAX_LENGTH = 10_000
"""Characters of a condition: the longest published one has 800; pyparsing descends once per bracket."""


def condition(text: object, selections: Mapping[str, Node]) -> Node:
    """Return what a condition asks of the selections that it names."""
    if not isinstance(text, str):
        message = f"condition: {text!r} is no text"
        raise Refused(message)
    return _resolved(_parsed(text), selections)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> object:
    if "|" in text:
        message = f"condition: '{text[:80]}': aggregations ('|') are no longer Sigma: write a correlation rule"
        raise Refused(message)
    if len(text) > MAX_LENGTH:
        message = f"condition: longer than {MAX_LENGTH} characters"
        raise Refused(message)
    try:
        return SigmaCondition(text, _NOTHING).parse(postprocess=False)
    except SigmaError as error:
        message = f"condition: '{text[:80]}' cannot be read: {error}"
        raise Refused(message) from error
    except RecursionError as error:
        message = "condition: nested too deep"
        raise Refused(message) from error


def _resolved(parsed: object, selections: Mapping[str, Node]) -> Node:
    if isinstance(parsed, ConditionIdentifier):
        return _named(parsed.identifier, selections)
    if isinstance(parsed, ConditionSelector):
        return _selected(parsed, selections)
    if isinstance(parsed, ConditionNOT):
        return Not(_resolved(parsed.args[0], selections))
    joined = cast("ConditionAND | ConditionOR", parsed)
    parts = tuple(_resolved(part, selections) for part in joined.args)
    return AllOf(parts) if isinstance(joined, ConditionAND) else AnyOf(parts)


def _named(name: str, selections: Mapping[str, Node]) -> Node:
    if name in selections:
        return selections[name]
    message = f"condition: no selection is called '{name}'{suggestion(name, selections)}"
    raise Refused(message)


def _selected(selector: ConditionSelector, selections: Mapping[str, Node]) -> Node:
    """Resolve ``1 of sel*`` and its like; names that begin with ``_`` belong to a pattern only if it begins with ``_`` too."""
    pattern = selector.pattern
    fits: Callable[[str], object] = re.compile(".*" if pattern == "them" else ".*".join(map(re.escape, pattern.split("*")))).fullmatch
    hidden = not pattern.startswith("_")
    parts = tuple(node for name, node in selections.items() if fits(name) and not (hidden and name.startswith("_")))
    if not parts:
        message = f"condition: '{selector.args[0]} of {pattern}': no selection has such a name"
        raise Refused(message)
    if len(parts) == 1:
        return parts[0]
    return AllOf(parts) if selector.args[0] == "all" else AnyOf(parts)
