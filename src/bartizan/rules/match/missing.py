"""Say which absent fields keep a rule from ever being true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.rules.match.binding import KEYWORDS
from bartizan.rules.match.formula import FALSE
from bartizan.rules.match.slot import Signature
from bartizan.schema.columns import ABSENT

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from bartizan.rules.match.binding import Layout, Place, Task

__all__ = ["is_absent", "missing_of"]


def missing_of(layout: Layout, task: Task, present: frozenset[str]) -> tuple[str, ...]:
    """Name the rule's fields that are not ``present`` and without which it cannot be true; () if it can.

    Where each absent field alone would not make the rule possible, all of them are named.
    """
    absent = {name: slot for name, slot in task.fields.items() if is_absent(layout.places[slot], present)}
    slots = frozenset(absent.values())
    if not absent or _possible(layout, task, slots):
        return ()
    guilty = [name for name, slot in absent.items() if _possible(layout, task, slots - {slot})]
    return tuple(guilty or absent)


def is_absent(place: Place, present: frozenset[str]) -> bool:
    """Say whether a place has no value where only ``present`` native columns have one."""
    if place is KEYWORDS:
        return False
    if isinstance(place, str):
        return place not in present
    # A view may give the field a value although the record has none of what it is made of.
    return present.isdisjoint(place.inputs) and place.apply(*[ABSENT] * len(place.inputs)) in (ABSENT, None)


def _possible(layout: Layout, task: Task, absent: AbstractSet[int]) -> bool:
    """Say whether the rule may be true where some slots are absent and nothing is known of the others."""
    row: list[Signature] = [_NOTHING] * len(layout.slots)
    for slot in task.slots:
        row[slot] = _of_absent(layout, slot) if slot in absent else _unknown(layout, task, slot, absent)
    return task.formula.truth(row, None) != FALSE


def _of_absent(layout: Layout, slot: int) -> Signature:
    place = layout.places[slot]
    cell = ABSENT if place is KEYWORDS or isinstance(place, str) else place.apply(*[ABSENT] * len(place.inputs))
    return layout.slots[slot].signature(cell)


def _unknown(layout: Layout, task: Task, slot: int, absent: AbstractSet[int]) -> Signature:
    """Return the signature of a value of which anything may hold, but for likeness to a field that is not there."""
    anything = layout.anything.get(slot)
    if anything is None:
        anything = layout.anything[slot] = Signature(frozenset(), frozenset(range(len(layout.slots[slot].predicates))), ())
    unlike = {number for (place, number), other in task.references.items() if place == slot and other in absent}
    return Signature(frozenset(), anything.maybe - unlike, ()) if unlike else anything


_NOTHING = Signature(frozenset(), frozenset(), ())
