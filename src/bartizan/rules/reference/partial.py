"""Judge one row of which some values are not known, as Kleene's logic of three values says: recursion, no short cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.rules.reference.matcher import answers_in
from bartizan.rules.reference.tree import AllOf, AnyOf, Ask
from bartizan.schema.columns import ABSENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from bartizan.rules.reference.matcher import Answers
    from bartizan.rules.reference.tree import Node
    from bartizan.schema.columns import Cell

__all__ = ["partial_truth"]


def partial_truth(tree: Node, row: Mapping[str, Cell], unknown: AbstractSet[str]) -> bool | None:
    """Say whether a tree is true of a row; None where that depends on the fields that are unknown."""
    return _truth(tree, answers_in(lambda name: row.get(name, ABSENT), tuple), unknown)


def _truth(node: Node, answers: Answers, unknown: AbstractSet[str]) -> bool | None:
    if isinstance(node, Ask):
        return None if node.field in unknown else answers(node)
    if isinstance(node, AllOf | AnyOf):
        truths = [_truth(part, answers, unknown) for part in node.parts]
        decisive = isinstance(node, AnyOf)
        if decisive in truths:
            return decisive
        return None if None in truths else not decisive
    inner = _truth(node.part, answers, unknown)
    return None if inner is None else not inner
