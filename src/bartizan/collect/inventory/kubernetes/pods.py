"""Say what a pod and its containers run with: what a container does not say itself, its pod says; what neither says is a default.

The expressions of the kinds ``pod_spec`` and ``container`` see what ``pod_document`` and ``container_documents`` return.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.credentials import looks_like
from bartizan.collect.inventory.kubernetes.images import image_parts
from bartizan.collect.inventory.kubernetes.index import listed, mapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.kubernetes.index import Index, Written

__all__ = ["container_documents", "host_paths", "pod_document"]

_ROLES: Final = (("containers", "container"), ("initContainers", "init"), ("ephemeralContainers", "ephemeral"))
_SHARED: Final = ("runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile", "appArmorProfile", "seLinuxOptions", "windowsOptions")
"""What a pod's security context says for its containers."""
_APPARMOR: Final = "container.apparmor.security.beta.kubernetes.io/"
_SAFE_SYSCTLS: Final = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
_CONTROL_PLANE: Final = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")


def host_paths(spec: Mapping[str, Any], index: Index, namespace: str) -> dict[str, str]:
    """Return the paths of the node that volumes of a pod show, by the volume's name; claims of volumes that are paths count."""
    found: dict[str, str] = {}
    for volume in listed(spec, "volumes"):
        path = mapped(volume, "hostPath").get("path")
        claim = index.get("PersistentVolumeClaim", mapped(volume, "persistentVolumeClaim").get("claimName"), namespace)
        bound = index.get("PersistentVolume", mapped(claim.value, "spec").get("volumeName")) if claim else None
        if path is None and bound:
            path = mapped(bound.value, "spec", "hostPath").get("path") or mapped(bound.value, "spec", "local").get("path")
        if isinstance(path, str):
            found[str(volume.get("name"))] = path
    return found


def pod_document(one: Written, index: Index) -> dict[str, Any]:
    """Return what the expressions of a pod see: its ``spec``, ``owner`` (the object), and what follows from them."""
    spec = mapped(one.template, "spec")
    account = index.get("ServiceAccount", index.account(one), one.namespace)
    mounts = spec.get("automountServiceAccountToken")
    if mounts is None and account is not None:
        mounts = account.value.get("automountServiceAccountToken")
    known = account is not None or (index.account(one) == "default" and "uid" not in mapped(one.value, "metadata"))
    sysctls = [str(mapped(item).get("name")) for item in listed(spec, "securityContext", "sysctls")]
    return {
        "spec": spec,
        "owner": one.value,
        "service_account": index.account(one),
        "automount": mounts is not False if mounts is not None or known else None,
        "host_paths": sorted(set(host_paths(spec, index, one.namespace).values())),
        "unsafe_sysctls": [name for name in sysctls if name not in _SAFE_SYSCTLS],
        "tolerates_control_plane": any(map(_tolerates, listed(spec, "tolerations"))),
        "secrets": sorted(_secrets(spec)),
        "projected_tokens": [
            str(mapped(source, "serviceAccountToken").get("audience") or "")
            for volume in listed(spec, "volumes")
            if not str(mapped(volume).get("name")).startswith("kube-api-access-")
            for source in listed(volume, "projected", "sources")
            if isinstance(source, dict) and "serviceAccountToken" in source
        ],
    }


def container_documents(one: Written, index: Index) -> Iterator[dict[str, Any]]:
    """Yield what the expressions of a container see, for each of a pod's: the container, ``pod``, ``owner`` and what follows."""
    spec = mapped(one.template, "spec")
    annotations = mapped(one.template, "metadata", "annotations")
    paths = host_paths(spec, index, one.namespace)
    for key, role in _ROLES:
        for number, container in enumerate(listed(spec, key)):
            if isinstance(container, dict):
                sidecar = role == "init" and container.get("restartPolicy") == "Always"
                context = _context(spec, container, annotations)
                yield {
                    **container,
                    "same": _same(container, role, context, paths),
                    "pod": spec,
                    "owner": one.value,
                    "role": "sidecar" if sidecar else role,
                    "line": one.line_of(key, number),
                    "context": context,
                    "image_parts": image_parts(str(container.get("image") or "")),
                    "mounted": list(_mounted(container, paths)),
                    **_environment(container),
                }


def _same(container: Mapping[str, Any], role: str, context: Mapping[str, Any], paths: Mapping[str, str]) -> str:
    """Return a text that is the same for containers of which the same is told: a token that the cluster mounts is no difference."""
    mounts = [one for one in listed(container, "volumeMounts") if mapped(one).get("name") in paths]
    return json.dumps([{**container, "volumeMounts": mounts}, role, context, paths], sort_keys=True, default=str)


def _context(spec: Mapping[str, Any], container: Mapping[str, Any], annotations: Mapping[str, Any]) -> dict[str, Any]:
    shared = mapped(spec, "securityContext")
    own = {key: value for key, value in mapped(container, "securityContext").items() if value is not None}
    told = {key: shared[key] for key in _SHARED if shared.get(key) is not None} | own
    profile = annotations.get(f"{_APPARMOR}{container.get('name')}")
    if "appArmorProfile" not in told and isinstance(profile, str):
        told["appArmorProfile"] = {"type": {"unconfined": "Unconfined", "runtime/default": "RuntimeDefault"}.get(profile, "Localhost")}
    told["added"], told["dropped"] = (
        sorted({str(name).upper().removeprefix("CAP_") for name in listed(own, "capabilities", key)}) for key in ("add", "drop")
    )
    return told


def _mounted(container: Mapping[str, Any], paths: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the paths of the node that a container sees, with whether it may write there."""
    for key in ("volumeMounts", "volumeDevices"):
        for mount in listed(container, key):
            path = paths.get(str(mapped(mount).get("name")))
            if path is not None:
                below = str(mount.get("subPath") or "").strip("/")
                yield {"path": f"{path.rstrip('/')}/{below}" if below else path, "writable": mount.get("readOnly") is not True}


def _environment(container: Mapping[str, Any]) -> dict[str, Any]:
    """Return names of variables, and where their values come from; of a value it is kept only whether it looks like a credential."""
    variables = [item for item in listed(container, "env") if isinstance(item, dict)]
    sources = [mapped(item, "valueFrom") for item in variables] + [mapped(item) for item in listed(container, "envFrom")]
    written = [str(part) for key in ("command", "args") for part in listed(container, key)]
    return {
        "env_names": [str(item.get("name")) for item in variables],
        "env_credentials": [str(item.get("name")) for item in variables if _is_credential(item)],
        "env_secrets": _names(sources, ("secretKeyRef", "secretRef")),
        "env_config_maps": _names(sources, ("configMapKeyRef", "configMapRef")),
        "argument_credentials": sorted({form for part in written if (form := looks_like(part))}),
    }


def _is_credential(variable: Mapping[str, Any]) -> bool:
    value = variable.get("value")
    return isinstance(value, str) and bool(looks_like(value, name=str(variable.get("name"))))


def _names(sources: Sequence[Mapping[str, Any]], keys: tuple[str, ...]) -> list[str]:
    return sorted({str(mapped(source, key)["name"]) for source in sources for key in keys if "name" in mapped(source, key)})


def _secrets(spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield the secrets that a pod is given, by volumes and by variables."""
    for volume in listed(spec, "volumes"):
        names = [mapped(volume, "secret").get("secretName")]
        names += [mapped(source, "secret").get("name") for source in listed(volume, "projected", "sources")]
        yield from (str(name) for name in names if name)
    for key, _ in _ROLES:
        for container in listed(spec, key):
            yield from _environment(mapped(container))["env_secrets"]


def _tolerates(toleration: object) -> bool:
    told = mapped(toleration)
    key = told.get("key")
    return key in _CONTROL_PLANE or (key in (None, "") and told.get("operator") == "Exists")
