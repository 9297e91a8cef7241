"""Decide by IAM of Google Cloud as its documentation says it, binding by binding: the twin that the authorizer must agree with.

Nothing is indexed, and every world in which what is not known turns out one way or the other is looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.roles import role, roles
from bartizan.review.cloud.permission.contract import Answer
from bartizan.review.cloud.permission.gcp.conditions import Asked, condition_holds
from bartizan.review.cloud.permission.worlds import Opens, answer_of, has_gaps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.collect.inventory.contract import Attachment, Condition, Facts, Statement, Uid
    from bartizan.review.cloud.permission.worlds import Claim

__all__ = ["answer"]

_NODES: Final = "//cloudresourcemanager.googleapis.com/"
_BASIC: Final = {"projectOwner": "roles/owner", "projectEditor": "roles/editor", "projectViewer": "roles/viewer"}
_OWNER: Final = re.compile(r"serviceAccounts/[^@]+@([^.]+)\.")


def answer(facts: Facts, principal: Uid, action: str, resource: str, context: Mapping[str, Sequence[str]]) -> Answer:
    """Answer one question about a node, a bucket, or a service account."""
    if (len(action.split(".")) != 3 and action not in roles("gcp").known) or "*" in action:  # noqa: PLR2004 - service, resource, verb
        return Answer.UNKNOWN
    return _Question(facts, principal, action, Asked(resource, context)).answer()


class _Question:
    """One question."""

    def __init__(self, facts: Facts, principal: Uid, action: str, asked: Asked) -> None:
        self._facts = facts
        self._principal = principal
        self._action = action
        self._asked = asked
        self._opens = Opens()
        self._nodes = self._above(asked.resource)

    def answer(self) -> Answer:
        """Answer: allowed where a binding allows it, no deny policy denies it and no boundary leaves it out."""
        bindings = [one for one in self._facts.attachments if one.kind == "identity" and one.scope in self._nodes]
        allows = [claim for one in bindings if self._is(one.target) == "yes" for claim in self._allows(one)]
        if not allows or has_gaps(allows):
            maybe = [claim for one in bindings if self._is(one.target) == "open" for claim in self._allows(one)]
            allows += [(*claim, self._opens.gap()) for claim in maybe]
            allows += [] if self._whole() else [(self._opens.gap(),)]
        return answer_of(allows, [*self._denies(), *self._bounds(), *self._perimeters()])

    def _whole(self) -> bool:
        """Say whether everything above was read, up to the organization, and a policy there."""
        at_the_top = [one for one in self._facts.attachments if one.scope == self._nodes[-1]]
        bound = any(one.kind == "identity" for one in self._facts.attachments)
        return bound and bool(at_the_top) and self._nodes[-1].startswith(f"{_NODES}organizations/")

    def _above(self, name: str) -> list[str]:
        found = [name]
        owner = _OWNER.search(name)
        if owner is not None:
            found.append(f"{_NODES}projects/{owner[1]}")
        for here in found:
            found += [str(edge.src) for edge in self._facts.edges if edge.kind == "contains" and edge.dst == here and edge.src not in found]
        return found

    def _allows(self, one: Attachment) -> list[Claim]:
        own = [said for said in self._facts.statements if said.policy == one.policy]
        google = None if own else role("gcp", one.policy)
        if google is not None and self._action not in google.permissions and self._action in roles("gcp").known:
            return []
        if own and not any(self._action in said.actions for said in own):
            return []
        asked = self._conditions(one.conditions)
        if own or (google is not None and self._action in google.permissions):
            return [] if asked is None else [asked]
        return [(self._opens.gap(),)] if asked is not None or self._is(one.target) == "yes" else []

    def _conditions(self, conditions: Sequence[Condition]) -> Claim | None:
        parts = [self._opens.of(condition_holds(one.values[0], self._asked)) for one in conditions]
        return None if None in parts else tuple(name for part in parts for name in part or ())

    def _denies(self) -> Iterable[Claim]:
        for gap in self._facts.gaps:
            where = gap.account if gap.account.startswith(("folders/", "organizations/")) else f"projects/{gap.account}"
            if gap.kinds == ("iam_deny_policy",) and not gap.uid and (not gap.account or f"{_NODES}{where}" in self._nodes):
                yield (self._opens.gap(),)
        for one in self._facts.attachments:
            if one.kind == "resource" and one.scope in self._nodes:
                for said in self._facts.statements:
                    if said.policy == one.policy and _covers(said, self._action):
                        who = [self._is(uid) for _, uid in said.principals]
                        spared = [self._is(uid) for _, uid in said.not_principals]
                        asked = self._conditions(said.conditions)
                        if "yes" in spared or asked is None or not {"yes", "open"} & set(who):
                            continue
                        gaps = [self._opens.gap()] * ("yes" not in who) + [self._opens.gap()] * ("open" in spared)
                        yield (*asked, *gaps)

    def _bounds(self) -> Iterable[Claim]:
        bounds = [(one, self._is(one.target)) for one in self._facts.attachments if one.kind == "boundary"]
        if any(self._inside(one) for one, who in bounds if who == "yes"):
            return
        for one, who in bounds:
            asked = self._conditions(one.conditions)
            if who != "no" and asked is not None and not self._inside(one):
                yield (*asked, self._opens.key(), *([self._opens.gap()] if who == "open" else []))

    def _perimeters(self) -> Iterable[Claim]:
        for one in self._facts.attachments:
            if one.kind == "perimeter" and one.scope in self._nodes:
                said = [said for said in self._facts.statements if said.policy == one.policy]
                yield from ((self._opens.key(),) for each in said if each.actions[0].partition(".")[0] == self._action.partition(".")[0])

    def _inside(self, one: Attachment) -> bool:
        return any(node in said.resources for said in self._facts.statements if said.policy == one.policy for node in self._nodes)

    def _is(self, name: str, *, deep: bool = True) -> str:
        """Say whether a name of a policy means the principal: yes, no, or open where nobody knows."""
        kind, _, rest = name.partition(":")
        who = str(self._principal)
        if name in ("allUsers", who):
            return "yes"
        if name == "allAuthenticatedUsers":
            return "no" if who == "allUsers" or who.startswith("principal:") else "yes"
        if kind in _BASIC:
            return self._has_basic(kind, rest) if deep else "no"
        if kind == "domain":
            return "yes" if who.startswith(("user:", "group:")) and who.endswith(f"@{rest}") else "no"
        if kind == "group":
            return self._in_group(name)
        return self._in_set(name) if kind == "principalSet" else "no"

    def _has_basic(self, kind: str, project: str) -> str:
        holders = [one for one in self._facts.attachments if one.scope == f"{_NODES}projects/{project}" and one.policy == _BASIC[kind]]
        told = {self._is(one.target, deep=False) for one in holders if not one.conditions}
        return "yes" if "yes" in told else "open" if "open" in told else "no"

    def _in_group(self, name: str) -> str:
        members = {edge.dst for edge in self._facts.edges if edge.kind == "member-of"}
        inside = {str(self._principal)}
        for _ in self._facts.edges:
            inside |= {str(edge.dst) for edge in self._facts.edges if edge.kind == "member-of" and edge.src in inside}
        if name in inside:
            return "yes"
        partly = any(gap.uid == name and "group" in gap.kinds and gap.reason != "not-in-origin" for gap in self._facts.gaps)
        read = (name in members and not partly) or not any(one.uid == name for one in self._facts.principals)
        return "no" if read or self._principal in ("allUsers", "allAuthenticatedUsers") else "open"

    def _in_set(self, name: str) -> str:
        who, path = str(self._principal), name.partition("://")[2]
        if who in ("allUsers", "allAuthenticatedUsers"):
            return "no"
        if "Pools/" in path:
            head, _, rest = path.partition("Pools/")
            pool = f"principal://{head}Pools/{rest.partition('/')[0]}/"
            return "no" if not who.startswith(pool) else "yes" if rest.endswith("/*") or "/" not in rest else "open"
        home = re.match(r"principal://iam.googleapis.com/(projects/[^/]+)/", who)
        if home is None and not who.startswith("//iam."):
            return "open"
        nodes = self._above(who if home is None else f"{_NODES}{home[1]}")
        if home is not None and name.endswith("/type/ServiceAccount"):
            return "no" if nodes[-1].startswith(f"{_NODES}organizations/") else "open"
        if path.removesuffix("/type/ServiceAccount") in [node.removeprefix("//") for node in nodes if node.startswith(_NODES)]:
            return "yes"
        return "no" if nodes[-1].startswith(f"{_NODES}organizations/") else "open"


def _covers(said: Statement, action: str) -> bool:
    def among(patterns: Sequence[str]) -> bool:
        return any(re.fullmatch(pattern.replace(".", r"\.").replace("*", ".*"), action) for pattern in patterns)

    return said.effect == "Deny" and among(said.actions) and not among(said.not_actions)
