"""Decide step by step, as the documentation draws it; what hangs on something unknown is tried both ways.

Where the authorizer calculates with three values, this asks the two-valued question for every way in which the statements
that hang on unknown keys can turn out, and looks whether the answer changes.

Source: IAM User Guide, "Policy evaluation logic" (with its diagram for one account and for two), "Permissions boundaries".
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.aws import specials
from bartizan.review.cloud.permission.aws.callers import caller_of
from bartizan.review.cloud.permission.aws.naive.gathering import gathered
from bartizan.review.cloud.permission.aws.reference import reference
from bartizan.review.cloud.permission.aws.request import Request
from bartizan.review.cloud.permission.aws.targets import target_of
from bartizan.review.cloud.permission.contract import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.review.cloud.permission.aws.estate import Estate
    from bartizan.review.cloud.permission.aws.naive.gathering import Gathered, Turn

__all__ = ["Told", "decide"]


@dataclass(frozen=True)
class Told:
    """What the naive evaluation says; nothing of why."""

    answer: Answer
    depends: tuple[str, ...] = ()


_IDENTIFIED: Final = ("user", "role", "group", "root", "federated-user")
_MOST: Final = 12
"""4,096 ways to try."""


def decide(estate: Estate, principal: str, action: str, resource: str, context: Mapping[str, Sequence[str]]) -> Told:
    """Decide one question as ``AwsAuthorizer.decide`` does, without its reasons."""
    known = reference().actions.get(action.lower())
    if known is None:
        return Told(Answer.UNKNOWN)
    target = target_of(estate, resource if known.resources else "*")
    request = Request(caller_of(estate, principal), known, target, {key.lower(): values for key, values in context.items()})
    settled = specials.settled(request)
    if settled is not None:
        return Told(Answer.ALLOWED if settled.truth.holds else Answer.DENIED)
    return _told(gathered(estate, request))


def _told(box: Gathered) -> Told:
    """Return the answer, and the keys of which a change would change it."""
    open_ = [turn for turn in box.turns() if turn.told is None]
    if len(open_) > _MOST:
        message = f"{len(open_)} open statements are too many to try"
        raise ValueError(message)
    settled = {turn.number: turn.told for turn in box.turns() if turn.told is not None}
    outcomes = {
        ways: _allowed(box, settled | {turn.number: way for turn, way in zip(open_, ways, strict=True)})
        for ways in product((False, True), repeat=len(open_))
    }
    if len(set(outcomes.values())) == 1:
        return Told(Answer.ALLOWED if outcomes[(False,) * len(open_)] else Answer.DENIED)
    swayed = [
        turn
        for number, turn in enumerate(open_)
        if any(outcomes[ways] != outcomes[(*ways[:number], not ways[number], *ways[number + 1 :])] for ways in outcomes)
    ]
    if any(turn.gaps for turn in swayed):
        return Told(Answer.UNKNOWN)
    return Told(Answer.CONDITIONAL, tuple(sorted({key for turn in swayed for key in turn.keys})))


def _allowed(box: Gathered, holds: Mapping[int, bool]) -> bool:
    """Walk the diagram once: every statement either takes part or does not."""

    def one_of(turns: list[Turn]) -> bool:
        return any(holds[turn.number] for turn in turns)

    if one_of(box.denies) or not all(one_of(level) for level in box.levels):
        return False  # an explicit deny in any policy; or a level of the organization that does not allow
    if box.kind not in _IDENTIFIED:  # nobody with policies of their own
        return one_of(box.itself)
    identity = box.kind == "root" or one_of(box.identity)
    limited = (box.boundary is None or one_of(box.boundary)) and (box.session is None or one_of(box.session))
    if box.foreign:  # both accounts have to allow
        return one_of([*box.itself, *box.role, *box.account]) and identity and limited
    if one_of(box.itself):  # given to whoever asks, whatever bounds their own policies
        return True
    if box.must_name and not one_of([*box.role, *box.account]):
        return False
    return (one_of(box.role) or identity) and limited
