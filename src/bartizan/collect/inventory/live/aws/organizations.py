"""Read an organization: its tree of accounts, and the policies that hold for parts of it.

Only the management account and those to which it delegated can see it; for others each call that is denied is a gap, since a policy
that nobody could read may forbid anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Origin, Resource, Uid
from bartizan.collect.inventory.live.aws.calls import Call
from bartizan.collect.inventory.live.aws.gaps import gap_of
from bartizan.collect.inventory.policies import read_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.live.aws.calls import Ask, Place
    from bartizan.collect.inventory.live.calls import Answer

__all__ = ["CALLS", "organization_of", "seen_whole"]

CALLS: Final = (
    "organizations:DescribeOrganization",
    "organizations:DescribePolicy",
    "organizations:ListAccountsForParent",
    "organizations:ListDelegatedAdministrators",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListPolicies",
    "organizations:ListRoots",
    "organizations:ListTargetsForPolicy",
)
_KINDS: Final = {"SERVICE_CONTROL_POLICY": "scp", "RESOURCE_CONTROL_POLICY": "rcp"}
"""The policies that say who may do what, and how they are attached."""
_TREE: Final = frozenset({"organizations_organizational_unit", "organizations_account", "organizations_policy"})
"""What a reader must have seen all of to have seen the organization."""
_DEEPEST: Final = 8
"""Levels of units: AWS allows five."""


def organization_of(ask: Ask, home: Place, how: str) -> Facts:
    """Return what an account can see of its organization; nothing where it is in none."""
    return _Reader(ask, home, Origin(how, "organizations", f"{home.account}/{home.region}")).read()


def seen_whole(facts: Facts) -> Facts:
    """Leave out what accounts could not see of an organization of which another saw all, and their own short view of it.

    A member of an organization may not see what holds for it; where the management account was read as well, that hides nothing.
    """
    blind = {gap.account for gap in facts.gaps if gap.call.startswith("organizations:") and _TREE & {*gap.kinds}}
    whole = {one.uid: one.account for one in facts.resources if one.kind == "organizations_organization" and one.account not in blind}
    members = {
        edge.dst.split(":")[4]
        for edge in facts.edges
        if edge.kind == "contains" and edge.dst.endswith(":root") and edge.origin.place.split("/")[0] in whole.values()
    } - {*whole.values()}
    return replace(
        facts,
        gaps=[one for one in facts.gaps if not (one.call.startswith("organizations:") and one.account in members)],
        resources=[one for one in facts.resources if not (one.uid in whole and one.account in members)],
    )


@dataclass(slots=True)
class _Reader:
    ask: Ask
    home: Place
    origin: Origin

    def read(self) -> Facts:
        facts = Facts()
        organization = self._asked(facts, "DescribeOrganization", ("organizations_organization",)).get("Organization")
        if not organization:
            return facts
        roots = self._asked(facts, "ListRoots", ("organizations_organizational_unit", "organizations_account")).get("Roots", [])
        types = sorted({one["Type"] for root in roots for one in root.get("PolicyTypes", ()) if one.get("Status") == "ENABLED"})
        delegated = self._asked(facts, "ListDelegatedAdministrators", ("organizations_organization",)).get("DelegatedAdministrators", [])
        told = {
            "feature_set": organization.get("FeatureSet"),
            "management_account": organization.get("MasterAccountId"),
            "policy_types": types,
            "delegated_administrators": [one["Id"] for one in delegated],
        }
        facts.resources.append(self._resource(organization["Arn"], "organizations_organization", organization["Id"], told))
        targets: dict[str, Uid] = {}
        for root in roots:
            targets[root["Id"]] = Uid(root["Arn"])
            facts.edges.append(Edge(Uid(organization["Arn"]), Uid(root["Arn"]), "contains", self.origin))
            self._children(facts, targets, root["Id"], 0)
        for type_ in types or _KINDS:
            self._policies(facts, targets, type_)
        return facts

    def _children(self, facts: Facts, targets: dict[str, Uid], parent: str, depth: int) -> None:
        """Read what is in a root or unit."""
        for unit in self._listed(facts, "OrganizationalUnits", parent, "organizations_organizational_unit"):
            targets[unit["Id"]] = Uid(unit["Arn"])
            resource = self._resource(unit["Arn"], "organizations_organizational_unit", unit.get("Name", ""), {"parent": parent})
            facts.resources.append(resource)
            facts.edges.append(Edge(targets[parent], resource.uid, "contains", self.origin))
            if depth < _DEEPEST:
                self._children(facts, targets, unit["Id"], depth + 1)
        for account in self._listed(facts, "Accounts", parent, "organizations_account"):
            targets[account["Id"]] = Uid(f"arn:{self.home.partition}:iam::{account['Id']}:root")
            told = {
                "status": account.get("Status"),
                "joined_method": account.get("JoinedMethod"),
                "email": account.get("Email"),
                "parent": parent,
            }
            facts.resources.append(self._resource(account["Arn"], "organizations_account", account.get("Name", ""), told))
            facts.edges.append(Edge(targets[parent], targets[account["Id"]], "contains", self.origin))

    def _listed(self, facts: Facts, name: str, parent: str, kind: str) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self._asked(facts, f"List{name}ForParent", (kind,), ParentId=parent).get(name, [])
        return found

    def _policies(self, facts: Facts, targets: Mapping[str, Uid], type_: str) -> None:
        for summary in self._asked(facts, "ListPolicies", ("organizations_policy",), Filter=type_).get("Policies", ()):
            uid = Uid(summary["Arn"])
            held = self._asked(facts, "DescribePolicy", ("organizations_policy",), uid=uid, PolicyId=summary["Id"]).get("Policy", {})
            listed = self._asked(facts, "ListTargetsForPolicy", ("organizations_policy",), uid=uid, PolicyId=summary["Id"])
            at = listed.get("Targets", [])
            told = {"type": type_, "managed_by_aws": summary.get("AwsManaged"), "targets": [one["TargetId"] for one in at]}
            facts.resources.append(self._resource(uid, "organizations_policy", summary.get("Name", ""), told))
            if type_ in _KINDS:
                facts.add(read_policy(held.get("Content"), uid, origin=self.origin, account=self.home.account))
                facts.attachments.extend(self._attached(uid, _KINDS[type_], at if listed else [{"TargetId": ""}], targets))

    def _attached(self, uid: Uid, kind: str, at: list[Mapping[str, Any]], targets: Mapping[str, Uid]) -> Iterator[Attachment]:
        for one in at:
            yield Attachment(uid, targets.get(one["TargetId"], Uid(one.get("Arn", one["TargetId"]))), kind, origin=self.origin)

    def _asked(self, facts: Facts, operation: str, kinds: tuple[str, ...], uid: Uid = Uid(""), **parameters: str) -> Mapping[str, Any]:  # noqa: B008 - a text
        call = Call.of(self.home, f"organizations:{operation}", parameters)
        answer: Answer = self.ask(call)
        if answer.failure is None:
            return answer.document
        if answer.failure.code != "AWSOrganizationsNotInUseException":
            facts.gaps.append(gap_of(call, answer.failure, kinds=kinds, uid=uid))
        return {}

    def _resource(self, uid: str, kind: str, name: str, told: Mapping[str, Any]) -> Resource:
        return Resource(
            uid=Uid(uid),
            provider="aws",
            kind=kind,
            account=self.home.account,
            name=name,
            properties={key: value for key, value in told.items() if value is not None},
            origin=self.origin,
        )
