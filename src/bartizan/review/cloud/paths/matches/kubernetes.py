"""Match kinds of Kubernetes for what the API server lets somebody do. Their names begin with ``kubernetes-``.

``cluster``: one place for each cluster: ``{cluster}``, ``{any_node}``.
``namespace``: each namespace: ``{namespace}``, ``{resource}``, ``{any_node}``, ``{own_pod}`` (a pod that somebody made as they wanted it);
with ``pods: closed`` those in which Pod Security keeps pods from their node.
``account``: service accounts: ``{target}``, ``{namespace}``, ``{name}``.
``pod``: running workloads: ``{workload}``, ``{namespace}``, ``{pod}``; ``where`` asks properties of one of their containers.
``template``: workloads ``of`` a kind that could be changed: ``{workload}``, ``{namespace}``, ``{name}``, ``{own_pod}``.
``own-role``: roles that are bound to who moves, ``bound: cluster`` or ``namespace``: ``{role_name}``, ``{namespace}`` of the binding,
``{resource}``, the namespace.
``secret``: secrets: ``{secret}``, ``{namespace}``, ``{name}``.
``aws-auth``: the config map of EKS, where there is one: ``{resource}``.
``principal``: principals ``of`` a kind: ``{target}``, ``{target_name}``.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.kubernetes.names import ANYWHERE, named, uid
from bartizan.review.cloud.paths.clusters import PLURALS, all_of, clusters, own_pod
from bartizan.review.cloud.paths.contract import Binding
from bartizan.review.cloud.paths.matches.general import listed
from bartizan.review.cloud.permission.kubernetes.roles import implied

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Uid
    from bartizan.review.cloud.paths.clusters import Workload
    from bartizan.review.cloud.paths.contract import Match, PathRule
    from bartizan.review.cloud.paths.world import World

__all__ = ["ANY_POD", "MATCHES"]

ANY_POD: Final = "any-name-00"
"""The name of a pod where it does not matter."""


def _cluster(world: World, _: PathRule) -> Iterator[Binding]:
    names = dict.fromkeys([*(one.account for one in world.principals.values()), *(one.account for one in world.resources.values())])
    for name in names:
        yield Binding(values={"cluster": name, "any_node": uid(name, "node", ANYWHERE)}, account=name)


def _namespace(world: World, rule: PathRule) -> Iterator[Binding]:
    known = clusters(world)
    for cluster, name in known.namespaces:
        if rule.options.get("pods") != "closed" or not known.guard(cluster, name)[0]:
            values = {"namespace": name, "resource": all_of(cluster, name), "any_node": uid(cluster, "node", ANYWHERE)}
            yield Binding(values={**values, "own_pod": own_pod(cluster, name)}, account=cluster)


def _account(world: World, _: PathRule) -> Iterator[Binding]:
    for (cluster, namespace), accounts in clusters(world).accounts.items():
        for one in accounts:
            parts = named(one)
            values = {"target": str(one), "namespace": namespace, "name": parts.name if parts else ""}
            yield Binding(values=values, account=cluster)


def _pod(world: World, rule: PathRule) -> Iterator[Binding]:
    known = clusters(world)
    limited = known.said("pods")
    for one in known.workloads:
        if _has(one, rule.options.get("where", {})):
            for pod in [ANY_POD, *(name for name in one.pods if name in limited)]:
                yield Binding(values={**_values(one), "pod": pod}, account=one.resource.account)


def _has(workload: Workload, where: Mapping[str, object]) -> bool:
    return not where or any(all(row.properties.get(name) == value for name, value in where.items()) for row in workload.containers)


def _values(one: Workload) -> dict[str, str]:
    return {"workload": str(one.resource.uid), "namespace": one.resource.region, "name": one.resource.name}


def _template(world: World, rule: PathRule) -> Iterator[Binding]:
    """Give one workload of each kind and namespace, and those which rules name: the others could be changed as it can."""
    known = clusters(world)
    for (cluster, namespace, kind), found in _changeable(world, listed(rule.options.get("of"))).items():
        limited = known.said(PLURALS[kind])
        for one in (found[0], *(one for one in found[1:] if one.resource.name in limited)):
            yield Binding(values={**_values(one), "own_pod": own_pod(cluster, namespace)}, account=cluster)


def _changeable(world: World, kinds: Sequence[str]) -> Mapping[tuple[str, str, str], Sequence[Workload]]:
    found: defaultdict[tuple[str, str, str], list[Workload]] = defaultdict(list)
    for one in clusters(world).workloads:
        if one.resource.kind in (kinds or PLURALS):
            found[one.resource.account, one.resource.region, one.resource.kind].append(one)
    return found


def _own_role(world: World, rule: PathRule) -> Iterator[Binding]:
    everywhere = rule.options["bound"] == "cluster"
    for target, attachments in world.attached.items():
        who = frozenset(_members(world, target))
        for one in attachments:
            role = named(one.policy)
            if role is not None and role.kind == rule.options.get("of", role.kind) and everywhere is (one.scope == ""):
                where = {} if everywhere else {"namespace": one.scope, "resource": all_of(role.cluster, one.scope)}
                yield Binding(values={"role_name": role.name, **where}, account=role.cluster, only=who)


def _members(world: World, target: Uid) -> Iterator[str]:
    """Yield a principal and, of a group, who is in it."""
    yield target
    group = named(target)
    if group is not None and group.kind == "group":
        for one in world.principals:
            parts = named(one)
            if parts and parts.cluster == group.cluster and group.name in implied(parts.kind, parts.namespace, parts.name):
                yield one
        yield from (src for src, groups in world.edges["member-of"].items() if target in groups)


def _secret(world: World, _: PathRule) -> Iterator[Binding]:
    for one in world.by_kind.get("secret", ()):
        yield Binding(values={"secret": one.uid, "namespace": one.region, "name": one.name}, account=one.account)


def _aws_auth(world: World, _: PathRule) -> Iterator[Binding]:
    for one in world.by_kind.get("config_map", ()):
        if (one.region, one.name) == ("kube-system", "aws-auth"):
            yield Binding(values={"resource": one.uid}, account=one.account)


def _named(world: World, rule: PathRule) -> Iterator[Binding]:
    for one in world.principals.values():
        parts = named(one.uid)
        if parts is not None and one.kind in listed(rule.options["of"]):
            yield Binding(values={"target": str(one.uid), "target_name": parts.name}, account=one.account)


MATCHES: Final[Mapping[str, Match]] = {
    "kubernetes-cluster": _cluster,
    "kubernetes-namespace": _namespace,
    "kubernetes-account": _account,
    "kubernetes-pod": _pod,
    "kubernetes-template": _template,
    "kubernetes-own-role": _own_role,
    "kubernetes-secret": _secret,
    "kubernetes-aws-auth": _aws_auth,
    "kubernetes-principal": _named,
}
