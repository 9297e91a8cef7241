"""Say which absent fields keep a rule from ever being true."""

from __future__ import annotations

from sigma.types import SigmaFieldReference

from bartizan.rules.reference.tree import AnyOf, Ask, Node, Not
from bartizan.rules.reference.values import holds
from bartizan.schema.columns import ABSENT, Cell

__all__ = ["missing_of"]


def missing_of(tree: Node, present: frozenset[str]) -> tuple[str, ...]:
    """Name the rule's fields that are not ``present`` and so make it false whatever the others hold; () if it can be true."""
    if _known(tree, present) is not False:
        return ()
    return tuple(dict.fromkeys(_guilty(tree, present, wanted=True)))


def _known(node: Node, present: frozenset[str]) -> bool | None:
    """Judge a tree of which only the absent fields are known; None where that does not decide it (Kleene's logic)."""
    if isinstance(node, Not):
        known = _known(node.part, present)
        return None if known is None else not known
    if isinstance(node, Ask):
        return _known_of_field(node, present)
    parts = [_known(part, present) for part in node.parts]
    decisive = isinstance(node, AnyOf)
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def _known_of_field(ask: Ask, present: frozenset[str]) -> bool | None:
    if ask.field is None:
        return None
    if isinstance(ask.value, SigmaFieldReference):
        return None if {ask.field, ask.value.field} <= present else False
    return None if ask.field in present else holds(ask.value, ABSENT, dict[str, Cell]().__getitem__)


def _guilty(node: Node, present: frozenset[str], *, wanted: bool) -> list[str]:
    """Collect the absent fields of the parts that are certainly not what is wanted of them."""
    if _known(node, present) is not (not wanted):
        return []
    if isinstance(node, Ask):
        other = (node.value.field,) if isinstance(node.value, SigmaFieldReference) else ()
        return [name for name in (node.field, *other) if name is not None and name not in present]
    if isinstance(node, Not):
        return _guilty(node.part, present, wanted=not wanted)
    return [name for part in node.parts for name in _guilty(part, present, wanted=wanted)]
