"""Tell who can do what: each answer with the statement that decides it, and on what it hangs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from bartizan.explain.text import amount, shorten, visible
from bartizan.review.cloud.permission.contract import Answer
from bartizan.review.cloud.ways import assumed_in, briefly, read_at, where_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Facts
    from bartizan.review.cloud.permission.asking import Can, Found
    from bartizan.review.cloud.permission.aws.unused import Tightened

__all__ = ["can_json", "can_lines", "names_of_principals", "records_lines", "tightened_json", "tightened_lines"]

_WIDE: Final = 130
_DIFF: Final = 60
"""Lines of a diff that a terminal gets."""
_ALIKE: Final = 5
"""Actions that are told each in a line of its own, though they are alike."""
_DAY: Final = 86_400 * 1_000_000_000
_WORDS: Final = {Answer.ALLOWED: "can", Answer.CONDITIONAL: "can, if", Answer.UNKNOWN: "cannot be told", Answer.DENIED: "cannot"}


def can_lines(found: Found, *, by: str, names: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield what was found; ``by`` is principal or action: what each line begins with. ``names`` are of principals whose uid says none.

    Many actions to the same thing by the same statement are one line.
    """
    by_principal = ((_with_name(row.principal, names or {}), row) for row in found.rows)
    for what, row in by_principal if by == "principal" else _gathered(found.rows):
        decision = row.decision
        told = f" {', '.join(decision.depends)}" if decision.depends else ""
        yield f"{_WORDS[decision.answer]:15} {visible(shorten(what, _WIDE))}{visible(told)}"
        for why in (*decision.why[:1], *assumed_in(decision)):
            read = read_at(why)
            yield f"{'':15} {visible(shorten(briefly(why.text), _WIDE))}" + (f" [{visible(read)}]" if read else "")
    counts = Counter(row.decision.answer for row in found.rows)
    said = [f"{counts[answer]:,} {words.rstrip(',')}" for answer, words in _SUMMARY.items() if counts[answer]]
    resting = sum(bool(assumed_in(row.decision)) for row in found.rows)
    rests = f"; {amount(resting, 'answer rests', 'answers rest')} on what is assumed" if resting else ""
    yield from (f"{'cannot be told':15} whether it can more: {visible(shorten(why, _WIDE))}" for why in found.unread)
    if found.beyond:
        told = shorten(", ".join(found.beyond), _WIDE)
        yield f"{'':15} asked were the actions that are known; there may be more that {visible(told)} allows"
    yield f"{amount(found.asked, 'question')}: {', '.join(said) or ('nobody can' if by == 'principal' else 'nothing')}{rests}"


def _gathered(rows: Sequence[Can]) -> Iterator[tuple[str, Can]]:
    """Yield what a line tells, and the row that stands for it: one, or many that differ by their action alone."""
    alike: dict[tuple[object, ...], list[Can]] = {}
    for row in rows:
        why = row.decision.why[0] if row.decision.why else None
        by = (why.through, why.statement or why.text.replace(row.action, "")) if why else ()
        alike.setdefault((row.decision.answer, row.resource, row.decision.depends, *by), []).append(row)
    for held in alike.values():
        services = Counter(map(_service, held))
        if len(services) > _ALIKE:
            yield f"{amount(len(held), 'action')} of {amount(len(services), 'service')} on {held[0].resource}", held[0]
            continue
        for service, number in services.items():
            own = [row for row in held if _service(row) == service]
            if number > _ALIKE:
                yield f"{service}: {amount(number, 'action')} on {own[0].resource}, {own[0].action} among them", own[0]
            else:
                yield from ((f"{row.action} on {row.resource}", row) for row in own)


def _service(row: Can) -> str:
    """Return the service that an action is of, as its provider writes it; all of an action of Kubernetes, which says none."""
    action = row.action
    mark = "" if " " in action else next((one for one in (":", "/", ".") if one in action), "")
    return action.partition(mark)[0] if mark else action


def names_of_principals(facts: Facts) -> dict[str, str]:
    """Return the names of principals, by uid."""
    return {one.uid: one.name for one in facts.principals if one.name}


def _with_name(uid: str, names: Mapping[str, str]) -> str:
    name = names.get(uid, "")
    return f"{name} ({uid})" if name and name.lower() not in uid.lower() else uid


_SUMMARY: Final = {Answer.ALLOWED: "certain", Answer.CONDITIONAL: "on a condition", Answer.UNKNOWN: "cannot be told"}


def can_json(found: Found) -> dict[str, Any]:
    """Return what was found, with every reason."""
    return {
        "asked": found.asked,
        "beyond": list(found.beyond),
        "unread": list(found.unread),
        "found": [_row(row) for row in found.rows],
    }


def _row(row: Can) -> dict[str, Any]:
    decision = row.decision
    return {
        "principal": row.principal,
        "action": row.action,
        "resource": row.resource,
        "answer": decision.answer.value,
        "depends": list(decision.depends),
        "assumed": [why.text for why in assumed_in(decision)],
        "why": [{"through": why.through, "text": why.text, "where": where_of(why)} for why in decision.why],
        "reference": decision.reference,
    }


def tightened_lines(found: list[Tightened]) -> Iterator[str]:
    """Yield each policy that grants more than was used, as a diff to what it should say."""
    for one in found:
        managed = ", which AWS manages: replace it by one of your own" if one.managed else ""
        yield f"{visible(one.policy)}{managed}"
        yield f"  held by {visible(shorten(', '.join(one.holders), _WIDE))}"
        told = f"; of {len(one.untold):,} CloudTrail does not tell" if one.untold else ""
        granted = amount(len(one.used) + len(one.unused) + len(one.untold), "action")
        yield f"  of {granted} {len(one.unused):,} were not used in {amount(one.days, 'day')}{told}"
        if not one.statements:
            yield "  nothing of it was used: take it away"
        lines = one.diff.splitlines()
        yield from (f"  {visible(line)}" for line in lines[:_DIFF])
        if len(lines) > _DIFF:
            yield f"  … and {amount(len(lines) - _DIFF, 'more line')}: --json has all"
        yield ""
    yield f"{amount(len(found), 'policy grants', 'policies grant')} more than was used"


def records_lines(accounts: Iterable[str], since: Mapping[str, int], unplaced: Sequence[str], *, now: int, days: int) -> Iterator[str]:
    """Yield what the records do not tell: accounts of which there are none, or not of all days, and events that fit no permission.

    ``since``: the first record of an account, ``now``: nanoseconds UTC.
    """
    for account in sorted(accounts):
        if account not in since:
            yield f"of the account {account} there is no record: nothing that it grants can be called unused"
        elif (covered := round((now - since[account]) / _DAY)) < days:
            yield f"of the account {account} the records begin {amount(covered, 'day')} ago"
    if unplaced:
        yield f"of events of {visible(', '.join(unplaced))} it is not known which permissions they used"


def tightened_json(one: Tightened) -> dict[str, Any]:
    """Return one policy that grants more than was used."""
    return {
        "policy": one.policy,
        "holders": list(one.holders),
        "used": list(one.used),
        "unused": list(one.unused),
        "untold": list(one.untold),
        "managed": one.managed,
        "days": one.days,
        "diff": one.diff,
    }
