"""Assume what could not be read, where a person says so: an assumption stands in the facts, and in every answer that rests on it.

It is never made by itself: without the person's word, what could not be read leaves an answer unknown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Gap, Uid
from bartizan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bartizan.collect.inventory.contract import Facts

__all__ = ["ASSUMPTIONS", "assume", "assumptions", "is_assumed"]

ASSUMPTIONS: Final = {
    "no-scps": "service and resource control policies that could not be read are assumed to forbid nothing",
    "no-deny-policies": "deny policies that could not be listed are assumed to deny nothing",
}
"""By name: what is assumed."""
_PROVIDERS: Final = {"no-scps": "aws", "no-deny-policies": "gcp"}


def assume(facts: Facts, names: Iterable[str]) -> Facts:
    """Return facts in which it stands what a person assumes; UsageError for what nobody can assume here."""
    told = []
    for name in dict.fromkeys(names):
        if name not in ASSUMPTIONS:
            message = f"--assume {name}: is nothing that can be assumed; there is {', '.join(ASSUMPTIONS)}"
            raise UsageError(message)
        told.append(Gap(provider=_PROVIDERS[name], call=f"--assume {name}", reason="assumed", detail=ASSUMPTIONS[name], uid=_uid(name)))
    return replace(facts, gaps=[*facts.gaps, *told]) if told else facts


def is_assumed(gaps: Iterable[Gap], name: str) -> bool:
    """Say whether somebody assumes it."""
    return any(gap.uid == _uid(name) for gap in gaps)


def assumptions(gaps: Iterable[Gap]) -> Sequence[str]:
    """Return what is assumed, as sentences for a summary."""
    uids = {_uid(name): said for name, said in ASSUMPTIONS.items()}
    return list(dict.fromkeys(uids[gap.uid] for gap in gaps if gap.uid in uids))


def _uid(name: str) -> Uid:
    return Uid(f"assume:{name}")
