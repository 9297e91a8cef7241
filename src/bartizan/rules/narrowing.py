"""Leave out rules that cannot be true of a route whose records all have the same value in some field.

The Security log has some two hundred rules, each about one or two event ids. A route of one event id need not read the
fields of all the others: that is most of what decoding such records cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.rules.plan import AllOf, AnyOf, Exists, Node, Not, Null, Number, Predicate, Test, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.schema.logsource import View

__all__ = ["narrowed", "truth"]


def truth(node: Node, view: View, given: Mapping[str, str]) -> bool | None:
    """Say whether a plan is true wherever the native fields ``given`` have these texts; None where it depends on more."""
    if isinstance(node, Test):
        return _of_test(node, view, given)
    if isinstance(node, Not):
        inner = truth(node.part, view, given)
        return None if inner is None else not inner
    truths = [truth(part, view, given) for part in node.parts]
    if isinstance(node, AllOf):
        return _all(truths)
    return _any(truths) if isinstance(node, AnyOf) else None


def narrowed(node: Node, view: View, given: Mapping[str, str]) -> Node:
    """Return a plan without the branches that are decided wherever the native fields ``given`` have these texts."""
    if isinstance(node, Not):
        return Not(narrowed(node.part, view, given))
    if isinstance(node, Test):
        return node
    decided = isinstance(node, AllOf)
    kept = [part for part in node.parts if truth(part, view, given) is not decided]
    return type(node)(tuple(narrowed(part, view, given) for part in kept or node.parts))


def _of_test(test: Test, view: View, given: Mapping[str, str]) -> bool | None:
    place = view.aliases.get(test.field, test.field)
    if not isinstance(place, str) or place not in given:
        return None
    truths = [_holds(one, given[place]) for one in test.of]
    return _all(truths) if test.every else _any(truths)


def _all(truths: list[bool | None]) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


def _any(truths: list[bool | None]) -> bool | None:
    if True in truths:
        return True
    return None if None in truths else False


def _holds(one: Predicate, text: str) -> bool | None:
    if isinstance(one, Text) and one.how == "is":
        return (text if one.cased else text.lower()) == one.text
    if isinstance(one, Number):
        return text == str(one.value) or (text.isdecimal() and float(text) == one.value)
    if isinstance(one, Null):
        return False
    return one.wanted if isinstance(one, Exists) else None
