"""Judge what filters hold back, at the price of the records that they are about.

A filter for any rule of a log source would have each of a thousand rules judged a second time. So the filters are asked
first, once each, of all rows, and the rules only of the rows on which some filter holds something back.
"""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

from bartizan.rules.contract import Hit, Records
from bartizan.rules.match import FastBound
from bartizan.rules.plan import AllOf, Node, Not

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.rules.match import Memory
    from bartizan.schema.logsource import View

__all__ = ["HeldBound", "held_by"]


def held_by(before: Node, asked: Node) -> Node:
    """Return what is true of the records that a filter holds back: what was asked before it, and not what it asks."""
    return AllOf((before, negated(asked)))


def negated(node: Node) -> Node:
    """Return the negation of a node; of a negation, what it negates."""
    return node.part if isinstance(node, Not) else Not(node)


class HeldBound:
    """What filters hold back, bound to one route; see ``bartizan.rules.contract.Bound``. ``rules`` are places in ``RuleSet.held``."""

    def __init__(self, conditions: Sequence[tuple[int, Node, View]], filters: Sequence[Node], memory: Memory) -> None:
        """Bind conditions (place, plan, view); ``filters[i]`` is what the filter of ``conditions[i]`` asks."""
        self._held = FastBound(conditions, memory)
        # Views are told apart by identity: they hold mappings, and the route has the few that there are.
        asked = {(id(one), id(view)): (one, view) for one, (_, _, view) in zip(filters, conditions, strict=True)}
        self._asked = FastBound([(number, negated(one), view) for number, (one, view) in enumerate(asked.values())], memory)
        self.rules: Sequence[int] = self._held.rules
        self.fields: frozenset[str] = self._held.fields | self._asked.fields

    def match(self, records: Records) -> Sequence[Hit]:
        """Judge every row; hits in the order of ``RuleSet.held``, rows ascending."""
        rows = sorted({row for hit in self._asked.match(records) for row in hit.rows})
        if not rows:
            return ()
        some = records
        if len(rows) < records.frame.height:
            some = Records(records.frame.take(rows), [records.raw[row] for row in rows], structured=records.structured)
        return [replace(hit, rows=array("i", [rows[row] for row in hit.rows])) for hit in self._held.match(some)]

    def missing(self, rule: int, present: frozenset[str]) -> tuple[str, ...]:
        """Name the fields without which nothing can be held back; () if it can."""
        return self._held.missing(rule, present)
