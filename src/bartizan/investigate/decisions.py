"""Read from a journal what people decided about cases: links cut, cases merged, notes, who has them, what they turned out to be.

Membership is never stored: a cut is a link that no longer counts, a merge a link that a person made, and undoing either gives
back what was. Signals are named by their ids, which follow from records.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bartizan.investigate.contract import Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.investigate.contract import Case, Signal
    from bartizan.investigate.journal import Entry

__all__ = ["UNDOABLE", "Decided", "Standing", "decided", "standing_of"]

UNDOABLE: Final = frozenset({"cut", "merge", "note", "assign", "close", "reopen", "clear"})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands: ``new``, ``assigned``, ``closed``, ``reopened``; since when, by whom, why."""

    state: str = "new"
    why: str = "nobody has looked at it yet"
    by: str = ""
    since: int = 0
    assignee: str = ""
    reason: str = ""
    """As what it was closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What holds of the decisions, those that were undone left out. Cases are named by ids."""

    anchors: Mapping[str, str] = field(default_factory=dict)
    """Signal -> id of the case that it made known first."""
    cut: frozenset[str] = frozenset()
    """Pairs of signals, ``a-b``, between which no link counts."""
    merges: tuple[Entry, ...] = ()
    by_case: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    cleared: Mapping[tuple[str, str], Entry] = field(default_factory=dict)
    """(Case, entity) -> who cleared it and why."""

    def links(self, signals: Mapping[str, Signal]) -> list[Link]:
        """Return the links that people made between signals that there are."""
        made = []
        for entry in self.merges:
            pair = sorted((signals[name] for name in entry.body["signals"] if name in signals), key=lambda one: (one.first, one.id))
            if len(pair) == 2:  # noqa: PLR2004 - a link has two ends
                comment = f": {entry.body['comment']}" if entry.body.get("comment") else ""
                reason = f"{entry.by} merged their cases{comment}"
                made.append(Link(pair[0].id, pair[1].id, "person", f"entry:{entry.seq}", 99.0, pair[1].first, reason))
        return made


def decided(entries: Iterable[Entry]) -> Decided:
    """Return what the entries of a journal come to."""
    kept = list(entries)
    undone = {entry.body.get("seq") for entry in kept if entry.type == "undo"}
    held = [entry for entry in kept if entry.seq not in undone]
    anchors: dict[str, str] = {}
    by_case: dict[str, tuple[Entry, ...]] = {}
    for entry in held:
        if entry.type == "derived":
            for one in entry.body["cases"]:
                anchors.setdefault(one["anchor"], one["id"])
        elif "case" in entry.body:
            by_case[entry.body["case"]] = (*by_case.get(entry.body["case"], ()), entry)
    return Decided(
        anchors=anchors,
        cut=frozenset(pair for entry in held if entry.type == "cut" for pair in entry.body["pairs"]),
        merges=tuple(entry for entry in held if entry.type == "merge"),
        by_case=by_case,
        cleared={(entry.body["case"], entry.body["entity"]): entry for entry in held if entry.type == "clear"},
    )


def standing_of(case: Case, entries: Sequence[Entry]) -> Standing:
    """Return where a case stands: what was decided last holds, until signals come that were not known then."""
    now = Standing(since=case.signals[0].first)
    for entry in entries:
        comment = f": {entry.body['comment']}" if entry.body.get("comment") else ""
        if entry.type == "assign":
            to = entry.body["to"]
            now = replace(now, state="assigned", why=f"{entry.by} gave it to {to}{comment}", by=entry.by, since=entry.time, assignee=to)
        elif entry.type == "reopen":
            now = replace(now, state="reopened", why=f"{entry.by} reopened it{comment}", by=entry.by, since=entry.time, reason="")
        elif entry.type == "close":
            reason = entry.body["reason"]
            told = f"{entry.by} closed it as {reason.replace('-', ' ')}{comment}"
            now = replace(now, state="closed", why=told, by=entry.by, since=entry.time, reason=reason)
            late = {signal.id: signal for signal in case.signals}.keys() - set(entry.body["signals"])
            if late:
                many = "1 signal" if len(late) == 1 else f"{len(late)} signals"
                now = replace(now, state="reopened", why=f"{told}, but {many} came that were not known then", reason="")
    return now
