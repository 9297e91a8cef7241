"""Say which properties a declaration tells of: where it is not known of what it tells them, these are in doubt, and no others."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bartizan.collect.inventory.declared.sections import Entry

__all__ = ["given_by", "touched"]

_ATTACHED: Final = {"identity": "policies", "boundary": "policies", "trust": "trust", "resource": "policy"}
"""By how a policy is attached, the property that stands for it."""


@cache
def touched(entry: Entry) -> tuple[str, ...]:
    """Return the properties that an entry may tell of a resource, () where it could be any of them."""
    named = {*entry.gives, *entry.adds, *entry.counts, *entry.defaults}
    for told in entry.policies:
        if told.get("attach") not in _ATTACHED:
            return ()
        named.add(_ATTACHED[told["attach"]])
        named |= {told["adds"]} if "adds" in told else set()
    for told in entry.edges:
        if told["kind"] != "member-of":
            return ()
        named.add("policies")
    named |= {name for name, table in (("rules", entry.rules), ("grants", entry.grants)) if table}
    return () if entry.attaches else tuple(sorted(named))


@cache
def given_by(entry: Entry, path: str) -> tuple[str, ...]:
    """Return the properties that an entry reads at a path, () where there is none."""
    found = {
        name: [told] if isinstance(told, str) else told if isinstance(told, list) else [told["at"]] for name, told in entry.gives.items()
    }
    return tuple(sorted(name for name, paths in found.items() if path in paths))
