"""Facts by what a decision looks for: the policies that hold for a target, who is in which group, the tree of an organization."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import ROOT, Origin, Statement, Uid
from bartizan.collect.inventory.managed import managed_policy
from bartizan.collect.inventory.policies import read_policy
from bartizan.review.cloud.permission.assuming import is_assumed
from bartizan.review.cloud.permission.aws.arns import account_of, arn, node
from bartizan.review.cloud.permission.aws.statements import Ready, ready

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Attachment, Facts, Gap, Grant, Principal, Resource

__all__ = ["DECLARED", "Estate", "Organization"]

DECLARED: Final = ("terraform", "template")
"""Origins that say what is to be added: what AWS attaches by itself does not stand there."""
_FULL: Final = Uid("arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess")
_IAM_KINDS: Final = {"iam_user": "user", "iam_role": "role", "iam_group": "group"}
"""Kinds of resources that are principals."""


class Organization:
    """An organization as far as it was read: its id, its management account, and what is in what."""

    def __init__(self, facts: Facts) -> None:
        """Read the tree from edges ``contains`` and from ``parent`` of accounts and OUs."""
        self.id = ""
        self.management = ""
        self.parents: dict[str, str] = {}
        for edge in facts.edges:
            if edge.kind == "contains":
                self.parents[node(edge.dst)] = node(edge.src)
        self._policies_at = {node(one.target) for one in facts.attachments if one.kind in ("scp", "rcp")}
        for resource in facts.resources:
            if resource.kind.startswith("organizations_"):
                self._learn(resource)
        for name in list(self.parents.values()):
            if name.startswith("o-"):
                self.id = self.id or name
        roots = {one for one in (*self.parents, *self.parents.values(), *self._policies_at) if one.startswith("r-")} - {ROOT}
        self._root = ROOT if not roots else roots.pop() if len(roots) == 1 else ""
        self.parents = {one: placed for one, above in self.parents.items() if (placed := self.place(above))}

    def place(self, name: str) -> str:
        """Return a node as it is known: the stand-in for the root is the one root that was read, '' where there are several."""
        return self._root if name == ROOT else name

    def is_placed(self, account: str) -> bool:
        """Say whether it is known what an account is in, up to the root."""
        return self.path(account)[:1] != () and self.path(account)[0].startswith("r-")

    def _learn(self, resource: Resource) -> None:
        if (parent := resource.properties.get("parent")) and isinstance(parent, str):
            self.parents[node(resource.uid)] = node(parent)
        found = arn(resource.uid)
        if found is None:
            return
        told = resource.properties.get("management_account")
        if isinstance(told, str):
            self.management = node(told)
        elif not self.management and found.account != "aws":
            self.management = found.account
        if not self.id:
            self.id = next((part for part in found.name.split("/") if part.startswith("o-")), "")

    def path(self, account: str) -> tuple[str, ...]:
        """Return the nodes from the root down to an account, itself included; () for one that is not in it."""
        found = [account]
        while (above := self.parents.get(found[-1])) is not None and above not in found:
            found.append(above)
        if len(found) == 1 and account != self.management:
            return ()
        return tuple(one for one in reversed(found) if not one.startswith("o-"))


class Estate:
    """The facts of AWS, indexed once."""

    def __init__(self, facts: Facts) -> None:
        """Index facts."""
        self.facts = facts
        self.organization = Organization(facts)
        self.principals: dict[str, Principal] = {one.uid: one for one in facts.principals if one.provider == "aws"}
        self.resources: dict[str, Resource] = {one.uid: one for one in facts.resources if one.provider == "aws"}
        gaps = [gap for gap in facts.gaps if gap.provider == "aws"]
        self.without_unread_scps = is_assumed(gaps, "no-scps")
        self._gaps: dict[str, list[tuple[int, Gap]]] = defaultdict(list)
        for number, gap in enumerate(gaps):
            self._gaps[gap.uid].append((number, gap))
        self.groups: dict[str, list[str]] = defaultdict(list)
        self.users_of_sessions: dict[str, str] = {}
        for edge in facts.edges:
            if edge.kind == "member-of":
                self.groups[edge.src].append(edge.dst)
            elif edge.kind == "session-of":
                self.users_of_sessions[edge.src] = edge.dst
        self.grants: dict[str, list[Grant]] = defaultdict(list)
        for grant in facts.grants:
            self.grants[grant.resource].append(grant)
        self._attached: dict[tuple[str, str], list[Attachment]] = defaultdict(list)
        self._of_nodes: dict[str, list[tuple[str, Attachment]]] = {"scp": [], "rcp": []}
        for one in facts.attachments:
            nodes = self._of_nodes.get(one.kind)
            target = one.target if nodes is None else self.organization.place(node(one.target))
            self._attached[one.kind, target].append(one)
            if nodes is not None:
                nodes.append((target, one))
        self._statements: dict[str, list[Ready]] = {}

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts of which something was read."""
        held = {one.account for one in self.principals.values()} | {one.account for one in self.resources.values()}
        return frozenset(held | {account_of(uid) for uid in self.principals}) - {"", "aws"}

    @cached_property
    def roles(self) -> Mapping[tuple[str, str], str]:
        """The ARNs of roles by account and name, as the ARN of a session has them."""
        uids = {*(uid for uid, one in self.principals.items() if one.kind == "role")}
        uids |= {uid for uid, one in self.resources.items() if one.kind == "iam_role"}
        return {(account_of(uid), uid.rsplit("/", 1)[-1]): uid for uid in sorted(uids)}

    @cached_property
    def _by_policy(self) -> Mapping[str, list[Ready]]:
        found: dict[str, list[Ready]] = defaultdict(list)
        for statement in self.facts.statements:
            found[statement.policy].append(ready(statement))
        return found

    def gaps_of(self, uids: Iterable[str]) -> Iterator[Gap]:
        """Yield the gaps about some things, and those about no certain one, in the order in which they were told."""
        found = [told for uid in {"", *uids} for told in self._gaps.get(uid, ())]
        return (gap for _, gap in sorted(found, key=itemgetter(0)))

    def attached(self, kind: str, target: str) -> Sequence[Attachment]:
        """Return what is attached to a target as identity, boundary, scp, rcp, resource, session or trust."""
        return self._attached.get((kind, target), ())

    def of_nodes(self, kind: str) -> Sequence[tuple[str, Attachment]]:
        """Return what is attached as ``scp`` or ``rcp``, each with its node; '' where that is not known."""
        return self._of_nodes[kind]

    def statements(self, policy: str) -> Sequence[Ready]:
        """Return the statements of a policy; of one that AWS manages and no origin told, those of the snapshot."""
        found = self._statements.get(policy)
        if found is None:
            found = list(self._by_policy.get(policy, ()))
            if not found and (document := managed_policy(policy)) is not None:
                read = read_policy(dict(document), Uid(policy), origin=Origin("snapshot", policy))
                found = [ready(one) for one in read.statements]
            if not found and policy.endswith("FullAWSAccess"):
                found = [ready(Statement(policy=Uid(policy), number=0, actions=("*",), resources=("*",)))]
            self._statements[policy] = found
        return found

    def full_access_is_implied(self, attachments: Sequence[Attachment]) -> bool:
        """Say whether ``FullAWSAccess`` stands beside what was read: AWS attaches it to each node, which only the account itself tells.

        It does too where a policy that could not be read is assumed to forbid nothing.
        """
        if self.without_unread_scps and not all(self.statements(one.policy) for one in attachments):
            return True
        return all(one.origin.how in DECLARED for one in attachments)

    def full_access(self) -> Sequence[Ready]:
        """Return the statements of ``FullAWSAccess``."""
        return self.statements(_FULL)

    def kind_of(self, uid: str) -> str:
        """Return what a principal is: user, role, group, ... or '' where it was not read."""
        known = self.principals.get(uid)
        if known is not None:
            return known.kind
        resource = self.resources.get(uid)
        return _IAM_KINDS.get(resource.kind, "") if resource is not None else ""
