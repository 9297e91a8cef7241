"""Find the branches of a condition that can never matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bartizan.rules.logic.proof import Known, impossible, parts_of
from bartizan.rules.plan import AnyOf, Node, Not

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Dead", "dead_branches"]


@dataclass(frozen=True, slots=True)
class Dead:
    """A part that can never matter: a ``branch`` that is never true, or a ``filter`` that never holds anything back.

    ``single`` says that the proof takes every field to hold one value, not a list.
    """

    kind: str
    node: Node
    single: bool


def dead_branches(root: Node) -> Iterator[Dead]:
    """Yield the parts of a condition that can never matter; of a condition that is never true as a whole, the whole."""
    for single in (False, True):
        if impossible(root, Known(single=single)):
            yield Dead("whole", root, single)
            return
    found: dict[int, Dead] = {}
    for single in (False, True):
        for one in _below(root, Known(single=single)):
            found.setdefault(id(one.node), replace(one, single=single))
    yield from found.values()


def _below(node: Node, known: Known) -> Iterator[Dead]:
    """Look through the choices of a node, each with what must hold beside it."""
    parts = parts_of(node)
    together = known.with_(parts.facts) or known
    for choice in parts.choices:
        for branch, wanted in choice:
            if impossible(branch, together, wanted=wanted):
                if wanted and len(choice) > 1:
                    yield Dead("branch", branch, known.single)
            elif wanted:
                yield from _below(branch, together)
    yield from _idle_filters(node, known)


def _idle_filters(node: Node, known: Known) -> Iterator[Dead]:
    """Find what is negated beside facts that make it impossible anyway: such a filter holds nothing back."""
    positive: list[Node] = []
    negated: list[Node] = []
    waiting = [(node, True)]
    while waiting:
        one, wanted = waiting.pop()
        if isinstance(one, Not):
            waiting.append((one.part, not wanted))
        elif wanted and hasattr(one, "parts") and not isinstance(one, AnyOf):
            waiting.extend((part, True) for part in one.parts)
        elif not wanted and isinstance(one, AnyOf):
            waiting.extend((part, False) for part in one.parts)
        else:
            (positive if wanted else negated).append(one)
    facts = [fact for one in positive for fact in parts_of(one).facts]
    together = known.with_(facts)
    if together is None or not facts:
        return
    yield from (Dead("filter", one, known.single) for one in negated if impossible(one, together))
