"""Match kinds of Kubernetes for what follows without asking anybody: what a program in a pod can reach, and what reaches it.

``kubernetes-token``: a workload moves to the account whose token it is given: ``{role}``. ``kubernetes-mounted``: to its ``{secret}``.
``kubernetes-escape``: a workload that a ``way`` leads out of moves to its ``{node}``; ways are ``privileged``, ``capability``,
``processes``, ``written-path``, ``read-path``, ``runtime-socket`` and ``windows``.
``kubernetes-on-node``: a node moves to each ``{workload}`` on it; any node to all of which nobody knows where they run.
``kubernetes-any-node``: any node moves to each ``{node}``. ``kubernetes-control-plane``: a node of the control plane.
``kubernetes-in-namespace``: a namespace moves to what is in it, ``{held}``. ``kubernetes-own-pod``: a pod that somebody made in a namespace
as they wanted it moves ``to`` an ``account`` or ``secret`` of it, or to a ``node``, where pods may touch theirs: ``{target}``.
``kubernetes-exposed``: the internet moves to each ``{workload}`` behind what is exposed ``by`` a service, ingress, gateway or port.
``kubernetes-strangers``: the internet moves to the ``{target}`` that those are who say nothing of themselves.
``kubernetes-program``: the internet moves to ``{any_node}`` through a program ``of`` a kind ``where`` properties are so.
``kubernetes-cloud``: a service account moves to the principal ``of`` a cloud that it is; ``of: machine``, a node to the machine that it is,
and so does a workload in the network of its node, which the metadata service takes for the machine: ``{cloud}``.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Uid
from bartizan.collect.inventory.exports.gcp.assets import account_uid
from bartizan.collect.inventory.kubernetes.names import ANYWHERE, named, uid
from bartizan.review.cloud.paths.clusters import all_of, clusters, own_pod
from bartizan.review.cloud.paths.contract import INTERNET, Binding
from bartizan.review.cloud.paths.matches.general import chosen
from bartizan.review.cloud.paths.world import unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bartizan.collect.inventory.contract import Resource
    from bartizan.review.cloud.paths.clusters import Workload
    from bartizan.review.cloud.paths.contract import Match, PathRule
    from bartizan.review.cloud.paths.world import World

__all__ = ["MATCHES"]

_OUT: Final = frozenset({"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "SYS_BOOT", "DAC_READ_SEARCH", "BPF"})
"""Rights with which a root of a container gets at its node by themselves."""
_SOCKETS: Final = ("docker.sock", "containerd.sock", "crio.sock", "cri-dockerd.sock")
_WRITTEN: Final = (
    "/",
    "/etc",
    "/root",
    "/home",
    "/boot",
    "/dev",
    "/proc",
    "/sys",
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib64",
    "/opt",
    "/var",
)
_WRITTEN_BELOW: Final = (
    "/etc/kubernetes",
    "/etc/cron",
    "/etc/systemd",
    "/etc/cni",
    "/var/lib/kubelet",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/etcd",
    "/var/spool/cron",
    "/root/.ssh",
    "/opt/cni",
)
"""Folders of a node of which writing one runs code there: themselves, or they and all below."""
_READ: Final = ("/", "/etc", "/root", "/proc", "/var", "/var/lib", "/var/run", "/run")
_READ_BELOW: Final = ("/etc/kubernetes", "/var/lib/kubelet", "/var/lib/etcd", "/root/.ssh", "/root/.kube")
"""Folders of a node that hold its keys, or the tokens of all its pods."""
_MACHINES: Final = ("instance", "compute_instance", "linux_virtual_machine", "virtual_machine")
_MACHINE: Final = re.compile(r"(?:aws|gce|azure)://.*?/([^/]+)")


def _token(world: World, _: PathRule) -> Iterator[Binding]:
    for one in clusters(world).workloads:
        hangs = _given_token(one)
        if hangs is not None:
            for role in world.edges["runs-as"].get(one.resource.uid, ()):
                yield Binding(src=one.resource.uid, values={"role": str(role)}, account=one.resource.account, depends=hangs)


def _given_token(one: Workload) -> tuple[str, ...] | None:
    hangs: tuple[str, ...] | None = None
    for spec in one.specs:
        if spec.properties.get("automount_token") is True or "" in _listed(spec, "projected_tokens"):
            return ()
        if unreadable(spec, "automount_token"):
            hangs = ("unread:automount_token",)
    return hangs


def _mounted(world: World, _: PathRule) -> Iterator[Binding]:
    for src, secrets in world.edges["mounts"].items():
        for secret in secrets:
            yield Binding(src=src, values={"secret": str(secret)}, account=_cluster_of(src))


def _escape(world: World, rule: PathRule) -> Iterator[Binding]:
    known = clusters(world)
    leads = _WAYS[rule.options["way"]]
    for one in known.workloads:
        if any(leads(row, one) for row in one.containers):
            for node, hangs in known.places(one):
                yield Binding(src=one.resource.uid, values={"node": str(node)}, account=one.resource.account, depends=hangs)


def _listed(row: Resource, name: str) -> list[str]:
    value = row.properties.get(name)
    return [str(one) for one in value] if isinstance(value, list) else []


def _privileged(row: Resource, _: Workload) -> bool:
    return row.properties.get("privileged") is True


def _capable(row: Resource, _: Workload) -> bool:
    return row.properties.get("privileged") is not True and bool(_OUT & set(_listed(row, "capabilities.add")))


def _processes(row: Resource, workload: Workload) -> bool:
    sees = any(spec.properties.get("host_pid") is True for spec in workload.specs)
    return sees and row.properties.get("privileged") is not True and "SYS_PTRACE" in _listed(row, "capabilities.add")


def _writes(row: Resource, _: Workload) -> bool:
    return any(_below(path, _WRITTEN, _WRITTEN_BELOW) for path in _listed(row, "host_paths_writable"))


def _reads(row: Resource, workload: Workload) -> bool:
    return not _writes(row, workload) and any(_below(path, _READ, _READ_BELOW) for path in _listed(row, "host_paths"))


def _speaks(row: Resource, _: Workload) -> bool:
    paths = _listed(row, "host_paths")
    return any(path.endswith(_SOCKETS) or path.rstrip("/") in ("/var/run", "/run", "/run/containerd") for path in paths)


def _on_windows(row: Resource, _: Workload) -> bool:
    return row.properties.get("windows_host_process") is True


def _below(path: str, whole: tuple[str, ...], trees: tuple[str, ...]) -> bool:
    plain = "/" + path.strip("/")
    return plain in whole or any(plain == tree or plain.startswith((f"{tree}/", f"{tree}.d")) for tree in trees)


_WAYS: Final[Mapping[str, Callable[[Resource, Workload], bool]]] = {
    "privileged": _privileged,
    "capability": _capable,
    "processes": _processes,
    "written-path": _writes,
    "read-path": _reads,
    "runtime-socket": _speaks,
    "windows": _on_windows,
}


def _on_node(world: World, _: PathRule) -> Iterator[Binding]:
    known = clusters(world)
    for one in known.workloads:
        for node in one.nodes or (uid(one.resource.account, "node", ANYWHERE),):
            yield Binding(src=node, values={"workload": str(one.resource.uid)}, account=one.resource.account)


def _any_node(world: World, _: PathRule) -> Iterator[Binding]:
    for one in world.by_kind.get("node", ()):
        yield Binding(src=uid(one.account, "node", ANYWHERE), values={"node": str(one.uid)}, account=one.account)


def _control_plane(world: World, _: PathRule) -> Iterator[Binding]:
    for one in world.by_kind.get("node", ()):
        if one.properties.get("control_plane") is True:
            yield Binding(src=one.uid, values={"node": str(one.uid)}, account=one.account)


def _in_namespace(world: World, _: PathRule) -> Iterator[Binding]:
    known = clusters(world)
    for cluster, name in known.namespaces:
        src = all_of(cluster, name)
        held = [*known.accounts.get((cluster, name), ()), *_things(world, cluster, name), own_pod(cluster, name)]
        yield from (Binding(src=src, values={"held": str(one)}, account=cluster) for one in held)


def _things(world: World, cluster: str, namespace: str) -> Iterator[Uid]:
    where = (cluster, namespace)
    yield from (one.resource.uid for one in clusters(world).workloads if (one.resource.account, one.resource.region) == where)
    yield from (one.uid for one in world.by_kind.get("secret", ()) if (one.account, one.region) == where)


def _own_pod(world: World, rule: PathRule) -> Iterator[Binding]:
    known = clusters(world)
    secrets = world.by_kind.get("secret", ())
    for cluster, name in known.namespaces:
        src = own_pod(cluster, name)
        hangs: tuple[str, ...] = ()
        if rule.options["to"] == "account":
            targets = list(known.accounts.get((cluster, name), ()))
        elif rule.options["to"] == "secret":
            targets = [one.uid for one in secrets if (one.account, one.region) == (cluster, name)]
        else:
            open_, hangs = known.guard(cluster, name)
            targets = [uid(cluster, "node", ANYWHERE)] if open_ else []
        yield from (Binding(src=src, values={"target": str(one)}, account=cluster, depends=hangs) for one in targets)


def _cluster_of(src: Uid) -> str:
    parts = named(src)
    return parts.cluster if parts else ""


def _exposed(world: World, rule: PathRule) -> Iterator[Binding]:
    for first in _outside(world, rule.options["by"]):
        for workload in _led_to(world, first.uid):
            yield Binding(src=INTERNET, values={"workload": str(workload), "via": first.name}, account=first.account)
    if rule.options["by"] == "port":
        for one in clusters(world).workloads:
            if any(_listed(row, "host_ports") for row in one.containers):
                yield Binding(src=INTERNET, values={"workload": str(one.resource.uid), "via": ""}, account=one.resource.account)


def _outside(world: World, by: str) -> Iterator[Resource]:
    if by == "port":
        yield from (one for one in world.by_kind.get("service", ()) if one.properties.get("exposure") == "nodes")
    elif by == "gateway":
        yield from world.by_kind.get("gateway", ())
    else:
        yield from (one for one in world.by_kind.get(by, ()) if one.properties.get("exposure") == "internet")


def _led_to(world: World, first: Uid) -> Iterator[Uid]:
    """Yield the workloads to which requests to a service, ingress or gateway lead."""
    waiting, seen = [first], {first}
    while waiting:
        for other in world.edges["routes-to"].get(waiting.pop(), ()):
            parts = named(other)
            if other not in seen and parts is not None:
                seen.add(other)
                if parts.kind in ("service", "http_route"):
                    waiting.append(other)
                else:
                    yield other


def _strangers(world: World, _: PathRule) -> Iterator[Binding]:
    refused = {one.account for one in world.by_kind.get("api_server", ()) if one.properties.get("anonymous_auth") is False}
    for one in world.principals.values():
        parts = named(one.uid)
        if parts is not None and parts.name in ("system:anonymous", "system:unauthenticated") and parts.cluster not in refused:
            yield Binding(src=INTERNET, values={"target": str(one.uid)}, account=one.account)


def _program(world: World, rule: PathRule) -> Iterator[Binding]:
    for one, hangs in chosen(world, rule.options):
        values = {"any_node": str(uid(one.account, "node", ANYWHERE))}
        yield Binding(src=INTERNET, values=values, account=one.account, depends=hangs)


def _cloud(world: World, rule: PathRule) -> Iterator[Binding]:
    of = rule.options["of"]
    if of == "machine":
        yield from _as_machine(world)
        return
    for one in world.by_kind.get("service_account", ()):
        if isinstance(one.properties.get(f"cloud.{of}"), str):
            for target, hangs in _principals(world, of, one):
                yield Binding(src=one.uid, values={"cloud": str(target)}, account=one.account, depends=hangs)


def _as_machine(world: World) -> Iterator[Binding]:
    machines = _machines(world)
    yield from (Binding(src=node, values={"cloud": str(machine)}, account=_cluster_of(node)) for node, machine in machines.items())
    for workload in clusters(world).workloads:
        if any(spec.properties.get("host_network") is True for spec in workload.specs):
            for machine in dict.fromkeys(machines[node] for node in workload.nodes if node in machines):
                yield Binding(src=workload.resource.uid, values={"cloud": str(machine)}, account=workload.resource.account)


def _machines(world: World) -> Mapping[Uid, Uid]:
    """Return the nodes that are machines of a cloud that was read too."""
    machines = {one.uid.rpartition("/")[2]: one.uid for one in world.facts.resources if one.kind in _MACHINES}
    names = {one.uid: _MACHINE.fullmatch(str(one.properties.get("provider_id"))) for one in world.by_kind.get("node", ())}
    return {node: machines[found[1]] for node, found in names.items() if found and found[1] in machines}


def _principals(world: World, of: str, account: Resource) -> Iterator[tuple[Uid, tuple[str, ...]]]:
    """Yield whom an annotation names: for certain where what it names was read and trusts the account, else as far as it does."""
    told = str(account.properties[f"cloud.{of}"])
    known = {one.uid for one in world.facts.principals}
    if of == "aws_role":
        role = Uid(told)
        if role not in known:
            yield role, ("trust",)
        elif _trusts(world, role, f"system:serviceaccount:{account.region}:{account.name}"):
            yield role, ()
        return
    target = account_uid(told) if of == "gcp_account" else Uid(f"application/{told.lower()}")
    for one in world.edges["runs-as"].get(target, ()) or (target,):
        yield one, () if one in known else ("trust",)


def _trusts(world: World, role: Uid, subject: str) -> bool:
    """Say whether the trust policy of a role of AWS lets the tokens of a service account in."""
    statements = [one for to in world.attached.get(role, ()) if to.kind == "trust" for one in world.statements.get(to.policy, ())]
    for one in statements:
        names = [condition.values for condition in one.conditions if condition.key.lower().endswith(":sub")]
        federated = any(kind == "Federated" and ":oidc-provider/" in value for kind, value in one.principals)
        if one.effect == "Allow" and federated and all(any(fnmatchcase(subject, value) for value in values) for values in names):
            return True
    return False


MATCHES: Final[Mapping[str, Match]] = {
    "kubernetes-token": _token,
    "kubernetes-mounted": _mounted,
    "kubernetes-escape": _escape,
    "kubernetes-on-node": _on_node,
    "kubernetes-any-node": _any_node,
    "kubernetes-control-plane": _control_plane,
    "kubernetes-in-namespace": _in_namespace,
    "kubernetes-own-pod": _own_pod,
    "kubernetes-exposed": _exposed,
    "kubernetes-strangers": _strangers,
    "kubernetes-program": _program,
    "kubernetes-cloud": _cloud,
}
