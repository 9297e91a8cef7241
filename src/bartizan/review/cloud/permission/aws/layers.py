"""Weigh the statements of one layer of policies: what denies, what allows, and which statement it is.

Source: IAM User Guide, "Policy evaluation logic".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.review.cloud.permission.aws.conditions import conditions_hold
from bartizan.review.cloud.permission.contract import Why
from bartizan.review.cloud.permission.truth import NO, NOTHING, Part, Truth, every, unread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bartizan.collect.inventory.contract import Statement
    from bartizan.review.cloud.permission.aws.request import Request
    from bartizan.review.cloud.permission.aws.statements import Ready

__all__ = ["allows", "denies", "holds", "untold", "words"]


def holds(ready: Ready, request: Request, who: Truth | None = None) -> Truth:
    """Return whether a statement that speaks of the action speaks of the request; ``who``: whether it names the caller."""
    if who is not None and who.holds is False:
        return NO
    where = ready.speaks_of(request.target.name, request.known)
    if where.holds is False:
        return NO
    when = conditions_hold(ready.statement.conditions, request.known)
    return every((where, when) if who is None else (who, where, when))


def denies(statements: Iterable[Ready], request: Request, through: str, who: Callable[[Ready], Truth] | None = None) -> Part:
    """Return whether one statement denies the request."""
    return _weighed(statements, request, through, who, denying=True)


def allows(statements: Iterable[Ready], request: Request, through: str, who: Callable[[Ready], Truth] | None = None) -> Part:
    """Return whether one statement allows the request; the reason of a no is left to who knows what it means."""
    return _weighed(statements, request, through, who, denying=False)


def _weighed(
    statements: Iterable[Ready],
    request: Request,
    through: str,
    who: Callable[[Ready], Truth] | None,
    *,
    denying: bool,
) -> Part:
    keys: frozenset[str] = frozenset()
    gaps: tuple[str, ...] = ()
    told: list[Why] = []
    for one in statements:
        if one.denies is not denying or not one.actions & request.action.bit:
            continue
        truth = holds(one, request, who(one) if who is not None else None)
        if truth.holds:
            return Part(truth, (Why(through, words(one.statement, request, "denies" if denying else "allows"), one.statement),))
        if truth.holds is None:
            keys |= truth.keys
            gaps += truth.gaps
            told.append(Why(through, words(one.statement, request, _hangs(denying=denying, truth=truth)), one.statement))
    return Part(Truth(None, keys, tuple(dict.fromkeys(gaps))), tuple(told)) if told else NOTHING


def _hangs(*, denying: bool, truth: Truth) -> str:
    verb = "denies" if denying else "allows"
    return f"{verb}, depending on {', '.join(sorted(truth.keys))}:" if truth.keys else f"perhaps {verb}"


def words(statement: Statement, request: Request, verb: str) -> str:
    """Say in one sentence what a statement does."""
    which = f"'{statement.sid}'" if statement.sid else f"{statement.number}"
    return f"Statement {which} of {statement.policy} {verb} {request.action.name} on {request.target.name}."


def untold(*gaps: str) -> Part:
    """Return a part that cannot be told."""
    return Part(unread(*gaps)) if gaps else NOTHING
