"""Put together what is known of a node and all below it: the inventory first, then what it does not show or was refused.

Where the inventory refuses resources or policies, the services are asked project by project for what matters most, and what no list tells
is a gap. What both tell is as its own service tells it. What holds above a node is asked of the Resource Manager.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Origin
from bartizan.collect.inventory.live.calls import Failure
from bartizan.collect.inventory.live.gcp.bulk import CONTENTS, Bulk
from bartizan.collect.inventory.live.gcp.directory import Directory, groups_in
from bartizan.collect.inventory.live.gcp.gaps import POLICY, gap_of
from bartizan.collect.inventory.live.gcp.records import NODE_TYPES, Node, of_node
from bartizan.collect.inventory.live.gcp.sections import sections, types
from bartizan.collect.inventory.live.gcp.services import Found, Services
from bartizan.collect.inventory.live.gcp.tree import Tree
from bartizan.collect.inventory.live.memory import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bartizan.collect.inventory.contract import Gap, Value
    from bartizan.collect.inventory.live.calls import Ask
    from bartizan.collect.inventory.live.gcp.addresses import Addresses
    from bartizan.collect.inventory.live.gcp.contract import Reading
    from bartizan.collect.inventory.live.gcp.sections import Listing
    from bartizan.collect.inventory.live.rest.calls import Call

__all__ = ["Reader"]

_DENIAL: Final = "iam.googleapis.com/PolicyV2"
_ONCE: Final = frozenset(
    {_DENIAL, "iam.googleapis.com/PolicyBinding", "iam.googleapis.com/PrincipalAccessBoundaryPolicy", "iam.googleapis.com/Role"}
)
"""Types whose statements would be there twice."""
_DENIALS: Final = ("iam_deny_policy",)
_OF_NODES: Final = ("folder", "iam_deny_policy", "org_policy", "organization", "project")
"""Kinds that the Resource Manager and its like tell of."""
_GONE: Final = frozenset({"DELETE_REQUESTED", "DELETE_IN_PROGRESS"})


@dataclass(slots=True)
class _Target:
    """A node that is being read, and what the inventory told of it."""

    name: str
    account: str = ""
    """The id of the project that it is, nothing for others."""
    nodes: dict[str, Node] = field(default_factory=dict)
    """Itself and what is below it, by name with the number."""
    above: dict[str, None] = field(default_factory=dict)
    refused: Failure | None = None
    """Why the inventory did not take the types that it was asked for, and was asked for everything instead."""
    failed: dict[str, Failure] = field(default_factory=dict)
    """By content, why the inventory did not tell it, or not all of it."""
    holding: dict[str, set[str]] = field(default_factory=dict)
    """By project, of which types the inventory showed something."""
    held: list[tuple[str, str, Mapping[str, Value]]] = field(default_factory=list)
    """Assets that a service is asked for too: project, type, record."""
    silent: list[tuple[str, Node]] = field(default_factory=list)
    """Deny policies whose rules the inventory did not show, with their project or the like."""

    groups: dict[str, None] = field(default_factory=dict)
    """Addresses of groups that policies name."""

    @property
    def root(self) -> Node:
        """Return the node itself."""
        return self.nodes.get(self.name) or next((one for one in self.nodes.values() if one.id == self.account), Node(self.name, ""))

    @property
    def by_list(self) -> bool:
        """Return whether services have to be asked for everything."""
        return bool(self.failed.keys() & {"IAM_POLICY", "RESOURCE"})


class Reader:
    """Reads one node after another into one estate. ``each`` is ``map``, or one that does several at once."""

    def __init__(self, reading: Reading, *, how: str = "live", each: Callable[..., Iterable[Any]] = map) -> None:
        """Begin without a node; ``reading`` understands what comes."""
        self._reading, self._how, self._each = reading, how, each
        self._seen: set[tuple[str, str]] = set()
        self._gapped: set[Gap] = set()

    def read(self, name: str, addresses: Addresses, ask: Ask[Call], *, anew: Ask[Call] | None = None) -> None:
        """Read ``projects/ID``, ``folders/N`` or ``organizations/N``, all below it, and what holds above it.

        ``anew`` asks without looking at what was kept.
        """
        target = _Target(name)
        tree = Tree(ask, addresses, anew)
        self._bulk(target, Bulk(ask, addresses, anew=anew))
        self._root(target, tree)
        self._nodes(target, tree)
        self._services(target, Services(ask, addresses, anew, Remembered(ask)))
        self._gaps(target)
        if target.groups:
            self._taken(Directory(ask, addresses, anew).read(target.groups, target.root), target)

    def _bulk(self, target: _Target, bulk: Bulk) -> None:
        """Take what the inventory tells; policies first, for who has to ask services for them asks for all that has any."""
        for content, call in CONTENTS.items():
            listed = _listed(beside=not target.by_list)
            for record in bulk.assets(target.name, content):
                target.above |= dict.fromkeys(_above(record, target.name))
                if content != "RESOURCE" or self._noted(target, record, listed):
                    self._take(call, record, target)
            if bulk.failure is not None:
                target.failed[content] = bulk.failure
        target.refused = bulk.refused

    def _noted(self, target: _Target, record: Mapping[str, Value], listed: frozenset[str]) -> bool:
        """Note what a resource tells of the tree; say whether it is to be taken now, or held until its service was asked."""
        name, type_ = str(record.get("name", "")), str(record.get("assetType", ""))
        chain = _chain(record)
        resource = record.get("resource")
        data = resource.get("data") if isinstance(resource, dict) else None
        told = data if isinstance(data, dict) else {}
        if type_ in NODE_TYPES.values() and chain:
            node = Node(chain[0], str(told.get("projectId") or chain[0].partition("/")[2]), tuple(chain[1:]), told)
            target.nodes[node.name] = node
        project = chain[0] if chain and chain[0].startswith("projects/") else ""
        if project:
            target.holding.setdefault(project, set()).add(type_)
        if type_ == _DENIAL and "/denypolicies/" in name and "rules" not in told:
            target.silent.append(
                (name.removeprefix("//iam.googleapis.com/"), Node(chain[0] if chain else target.name, "", tuple(chain[1:])))
            )
            return False
        if type_ in listed:
            target.held.append((project, type_, record))
            return False
        return True

    def _root(self, target: _Target, tree: Tree) -> None:
        """Find the node itself, what is above it and, where the inventory did not tell them, the projects below it."""
        kind, _, asked = target.name.partition("/")
        listed = bool(target.nodes or target.above)
        known = {f"{kind}/{node.id}": node for node in target.nodes.values() if node.name.startswith(kind)} | target.nodes
        root = known.get(target.name)
        if root is None:
            found = tree.node(target.name)
            if isinstance(found, Node):
                root = found
                self._take(f"resourcemanager.{kind}.get", of_node(found), target)
            else:
                root = Node(target.name, asked)
                self._miss(gap_of(f"resourcemanager.{kind}.get", found, root.asset, kinds=(kind.removesuffix("s"),)))
        target.nodes[root.name] = root
        target.account = root.id if kind == "projects" else ""
        target.above |= dict.fromkeys((*root.above, *tree.above(root)))
        if not listed:
            self._miss_above([root.name, *target.above][-1], tree)
        if "RESOURCE" in target.failed and not root.name.startswith("projects/"):
            below, told = tree.below(root)
            self._taken(told, target)
            target.nodes |= {node.name: node for node in below}

    def _miss_above(self, top: str, tree: Tree) -> None:
        """Note that nobody may see what is above a node, where that is so: what is denied from there is not known either."""
        failure = tree.node(top)
        if not isinstance(failure, Node) and not top.startswith("organizations/"):
            kind, _, name = top.partition("/")
            self._miss(gap_of(f"resourcemanager.{kind}.get", failure, name if kind == "projects" else top, kinds=_DENIALS))

    def _nodes(self, target: _Target, tree: Tree) -> None:
        """Read what holds at nodes: above the target always, at it and below it where the inventory did not tell."""
        jobs: list[Callable[[], Found]] = []
        for name in target.above:
            jobs += self._inherited(name, tree)
        for node in target.nodes.values():
            own = [("IAM_POLICY", tree.policy), ("RESOURCE", tree.denials), ("ORG_POLICY", tree.constraints)]
            own += [("RESOURCE", tree.bindings)]
            jobs += [_job(tree.denials, node)] if target.refused and "RESOURCE" not in target.failed else []
            own += [("RESOURCE", ask) for ask in (tree.roles, tree.boundaries) if node.name.startswith("organizations/")]
            jobs += [_job(ask, node) for content, ask in own if content in target.failed]
        jobs += [_job(tree.denial, one) for one in target.silent]
        for found in self._each(lambda job: job(), jobs):
            self._taken(found, target)

    @staticmethod
    def _inherited(name: str, tree: Tree) -> list[Callable[[], Found]]:
        """Return what has to be asked of a node above."""
        asks = [tree.told, tree.policy, tree.denials, tree.constraints, tree.bindings]
        asks += [tree.roles, tree.boundaries] if name.startswith("organizations/") else []
        known = tree.node(name)
        node = known if isinstance(known, Node) else Node(name, name.partition("/")[2])
        return [_job(ask, node) for ask in asks]

    def _services(self, target: _Target, services: Services) -> None:
        """Ask services for what the inventory does not show, or for everything, and take what was held."""
        jobs = list(_jobs(target))
        policies = "IAM_POLICY" in target.failed
        told = self._each(lambda job: services.read(*job, policies=policies), jobs)
        whole: set[tuple[str, str]] = set()
        for (listing, project), found in zip(jobs, told, strict=True):
            if target.by_list:
                self._taken(found, target)
            else:
                self._taken(found.narrowed(listing.beside), target)
            if not found.gaps:
                whole.add((project.name, listing.type))
                self._reading.wholly(project.id, [listing.type])
        for project_name, type_, record in target.held:
            if (project_name, type_) not in whole:
                self._take(CONTENTS["RESOURCE"], record, target)

    def _gaps(self, target: _Target) -> None:
        """Say what nobody told, and which lists are whole."""
        reading, refused = self._reading, target.failed
        if "RESOURCE" in refused:
            kinds = [one.kind.name for one in sections() if not one.lists and one.kind.name not in _OF_NODES]
            self._miss(gap_of(CONTENTS["RESOURCE"], refused["RESOURCE"], target.account, kinds=kinds))
        else:
            known = self._shown(target)
            for node in target.nodes.values():
                if node.name.startswith("projects/"):
                    reading.wholly(node.id, known)
        if "IAM_POLICY" in refused:
            told = {listing.kind for one in sections() for listing in one.lists if listing.policy is not None}
            kinds = [one.kind.name for one in sections() if one.kind.name not in told and one.kind.name not in _OF_NODES]
            self._miss(gap_of(CONTENTS["IAM_POLICY"], refused["IAM_POLICY"], target.account, kinds=kinds, properties=POLICY))

    def _shown(self, target: _Target) -> tuple[str, ...]:
        """Return the types that the inventory shows; where it lacks some, those of which something came, and a gap for the others."""
        if target.refused is None:
            return types()
        came = {one.lower() for held in target.holding.values() for one in held}
        kinds = [one.kind.name for one in sections() if not came & {each.lower() for each in one.types} and one.kind.name not in _OF_NODES]
        self._miss(gap_of(CONTENTS["RESOURCE"], replace(target.refused, reason="not-in-origin"), target.account, kinds=kinds))
        return tuple(one for one in types() if one.lower() in came)

    def _taken(self, found: Found, target: _Target) -> None:
        for call, record in found.records:
            self._take(call, record, target)
        for gap in found.gaps:
            self._miss(gap)

    def _miss(self, gap: Gap) -> None:
        """Note a gap, once, whichever target it was met for."""
        if gap not in self._gapped:
            self._gapped.add(gap)
            self._reading.missed(gap)

    def _take(self, call: str, record: Mapping[str, Value], target: _Target) -> None:
        """Take a record; policies and roles once, whichever target they were read for."""
        name, type_ = str(record.get("name", "")), str(record.get("assetType", ""))
        if not name.startswith("//") or "/" not in type_:
            self._miss(gap_of(call, Failure("failed", "NoAsset", "something came that is no asset"), target.account))
            return
        once = "policy" if "iamPolicy" in record else type_ if type_ in _ONCE else ""
        if once:
            if (once, name) in self._seen:
                return
            self._seen.add((once, name))
        target.groups |= dict.fromkeys(groups_in(record))
        self._reading.take(record, Origin(self._how, call, target.name))


def _chain(record: Mapping[str, Value]) -> list[str]:
    """Return the node that an asset is, or is in, and what is above that."""
    ancestors = record.get("ancestors")
    return [str(one) for one in ancestors] if isinstance(ancestors, list) else []


def _above(record: Mapping[str, Value], target: str) -> list[str]:
    """Return what is above a target, from an asset at or below it."""
    chain = _chain(record)
    if target.startswith("projects/"):
        return chain[1:]
    return chain[chain.index(target) + 1 :] if target in chain else []


def _listed(*, beside: bool) -> frozenset[str]:
    """Return the types that services are asked for: those that the inventory does not show wholly, or all."""
    return frozenset(one.type for section in sections() for one in section.lists if one.beside or not beside)


def _jobs(target: _Target) -> Iterator[tuple[Listing, Node]]:
    for node in target.nodes.values():
        gone = str(node.document.get("state") or node.document.get("lifecycleState")) in _GONE
        if node.name.startswith("projects/") and not gone:
            held = target.holding.get(node.name, set())
            for listing in (one for section in sections() for one in section.lists):
                if target.by_list or (listing.beside and listing.type in held):
                    yield listing, node


def _job(ask: Callable[[Any], Found], about: Any) -> Callable[[], Found]:  # noqa: ANN401 - a node, or a deny policy with its node
    return lambda: ask(about)
