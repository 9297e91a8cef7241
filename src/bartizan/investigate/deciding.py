"""Make the entries of decisions about cases; each names the signals it is about, so that it holds whatever comes later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bartizan.errors import UsageError
from bartizan.investigate.casing import cases_of
from bartizan.investigate.decisions import UNDOABLE
from bartizan.investigate.paths import links_named

if TYPE_CHECKING:
    from bartizan.investigate.contract import Case, Link, Signal
    from bartizan.investigate.desk import CaseDesk

__all__ = ["REASONS", "about", "after_cutting", "cleared", "cut_of", "merged", "undone"]

REASONS: Final = ("true-positive", "false-positive", "benign", "test", "duplicate")
"""What a case can turn out to be."""


def about(case: Case, **said: object) -> dict[str, Any]:
    """Return the body of a decision about a case: its id, the signals it has now, and what is said."""
    return {"case": case.id, "signals": [signal.id for signal in case.signals], **said}


def cut_of(case: Case, name: str) -> list[Link]:
    """Return the links that a cut of this name concerns: those of the pair of signals, or of the thing."""
    return links_named(case, name)


def after_cutting(desk: CaseDesk, case: Case, links: list[Link]) -> list[Case]:
    """Return what a case would fall into if some of its links did not count, the greatest score first."""
    cut = desk.decided.cut | {f"{link.a}-{link.b}" for link in links}
    by_id = {signal.id: signal for signal in desk.signals}
    made = cases_of(desk.signals, more=[*desk.links, *desk.decided.links(by_id)], cut=cut)
    members = {signal.id for signal in case.signals}
    parts = [part for part in made if members & {signal.id for signal in part.signals}]
    return [replace(part, id=case.id) if part.signals[0].id == case.signals[0].id else part for part in parts]


def merged(one: Case, other: Case, comment: str) -> dict[str, Any]:
    """Return the body of a merge: the most surprising signal of each core is tied to the other's."""
    if one.id == other.id:
        message = f"{one.id} is one case already"
        raise UsageError(message)
    return {"case": one.id, "other": other.id, "signals": [_anchor(one).id, _anchor(other).id], "comment": comment}


def cleared(case: Case, entity: str, comment: str, known: set[str]) -> dict[str, Any]:
    """Return the body of a decision that an entity is not part of a case. UsageError where it is not in it, or nobody says why."""
    if entity not in known:
        near = ", ".join(sorted(one for one in known if entity in one)[:3])
        message = f"'{entity}' is no entity of case {case.id}" + (
            f"; did you mean {near}?" if near else "; write kind:value as `case scope` does"
        )
        raise UsageError(message)
    if not comment.strip():
        message = "case clear: needs --comment: whoever meets it later must know why"
        raise UsageError(message)
    return {"case": case.id, "entity": entity, "comment": comment}


def undone(desk: CaseDesk, seq: int) -> dict[str, Any]:
    """Return the body that undoes an entry. UsageError where there is no such decision, or it is undone."""
    entry = next((one for one in desk.entries if one.seq == seq), None)
    if entry is None or entry.type not in UNDOABLE:
        message = f"entry {seq} is no decision that can be undone; `bartizan case journal` lists them"
        raise UsageError(message)
    if any(one.type == "undo" and one.body.get("seq") == seq for one in desk.entries):
        message = f"entry {seq} is undone already"
        raise UsageError(message)
    return {"seq": seq, "what": entry.type, **({"case": entry.body["case"]} if "case" in entry.body else {})}


def _anchor(case: Case) -> Signal:
    core = [signal for signal in case.signals if signal.id in case.core] or list(case.signals)
    return min(core, key=lambda signal: (-signal.bits, signal.first, signal.id))
