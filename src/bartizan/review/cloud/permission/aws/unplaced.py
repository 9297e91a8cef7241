"""Policies of an organization of which it is not known whether they hold for an account: what they would change is not known either.

One is attached to something that only the cloud knows, or to a root or unit of which nobody tells whether the account is in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.review.cloud.permission.aws.estate import DECLARED
from bartizan.review.cloud.permission.contract import Why
from bartizan.review.cloud.permission.truth import NOTHING, Part, unread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.collect.inventory.contract import Attachment
    from bartizan.review.cloud.permission.aws.estate import Estate

__all__ = ["perhaps", "unplaced", "why_unplaced"]


def unplaced(estate: Estate, kind: str, account: str) -> Sequence[Attachment]:
    """Return the attachments of a kind, ``scp`` or ``rcp``, of which it is not known whether they hold for an account."""
    tree = estate.organization
    root = estate.resources.get(f"arn:aws:iam::{account}:root")
    if not account or account == tree.management or (root is not None and root.properties.get("organization.member") is False):
        return ()
    held = {one.policy for name in tree.path(account) for one in estate.attached(kind, name)}
    return tuple(one for one in _open(estate, kind, account) if one.policy not in held)


def _open(estate: Estate, kind: str, account: str) -> Sequence[Attachment]:
    found = [*estate.attached(kind, "")]
    if not estate.organization.is_placed(account):
        found += [one for name, one in estate.of_nodes(kind) if name.startswith(("r-", "ou-")) and one.origin.how in DECLARED]
    return found


def why_unplaced(one: Attachment, account: str) -> str:
    """Say of which attachment it is not known whether it holds for an account."""
    where = ":".join(part for part in (one.origin.path, one.origin.place) if part)
    to = f" to {one.target}" if one.target else ""
    return f"whether {account} is in what {one.policy} is attached to is not known (the attachment{to}{f' at {where}' if where else ''})"


def perhaps(part: Part, one: Attachment, account: str) -> Part:
    """Return what a policy does where it is not known whether it holds: what it does not touch stays as it is."""
    if part.truth.holds is False:
        return NOTHING
    told = tuple(Why(why.through, f"Perhaps: {why.text}", why.statement) for why in part.why)
    return Part(unread(why_unplaced(one, account)), told)
