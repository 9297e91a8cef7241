"""Read assets of the Cloud Asset Inventory (resources, IAM policies, organization policies) and lists of the command line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, NetworkRule, Origin, Principal, Uid
from bartizan.collect.inventory.exports.contract import Format
from bartizan.collect.inventory.exports.drafts import Drafts, unread_groups
from bartizan.collect.inventory.exports.gcp.access import bound, boundary, bounded, custom_role, denied, member, perimeter
from bartizan.collect.inventory.exports.gcp.assets import NODES, Asset, account_uid, as_asset, is_asset, items, linked, mapping, text
from bartizan.collect.inventory.exports.gcp.derived import derived, environment_secrets
from bartizan.collect.inventory.exports.gcp.missing import Missing
from bartizan.collect.inventory.exports.gcp.network import FIREWALL, joined, open_ports, rules_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bartizan.collect.inventory.contract import Gap, Value

__all__ = ["FORMAT", "GcpReading"]

_PROJECT: Final = "cloudresourcemanager.googleapis.com/project"
_METADATA: Final = "compute.googleapis.com/project"
_WITH_VARIABLES: Final = ("cloud_run_service", "cloudfunctions_function")
_RIGHTS: Final[Mapping[str, Callable[[Asset, Facts], None]]] = {
    "iam.googleapis.com/denypolicy": denied,
    "iam.googleapis.com/principalaccessboundarypolicy": boundary,
    "iam.googleapis.com/policybinding": bounded,
    "accesscontextmanager.googleapis.com/serviceperimeter": perimeter,
}
_MEMBERSHIP: Final = "cloudidentity.googleapis.com/membership"
_ACCOUNT: Final = "iam.googleapis.com/serviceaccount"


class GcpReading:
    """Everything read of estates of Google Cloud so far."""

    def __init__(self, how: str = "export") -> None:
        """Begin with nothing; ``how`` it is read is told of what no record tells by itself."""
        self._missing = Missing()
        self._how = how
        self._facts = Facts()
        self._drafts = Drafts("gcp")
        self._rules: dict[Uid, list[NetworkRule]] = {}
        self._names: dict[str, str] = {}
        self._above: dict[str, tuple[str, ...]] = {}
        self._policies: dict[Uid, list[Value]] = {}

    def take(self, record: Mapping[str, Value], origin: Origin) -> None:
        """Take an asset or an element of a list."""
        asset = as_asset(record, origin)
        self._named(asset, text(record.get("name")))
        if asset.policy is not None:
            self._policies.setdefault(asset.uid, []).append(asset.policy)
            bound(asset.policy, asset.uid, origin, self._facts)
        for one in map(mapping, items(asset.constraints)):
            self._drafts.take(_constraint(one, asset))
        if asset.type == _MEMBERSHIP:
            member(asset, self._facts)
        elif asset.told:
            self._resource(asset)

    def missed(self, gap: Gap) -> None:
        """Note what could not be read, so that its absence is not taken for a fact."""
        self._missing.gaps.append(gap)

    def wholly(self, project: str, types: Iterable[str]) -> None:
        """Note that all things of some types were read of a project, by id."""
        self._missing.wholly(project, types)

    def _named(self, asset: Asset, name: str) -> None:
        """Remember by what other names a project or a service account is called, and what is above a node."""
        if asset.type == _PROJECT and text(asset.value.get("projectNumber")):
            self._names[f"{NODES}projects/{text(asset.value['projectNumber'])}"] = asset.uid
        elif asset.type == _ACCOUNT and asset.value:
            for one in (text(asset.value.get("uniqueId")), text(asset.value.get("email"))):
                self._names[
                    f"//iam.googleapis.com/projects/{text(asset.value.get('projectId')) or asset.account}/serviceAccounts/{one}"
                ] = asset.uid
            if name.startswith("//"):
                self._names[name] = asset.uid
        for place, node in enumerate(asset.ancestors):
            self._above.setdefault(node, asset.ancestors[place + 1 :])
        parent = mapping(asset.value.get("parent"))
        if asset.type == _PROJECT and text(parent.get("id")):
            self._above.setdefault(f"projects/{asset.account}", (f"{text(parent.get('type'))}s/{text(parent['id'])}",))

    def _resource(self, asset: Asset) -> None:
        known = asset.uid in self._drafts.held
        self._drafts.take(asset)
        draft = self._drafts.held.get(asset.uid)
        self._missing.metadata(asset, asset.above("project")[0] if asset.type == _METADATA and asset.account else asset.uid)
        if draft is not None and not known:
            self._missing.hide(asset, draft)
        secrets = environment_secrets(asset.value) if draft is not None and draft.kind in _WITH_VARIABLES else None
        if draft is not None and secrets is not None:
            draft.properties["environment.secrets"] = secrets
        if asset.type == FIREWALL:
            self._rules[asset.uid] = list(rules_of(asset))
        elif asset.type == "iam.googleapis.com/role" and not asset.bare:
            custom_role(asset, self._facts)
        elif asset.type in _RIGHTS:
            _RIGHTS[asset.type](asset, self._facts)
        elif asset.type == _ACCOUNT and text(asset.value.get("email")):
            principal = Principal(
                uid=asset.uid,
                provider="gcp",
                kind="service_account",
                account=asset.account,
                name=text(asset.value["email"]),
                origin=asset.origin,
            )
            self._facts.principals.append(principal)

    def facts(self) -> Facts:
        """Return everything read, put together."""
        facts, drafts = self._facts, self._drafts
        facts.edges += [replace(edge, dst=self._end(edge)) for edge in drafts.edges]
        for uid, rules in self._rules.items():
            facts.network_rules += rules
            drafts.held[uid].properties["ingress.open_ports"] = open_ports(rules)
        joined(drafts, facts)
        drafts.rename(self._known)
        drafts.finish()
        missing = self._missing
        missing.gaps = [replace(one, uid=self._known(one.uid)) for one in missing.gaps]
        missing.finish(drafts, self._project)
        policies: dict[Uid, list[Value]] = {}
        for uid, said in self._policies.items():
            policies.setdefault(self._known(uid), []).extend(said)
        derived(drafts, policies, missing, self._project)
        self._tree(facts)
        facts.attachments = [self._at(one) for one in facts.attachments]
        facts.resources += [replace(draft.finished(), account=self._project(draft.account)) for draft in drafts.held.values()]
        facts.gaps += missing.gaps + drafts.orphans()
        told = [replace(one, account=self._project(one.account)) if one.account else one for one in facts.principals]
        told.sort(key=lambda one: one.account == "")
        facts.principals = list({one.uid: one for one in reversed(told)}.values())[::-1]
        facts.edges = list({(one.src, one.dst, one.kind): one for one in reversed(facts.edges)}.values())[::-1]
        facts.gaps += unread_groups(facts, "gcp", [one.uid for one in missing.gaps])
        return facts

    def _known(self, uid: Uid) -> Uid:
        return Uid(self._names.get(uid, uid))

    def _project(self, account: str) -> str:
        return self._names.get(f"{NODES}projects/{account}", account).removeprefix(f"{NODES}projects/")

    def _at(self, one: Attachment) -> Attachment:
        scope, target = self._known(Uid(one.scope)), self._known(one.target)
        return one if (scope, target) == (one.scope, one.target) else replace(one, scope=scope, target=target)

    def _end(self, edge: Edge) -> Uid:
        """Return what an edge leads to: an account by its address, a resource of Compute Engine by its full name."""
        if edge.kind == "runs-as":
            email = edge.dst.rpartition("/")[2]
            return account_uid(email) if "@" in email else Uid(edge.dst)
        return Uid(linked(edge.dst))

    def _tree(self, facts: Facts) -> None:
        """Add what contains what: organizations, folders, projects, and resources in projects."""
        for node, above in self._above.items():
            if above:
                facts.edges.append(
                    Edge(self._known(Uid(f"{NODES}{above[0]}")), self._known(Uid(f"{NODES}{node}")), "contains", Origin(self._how))
                )
        for draft in self._drafts.held.values():
            if draft.account and not draft.uid.startswith(NODES):
                facts.edges.append(Edge(Uid(f"{NODES}projects/{self._project(draft.account)}"), draft.uid, "contains", draft.origin))


def _constraint(told: Mapping[str, Value], asset: Asset) -> Asset:
    """Return an organization policy of the old form as one of the new form."""
    name = text(told.get("constraint")).removeprefix("constraints/")
    listed = mapping(told.get("listPolicy") or told.get("list_policy"))
    boolean = mapping(told.get("booleanPolicy") or told.get("boolean_policy"))
    every = text(listed.get("allValues") or listed.get("all_values"))
    values: dict[str, Value] = {
        "allowedValues": listed.get("allowedValues", listed.get("allowed_values")),
        "deniedValues": listed.get("deniedValues", listed.get("denied_values")),
    }
    rule: dict[str, Value] = {"enforce": boolean.get("enforced", False), "values": values, "denyAll": every == "DENY"}
    node = asset.uid.removeprefix(NODES)
    data: dict[str, Value] = {"name": f"{node}/policies/{name}", "spec": {"rules": [rule]}}
    uid = Uid(f"//orgpolicy.googleapis.com/{node}/policies/{name}")
    return replace(asset, uid=uid, type="orgpolicy.googleapis.com/policy", name=name, value=data, bare=False, told=True)


FORMAT: Final = Format(
    name="gcp-cloud-asset-inventory",
    provider="gcp",
    title="Google Cloud Asset Inventory, gcloud ... --format=json",
    claims=is_asset,
    begin=GcpReading,
)
