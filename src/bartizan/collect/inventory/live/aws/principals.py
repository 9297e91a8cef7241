"""Read who there is and what they may do: IAM in one call, and who is in charge of the account by its organization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Facts, Origin
from bartizan.collect.inventory.live.aws.calls import Call
from bartizan.collect.inventory.live.aws.gaps import gap_of
from bartizan.collect.inventory.live.aws.iam import CALL, boundaries_missing, details_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.live.aws.calls import Ask, Place

__all__ = ["CALLS", "principals_of"]

CALLS: Final = (CALL, "iam:GetUser")
_KINDS: Final = ("iam_user", "iam_group", "iam_role", "iam_policy", "iam_access_key", "iam_instance_profile")


def principals_of(ask: Ask, home: Place, how: str) -> Facts:
    """Return principals, policies, attachments and memberships of an account."""
    call = Call.of(home, CALL)
    answer = ask(call)
    if answer.failure:
        return Facts(gaps=[gap_of(call, answer.failure, kinds=_KINDS)])
    told = Facts()
    boundaries = _boundaries(ask, home, boundaries_missing(answer.document), told)
    origin = Origin(how, CALL, f"{home.account}/{home.region}")
    told.add(details_facts(answer.document, origin, account=home.account, boundaries=boundaries))
    return told


def _boundaries(ask: Ask, home: Place, names: list[str], told: Facts) -> Mapping[str, str]:
    """Ask users one by one for the boundary that the details do not tell."""
    found = {}
    for name in names:
        call = Call.of(home, "iam:GetUser", {"UserName": name})
        answer = ask(call)
        if answer.failure:
            told.gaps.append(gap_of(call, answer.failure, kinds=("iam_user",), properties=("permissions_boundary",)))
            continue
        user = answer.document.get("User", {})
        if user.get("PermissionsBoundary"):
            found[str(user["Arn"])] = str(user["PermissionsBoundary"].get("PermissionsBoundaryArn", ""))
    return found
