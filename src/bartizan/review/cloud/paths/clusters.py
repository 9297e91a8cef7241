"""Know what runs in clusters, as rules of paths ask of it: workloads with their pods, containers, nodes, and namespaces."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Uid
from bartizan.collect.inventory.kubernetes.names import ANYWHERE, named, uid
from bartizan.review.cloud.paths.world import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Resource
    from bartizan.review.cloud.paths.world import World

__all__ = ["PLURALS", "Clusters", "Workload", "all_of", "clusters", "of_the_system", "own_pod"]

PLURALS: Final[Mapping[str, str]] = {
    "pod": "pods",
    "deployment": "deployments.apps",
    "daemon_set": "daemonsets.apps",
    "stateful_set": "statefulsets.apps",
    "replica_set": "replicasets.apps",
    "replication_controller": "replicationcontrollers",
    "job": "jobs.batch",
    "cron_job": "cronjobs.batch",
}
"""What makes pods, as actions name it."""
_CLOSED: Final = ("baseline", "restricted")
"""Levels of Pod Security that let no pod touch its node."""
_JUDGED: Final = frozenset({"*", "pods", "*/*", "pods/*"})


def own_pod(cluster: str, namespace: str) -> Uid:
    """Name the node that stands for a pod that somebody made in a namespace as they wanted it."""
    return Uid(f"{uid(cluster, 'namespace', namespace)}#own-pod")


def all_of(cluster: str, namespace: str) -> Uid:
    """Name the node that stands for all that is in a namespace."""
    return Uid(f"{uid(cluster, 'namespace', namespace)}#all")


@dataclass(frozen=True, slots=True)
class Workload:
    """What makes pods and is controlled by nothing; ``members`` are itself and what it controls, ``rows`` what all run with."""

    resource: Resource
    members: tuple[Uid, ...]
    rows: tuple[Resource, ...]
    nodes: tuple[Uid, ...]
    """Where its pods run; () where nobody knows."""

    @property
    def pods(self) -> tuple[str, ...]:
        """Return the names of its pods, as far as they were read."""
        parts = [named(one) for one in self.members]
        return tuple(one.name for one in parts if one and one.kind == "pod")

    @property
    def specs(self) -> tuple[Resource, ...]:
        """Return what its pods run with."""
        return tuple(one for one in self.rows if one.kind == "pod_spec")

    @property
    def containers(self) -> tuple[Resource, ...]:
        """Return its containers."""
        return tuple(one for one in self.rows if one.kind == "container")


class Clusters:
    """The clusters of a world."""

    def __init__(self, world: World) -> None:
        """Take the facts."""
        self._world = world

    @cached_property
    def workloads(self) -> Sequence[Workload]:
        """Return all workloads, in the order of the facts."""
        members: defaultdict[Uid, list[Uid]] = defaultdict(list)
        inside: set[Uid] = set()
        for top, held in self._world.edges["contains"].items():
            members[top] += held
            inside |= set(held)
        rows: defaultdict[Uid, list[Resource]] = defaultdict(list)
        for kind in ("pod_spec", "container"):
            for row in self._world.by_kind.get(kind, ()):
                rows[Uid(row.uid.partition("#")[0])].append(row)
        found = []
        for top in rows:
            resource = self._world.resources.get(top)
            if resource is not None and top not in inside:
                every = (top, *members[top])
                runs = tuple(row for one in every for row in rows.get(one, ()))
                found.append(Workload(resource, every, runs, tuple(self._world.edges["runs-on"].get(top, ()))))
        return found

    @cached_property
    def namespaces(self) -> Mapping[tuple[str, str], Resource | None]:
        """Return the namespaces by cluster and name: None for one that something is in, but that was not read itself."""
        found: dict[tuple[str, str], Resource | None] = {}
        for one in self._world.by_kind.get("namespace", ()):
            found[one.account, one.name] = one
        for resource in self._world.resources.values():
            if resource.region:
                found.setdefault((resource.account, resource.region), None)
        return found

    @cached_property
    def runs_as(self) -> frozenset[Uid]:
        """Return the accounts as which something runs."""
        return frozenset(one for targets in self._world.edges["runs-as"].values() for one in targets)

    @cached_property
    def accounts(self) -> Mapping[tuple[str, str], Sequence[Uid]]:
        """Return the service accounts by cluster and namespace."""
        found: defaultdict[tuple[str, str], list[Uid]] = defaultdict(list)
        for one in self._world.principals.values():
            parts = named(one.uid)
            if parts is not None and one.kind == "service_account":
                found[parts.cluster, parts.namespace].append(one.uid)
        return found

    def nodes(self, cluster: str) -> list[Resource]:
        """Return the nodes of a cluster."""
        return [one for one in self._world.by_kind.get("node", ()) if one.account == cluster]

    def places(self, workload: Workload) -> Iterator[tuple[Uid, tuple[str, ...]]]:
        """Yield the nodes that a workload runs on; where nobody knows, any, which hangs on the scheduling."""
        for node in workload.nodes:
            yield node, ()
        if not workload.nodes:
            yield uid(workload.resource.account, "node", ANYWHERE), ("scheduling",)

    def guard(self, cluster: str, namespace: str) -> tuple[bool, tuple[str, ...]]:
        """Say whether a pod that touches its node may be made in a namespace, and on what it hangs.

        Pod Security Admission decides by the labels of the namespace; what webhooks and policies of admission refuse, nobody can tell.
        """
        told = self.namespaces.get((cluster, namespace))
        level = told.properties.get("pod_security.enforce") if told else None
        if level in _CLOSED:
            return False, ()
        hangs = () if told and not unreadable(told, "pod_security.enforce") else ("unread:pod_security.enforce",)
        return True, (*hangs, *(("admission",) if self._judged(cluster) else ()))

    def _judged(self, cluster: str) -> bool:
        hooks = self._world.by_kind.get("admission_webhook", ())
        asked = any(one.account == cluster and _JUDGED & set(_texts(one.properties.get("resources"))) for one in hooks)
        policies = self._world.by_kind.get("validating_admission_policy", ())
        return asked or any(one.account == cluster and one.properties.get("denies") is True for one in policies)

    def said(self, *kinds: str) -> frozenset[str]:
        """Return the names to which rules about some kinds of things are limited: those must be asked for one by one."""
        return self._names(frozenset(kinds))

    @cached_property
    def _limited(self) -> Sequence[tuple[frozenset[str], tuple[str, ...]]]:
        return [
            (frozenset(action.partition(" ")[2].partition("/")[0] for action in one.actions), one.resources)
            for statements in self._world.statements.values()
            for one in statements
            if one.resources != ("*",)
        ]

    def _names(self, kinds: frozenset[str]) -> frozenset[str]:
        return frozenset(name for things, names in self._limited if things & kinds for name in names)


@lru_cache(maxsize=1)
def clusters(world: World) -> Clusters:
    """Return the clusters of a world, the same for every rule."""
    return Clusters(world)


def of_the_system(world: World, principal: Uid) -> bool:
    """Say whether a principal is part of how clusters work and nobody's by itself: its rights count for who comes to it alone.

    Those are users whose names begin with ``system:``, and accounts of kube-system as which nothing that was read runs: controllers.
    """
    parts = named(principal)
    if parts is None:
        return False
    if parts.kind == "user":
        return parts.name.startswith("system:") and parts.name != "system:anonymous"
    runs = clusters(world).runs_as
    return (parts.kind, parts.namespace) == ("service_account", "kube-system") and principal not in runs


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
