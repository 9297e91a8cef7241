"""Keep a case that somebody has closed or was given from being merged with another one: that is proposed, and a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.investigate.contract import Case, Link
    from bartizan.investigate.decisions import Decided

__all__ = ["Proposal", "proposals_of"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two cases that links would make one, of which one is closed or assigned; ids as they are known."""

    one: str
    other: str
    links: tuple[Link, ...]

    @property
    def pairs(self) -> frozenset[str]:
        """Return the pairs of signals that are kept apart until somebody decides."""
        return frozenset(f"{link.a}-{link.b}" for link in self.links)


def proposals_of(cases: Sequence[Case], decided: Decided) -> list[Proposal]:
    """Return the merges that links would make of a closed or assigned case and another known one."""
    guarded = _guarded(decided)
    found = []
    for case in cases:
        known = {decided.anchors[signal.id]: signal.id for signal in case.signals if signal.id in decided.anchors}
        for name, members in guarded.items():
            others = sorted(set(known) - {name})
            if name not in known or not others:
                continue
            outside = {signal.id for signal in case.signals} - members
            links = tuple(
                link for link in case.links if link.type != "person" and ({link.a, link.b} & members) and ({link.a, link.b} & outside)
            )
            if links and known[others[0]] in outside:
                found.append(Proposal(name, others[0], links))
    return found


def _guarded(decided: Decided) -> Mapping[str, set[str]]:
    """Return the signals that closed and assigned cases had when that was decided last."""
    found: dict[str, set[str]] = {}
    for name, entries in decided.by_case.items():
        for entry in entries:
            if entry.type in {"close", "assign"}:
                found[name] = set(entry.body.get("signals", ()))
            elif entry.type == "reopen":
                found.pop(name, None)
    return found
