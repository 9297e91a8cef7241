"""Read the tree of organizations, folders and projects: what is above a node, what is below, and what holds at each.

Without the right to see what is above a project nobody can say what is inherited from there: a gap says of which node.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from bartizan.collect.inventory.live.gcp.addresses import following
from bartizan.collect.inventory.live.gcp.gaps import POLICY, gap_of
from bartizan.collect.inventory.live.gcp.records import NODE_TYPES, Node, of_node, of_policy, of_thing
from bartizan.collect.inventory.live.gcp.services import Found
from bartizan.collect.inventory.live.rest.calls import pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.live.calls import Ask, Failure
    from bartizan.collect.inventory.live.gcp.addresses import Addresses
    from bartizan.collect.inventory.live.rest.calls import Call

__all__ = ["CALLS", "Tree"]

_MANAGER: Final = "cloudresourcemanager.googleapis.com/v3"
_VERSION: Final = {"options": {"requestedPolicyVersion": 3}}
"""Asks for policies with their conditions."""
_POLICIES: Final = ("projects", "folders", "organizations")
CALLS: Final = (
    *(f"resourcemanager.{kind}.{verb}" for kind in _POLICIES for verb in ("get", "getIamPolicy")),
    "resourcemanager.folders.list",
    "resourcemanager.projects.list",
    "iam.denypolicies.get",
    "iam.denypolicies.list",
    "iam.policybindings.list",
    "iam.principalaccessboundarypolicies.list",
    "iam.roles.list",
    "orgpolicy.policies.list",
)
"""What is asked of nodes, by the permission that each needs."""
_BOUNDARY: Final = "principal_access_boundary"
"""No kind of resource: what limits principals."""
_DEEPEST: Final = 12
"""Google Cloud allows ten folders below each other."""


class _About(NamedTuple):
    """What is listed at nodes: the call, the type and the member of the answer, and the kind that is missing without it."""

    call: str
    type: str
    member: str
    kind: str


@dataclass(slots=True)
class Tree:
    """Asks about nodes. ``anew`` asks without looking at what was kept."""

    ask: Ask[Call]
    addresses: Addresses
    anew: Ask[Call] | None = None
    _known: dict[str, Node | Failure] = field(default_factory=dict)

    def node(self, name: str) -> Node | Failure:
        """Return a node, by id or number, with what is above it as far as that can be seen."""
        if name not in self._known:
            answer = self.ask(self._call(f"resourcemanager.{_kind(name)}.get", f"{_MANAGER}/{name}"))
            self._known[name] = self._told(answer.document) if answer.failure is None else answer.failure
        return self._known[name]

    def above(self, node: Node) -> tuple[str, ...]:
        """Return the names of what is above a node, as far as it can be seen."""
        found = [*node.above]
        while found and len(found) < _DEEPEST:
            last = self.node(found[-1])
            more = [name for name in last.above if name not in found] if isinstance(last, Node) else []
            if not more:
                break
            found += more
        return tuple(found)

    def below(self, node: Node) -> tuple[list[Node], Found]:
        """Return all folders and projects below a node, also as records; gaps for what could not be listed."""
        found, nodes, waiting = Found(), list[Node](), [node]
        while waiting:
            here = waiting.pop(0)
            for kind in ("projects", "folders"):
                name = f"resourcemanager.{kind}.list"
                for told in self._items(self._call(name, f"{_MANAGER}/{kind}?parent={here.name}&pageSize=300"), kind, found):
                    child = self._told(told, above=(here.name, *here.above))
                    nodes.append(child)
                    found.records.append((name, of_node(child)))
                    waiting += [child] if kind == "folders" else []
        return nodes, found

    def told(self, node: Node) -> Found:
        """Return a node itself."""
        found, kind = Found(), _kind(node.name)
        known = self.node(node.name)
        if isinstance(known, Node):
            found.records.append((f"resourcemanager.{kind}.get", of_node(known)))
        else:
            found.gaps.append(gap_of(f"resourcemanager.{kind}.get", known, node.asset, kinds=(kind.removesuffix("s"),)))
        return found

    def roles(self, node: Node) -> Found:
        """Return the custom roles of an organization."""
        about = _About("iam.roles.list", "iam.googleapis.com/Role", "roles", "project_iam_custom_role")
        return self._listed(about, f"iam.googleapis.com/v1/{node.name}/roles?view=FULL&pageSize=1000", node)

    def bindings(self, node: Node) -> Found:
        """Return what policies of IAM v3 are bound to at a node."""
        about = _About("iam.policybindings.list", "iam.googleapis.com/PolicyBinding", "policyBindings", _BOUNDARY)
        return self._listed(about, f"iam.googleapis.com/v3/{node.name}/locations/global/policyBindings?pageSize=1000", node)

    def boundaries(self, node: Node) -> Found:
        """Return the principal access boundaries of an organization."""
        type_ = "iam.googleapis.com/PrincipalAccessBoundaryPolicy"
        about = _About("iam.principalaccessboundarypolicies.list", type_, "principalAccessBoundaryPolicies", _BOUNDARY)
        return self._listed(
            about, f"iam.googleapis.com/v3/{node.name}/locations/global/principalAccessBoundaryPolicies?pageSize=1000", node
        )

    def policy(self, node: Node) -> Found:
        """Return the IAM policy of a node."""
        found, kind = Found(), _kind(node.name)
        name = f"resourcemanager.{kind}.getIamPolicy"
        answer = self.ask(self._call(name, f"{_MANAGER}/{node.name}:getIamPolicy", body=_VERSION))
        if answer.failure is None:
            found.records.append((name, of_policy(node.asset, NODE_TYPES[kind], answer.document, node)))
        else:
            found.gaps.append(gap_of(name, answer.failure, node.asset, properties=POLICY))
        return found

    def denials(self, node: Node) -> Found:
        """Return the deny policies of a node, each with its rules: a list of them shows names alone; a gap where they are not listed."""
        found, where = Found(), node.id if node.name.startswith("projects/") else node.name
        point = quote(f"cloudresourcemanager.googleapis.com/{node.name}", safe="")
        address = f"iam.googleapis.com/v2/policies/{point}/denypolicies?pageSize=1000"
        for told in self._items(self._call("iam.denypolicies.list", address), "policies", found, kinds=("iam_deny_policy",), where=where):
            one = self.denial((str(told.get("name", "")), node))
            found.records += one.records
            found.gaps += one.gaps
        return found

    def denial(self, about: tuple[str, Node]) -> Found:
        """Return a deny policy, by name, of a node with its rules; without them where they are refused."""
        (name, node), call = about, "iam.denypolicies.get"
        answer = self.ask(self._call(call, f"iam.googleapis.com/v2/{name}"))
        asset = f"//iam.googleapis.com/{name}"
        data = answer.document if answer.failure is None else {"name": name}
        gaps = [] if answer.failure is None else [gap_of(call, answer.failure, asset, kinds=("iam_deny_policy",))]
        return Found([(call, of_thing(asset, "iam.googleapis.com/PolicyV2", data, node))], gaps)

    def constraints(self, node: Node) -> Found:
        """Return the organization policies that are set on a node."""
        about = _About("orgpolicy.policies.list", "orgpolicy.googleapis.com/Policy", "policies", "org_policy")
        return self._listed(about, f"orgpolicy.googleapis.com/v2/{node.name}/policies?pageSize=1000", node)

    def _listed(self, about: _About, address: str, node: Node) -> Found:
        """Return things that are listed at a node."""
        found, service = Found(), about.type.partition("/")[0]
        for told in self._items(self._call(about.call, address), about.member, found, kinds=(about.kind,)):
            found.records.append((about.call, of_thing(f"//{service}/{told.get('name', '')}", about.type, told, node)))
        return found

    def _items(
        self, call: Call, member: str, found: Found, *, kinds: tuple[str, ...] = (), where: str = ""
    ) -> Iterator[Mapping[str, object]]:
        for _page, answer in pages(self.ask, call, following, anew=self.anew):
            if answer.failure is not None:
                found.gaps.append(gap_of(call.name, answer.failure, where, kinds=kinds))
                return
            listed = answer.document.get(member)
            yield from (one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, dict))

    def _told(self, document: Mapping[str, object], *, above: tuple[str, ...] | None = None) -> Node:
        name, parent = str(document.get("name", "")), str(document.get("parent") or "")
        node = Node(name, str(document.get("projectId") or name.partition("/")[2]), (parent,) if parent else (), document)
        return node if above is None else Node(name, node.id, above, document)

    def _call(self, name: str, address: str, *, body: Mapping[str, object] | None = None) -> Call:
        return self.addresses.call(name, address, body=body)


def _kind(name: str) -> str:
    return name.partition("/")[0]
