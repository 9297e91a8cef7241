"""Join the objects of a cluster: who runs as whom, where, with which secrets, behind which service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Edge
from bartizan.collect.inventory.kubernetes.index import listed, mapped
from bartizan.collect.inventory.kubernetes.names import uid
from bartizan.collect.inventory.kubernetes.network import backends, behind, protects
from bartizan.collect.inventory.kubernetes.pods import pod_document
from bartizan.collect.inventory.kubernetes.rbac import principal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.contract import Facts
    from bartizan.collect.inventory.kubernetes.index import Index

__all__ = ["joins"]

_MIRROR: Final = "kubernetes.io/config.mirror"
"""On pods that a node runs from a file: they act as nobody."""


def joins(index: Index, facts: Facts) -> None:
    """Add edges between objects, and the principals that they make."""
    facts.edges.extend(_of_workloads(index))
    facts.edges.extend(_of_secrets(index))
    facts.edges.extend(_of_services(index))
    known = {one.uid: one for one in facts.principals}
    for one in index.of("ServiceAccount"):
        known.setdefault(one.uid, principal(one.uid, one.origin))
    for edge in facts.edges:
        if edge.kind == "runs-as":
            known.setdefault(edge.dst, principal(edge.dst, edge.origin))
    facts.principals[:] = known.values()


def _of_workloads(index: Index) -> Iterator[Edge]:
    for top, members in index.workloads.items():
        one = index.written[top]
        if _MIRROR not in one.annotations:
            yield Edge(one.uid, uid(index.cluster, "service_account", index.account(one), one.namespace), "runs-as", one.origin)
        for secret in pod_document(one, index)["secrets"]:
            yield Edge(one.uid, uid(index.cluster, "secret", secret, one.namespace), "mounts", one.origin)
        nodes = dict.fromkeys(str(node) for each in (one, *members) if (node := mapped(each.template, "spec").get("nodeName")))
        for node in nodes:
            yield Edge(one.uid, uid(index.cluster, "node", node), "runs-on", one.origin)
        for member in members:
            yield Edge(one.uid, member.uid, "contains", member.origin)
        for policy in index.of("NetworkPolicy", one.namespace):
            if protects(policy, one):
                yield Edge(one.uid, policy.uid, "protected-by", policy.origin)


def _of_secrets(index: Index) -> Iterator[Edge]:
    """Yield whose token a secret holds."""
    for one in index.of("Secret"):
        account = one.annotations.get("kubernetes.io/service-account.name")
        if one.value.get("type") == "kubernetes.io/service-account-token" and isinstance(account, str):
            yield Edge(one.uid, uid(index.cluster, "service_account", account, one.namespace), "holds-key-of", one.origin)


def _of_services(index: Index) -> Iterator[Edge]:
    for one in index.of("Service"):
        for workload in behind(one, index):
            yield Edge(one.uid, workload.uid, "routes-to", one.origin)
    for one in index.of("Ingress"):
        for name in backends(one.value):
            yield Edge(one.uid, uid(index.cluster, "service", name, one.namespace), "routes-to", one.origin)
    for one in index.of("HTTPRoute"):
        for parent in listed(one.value, "spec", "parentRefs"):
            gateway = mapped(parent)
            where = str(gateway.get("namespace") or one.namespace)
            yield Edge(uid(index.cluster, "gateway", str(gateway.get("name")), where), one.uid, "routes-to", one.origin)
        for rule in listed(one.value, "spec", "rules"):
            for backend in listed(rule, "backendRefs"):
                where = str(mapped(backend).get("namespace") or one.namespace)
                yield Edge(one.uid, uid(index.cluster, "service", str(mapped(backend).get("name")), where), "routes-to", one.origin)
