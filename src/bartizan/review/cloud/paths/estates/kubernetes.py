"""Write a tiny cluster by hand: who may do what, what runs, in which namespaces.

```yaml
estate:
  may:
    user/dev: [create pods/exec in shop, get secrets db in shop, list nodes, "* *.*"]
    account/shop/web: [...]
    group/ops: [...]
  bind: {user/dev: [edit in shop, cluster-admin]}       # roles that every cluster has
  namespaces: {shop: restricted, bank: }                # what Pod Security enforces there
  workloads:
    shop/web: {kind: Deployment, account: web, privileged: true, spec: {hostPID: true}, container: {...}, node: n1}
  accounts: {shop/web: {eks.amazonaws.com/role-arn: ...}}     # with annotations
  secrets: {shop/db: , shop/token: web}                 # the account whose token one holds
  nodes: {n1: worker, cp: control-plane}
  objects: [{apiVersion: v1, kind: Service, ...}]       # anything else, as a manifest
  machines: [i-0abc]                                    # instances of AWS that were read too
```

What is allowed is ``VERB RESOURCE[.GROUP][/PART] [NAME] [in NAMESPACE]``. Names of things: ``user/NAME``, ``group/NAME``,
``account/NS/NAME``, ``node/NAME``, ``node/*`` (any), ``namespace/NAME`` (all of it), ``own-pod/NAMESPACE``, ``KIND/NS/NAME`` in snake case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Resource, Uid
from bartizan.collect.inventory.kubernetes.manifests import Manifest
from bartizan.collect.inventory.kubernetes.names import ANYWHERE, account_uid
from bartizan.collect.inventory.kubernetes.names import uid as thing
from bartizan.collect.inventory.kubernetes.objects import Objects
from bartizan.review.cloud.paths.clusters import all_of, own_pod

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.contract import Facts

__all__ = ["ACCOUNT", "estate", "uid"]

ACCOUNT: Final = "lab"
_RBAC: Final = "rbac.authorization.k8s.io"
_CONTROL_PLANE: Final = "node-role.kubernetes.io/control-plane"
_APIS: Final = {"Pod": "v1", "ReplicationController": "v1", "Job": "batch/v1", "CronJob": "batch/v1"}
_MACHINE: Final = "arn:aws:ec2:eu-west-1:111111111111:instance/"
_PARTS: Final = 2
_KINDS: Final = frozenset(
    {"account", "cron_job", "daemon_set", "deployment", "group", "namespace", "node", "own-pod", "pod", "secret", "stateful_set", "user"}
)
"""What a name may begin with; all else is a uid."""


def uid(name: str) -> Uid:
    """Return the uid that a name means."""
    kind, _, rest = name.partition("/")
    if kind not in _KINDS:
        return Uid(name)
    if kind == "user":
        return account_uid(ACCOUNT, rest)
    if kind in ("own-pod", "namespace"):
        return own_pod(ACCOUNT, rest) if kind == "own-pod" else all_of(ACCOUNT, rest)
    if name == "node/*":
        return thing(ACCOUNT, "node", ANYWHERE)
    if kind in ("group", "node"):
        return thing(ACCOUNT, kind, rest)
    namespace, _, last = rest.partition("/")
    return thing(ACCOUNT, "service_account" if kind == "account" else kind, last, namespace)


def estate(told: Mapping[str, Any]) -> Facts:
    """Read a cluster into facts; nothing of it is unread."""
    objects = Objects(ACCOUNT, "recording")
    for value in _objects(told):
        objects.take(Manifest(value), "case")
    facts = objects.facts()
    facts.gaps = []
    facts.resources += [
        Resource(uid=Uid(f"{_MACHINE}{name}"), provider="aws", kind="instance", name=name) for name in told.get("machines", ())
    ]
    return facts


def _objects(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, level in told.get("namespaces", {}).items():
        labels = {"pod-security.kubernetes.io/enforce": level} if level else {}
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    yield from _rights(told)
    for name, said in told.get("accounts", {}).items():
        yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {**_place(name), "annotations": said or {}}}
    for name, account in told.get("secrets", {}).items():
        yield _secret(name, account)
    for name, role in told.get("nodes", {}).items():
        labels = {_CONTROL_PLANE: ""} if role == "control-plane" else {}
        yield {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}
    for name, said in told.get("workloads", {}).items():
        yield _workload(name, said or {})
    yield from told.get("objects", ())


def _rights(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for who, rights in told.get("may", {}).items():
        for number, right in enumerate(rights):
            yield from _right(who, f"{who.replace('/', '-')}-{number}", right)
    for who, roles in told.get("bind", {}).items():
        for role in roles:
            name, _, namespace = role.partition(" in ")
            yield _binding(who, f"{who.replace('/', '-')}-{name}", {"kind": "ClusterRole", "name": name}, namespace)


def _place(name: str) -> dict[str, str]:
    namespace, _, last = name.partition("/")
    return {"name": last, "namespace": namespace}


def _right(who: str, name: str, right: str) -> Iterator[dict[str, Any]]:
    """Yield a role that allows one thing, and its binding."""
    what, _, namespace = right.partition(" in ")
    verb, kind, *names = what.split(" ")
    head, slash, part = kind.partition("/")
    resource, _, group = head.partition(".")
    rule = {"verbs": [verb], "apiGroups": [group], "resources": [f"{resource}{slash}{part}"]}
    if kind.startswith("/"):
        rule = {"verbs": [verb], "nonResourceURLs": [kind]}
    elif names:
        rule["resourceNames"] = names
    place = {"namespace": namespace} if namespace else {}
    role = {"kind": "Role" if namespace else "ClusterRole", "name": name}
    yield {"apiVersion": f"{_RBAC}/v1", "kind": role["kind"], "metadata": {"name": name, **place}, "rules": [rule]}
    yield _binding(who, name, role, namespace)


def _binding(who: str, name: str, role: Mapping[str, str], namespace: str) -> dict[str, Any]:
    kind, *rest = who.split("/", _PARTS if who.startswith("account/") else 1)
    subject = {"kind": {"user": "User", "group": "Group", "account": "ServiceAccount"}[kind], "name": rest[-1]}
    if kind == "account":
        subject["namespace"] = rest[0]
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
        "roleRef": {**role, "apiGroup": _RBAC},
        "subjects": [subject],
    }


def _secret(name: str, account: str | None) -> dict[str, Any]:
    secret: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": _place(name)}
    if account:
        secret["type"] = "kubernetes.io/service-account-token"  # a type, no token
        secret["metadata"]["annotations"] = {"kubernetes.io/service-account.name": account}
    return secret


def _workload(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    kind = said.get("kind", "Pod")
    context = {key: said[key] for key in ("privileged",) if key in said}
    container = {"name": "main", "image": "app", "securityContext": context, **said.get("container", {})}
    spec = {"serviceAccountName": said.get("account", "default"), "containers": [container], **said.get("spec", {})}
    if "node" in said:
        spec["nodeName"] = said["node"]
    made: dict[str, Any] = {
        "apiVersion": _APIS.get(kind, "apps/v1"),
        "kind": kind,
        "metadata": {**_place(name), "labels": {"app": name[-40:].replace("/", "-")}},
    }
    template = {"metadata": {"labels": made["metadata"]["labels"]}, "spec": spec}
    if kind == "Pod":
        return {**made, "spec": spec}
    return {**made, "spec": {"jobTemplate": {"spec": {"template": template}}} if kind == "CronJob" else {"template": template}}
