"""Say what follows of single objects that no expression says: their kinds' expressions see it as ``derived``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.credentials import looks_like
from bartizan.collect.inventory.kubernetes.control_plane import secret_bodies
from bartizan.collect.inventory.kubernetes.index import listed, mapped
from bartizan.collect.inventory.kubernetes.network import ingress, policy, service

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.kubernetes.index import Index, Written

__all__ = ["DERIVED", "is_control_plane"]

_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_VERSION: Final = re.compile(r"v?\d+\.(\d+)")
_CONTROL_PLANE: Final = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")


def _secret(one: Written, _: Index) -> dict[str, Any]:
    keys = [*mapped(one.value, "data"), *mapped(one.value, "stringData")]
    applied = str(one.annotations.get(_APPLIED) or "")
    written = "resourceVersion" not in mapped(one.value, "metadata") and "uid" not in mapped(one.value, "metadata")
    return {
        "keys": list(dict.fromkeys(map(str, keys))),
        "in_annotation": '"data"' in applied or '"stringData"' in applied,
        "in_manifest": bool(keys) and written and one.origin.how == "export",
    }


def _config_map(one: Written, _: Index) -> dict[str, Any]:
    data = mapped(one.value, "data")
    return {
        "keys": [str(key) for key in [*data, *mapped(one.value, "binaryData")]],
        "credentials": [str(key) for key, value in data.items() if isinstance(value, str) and looks_like(value, name=str(key))],
    }


def _audit_policy(one: Written, _: Index) -> dict[str, Any]:
    return {"secret_bodies": secret_bodies(one.value)}


def is_control_plane(one: Written) -> bool:
    """Say whether a node is of the control plane."""
    return any(label in one.labels for label in _CONTROL_PLANE)


def _node(one: Written, _: Index) -> dict[str, Any]:
    found = _VERSION.match(str(mapped(one.value, "status", "nodeInfo").get("kubeletVersion") or ""))
    return {"control_plane": is_control_plane(one), "minor": int(found[1]) if found else None}


def _admission_policy(one: Written, index: Index) -> dict[str, Any]:
    specs = [mapped(each.value, "spec") for each in index.of("ValidatingAdmissionPolicyBinding")]
    bound = [spec for spec in specs if spec.get("policyName") == one.name]
    return {"bound": bool(bound), "denies": any("Deny" in listed(spec, "validationActions") for spec in bound)}


def _namespace(one: Written, index: Index) -> dict[str, Any]:
    """Count what a namespace has; None where nothing of the kind was read at all, so that nobody can tell."""
    policies = list(index.of("NetworkPolicy", one.name))
    whole = [(mapped(each.value, "spec"), policy(each, index)) for each in policies]
    denying = [(spec, told["types"]) for spec, told in whole if told["all_pods"]]
    return {
        "network_policies": len(policies),
        "denies_ingress": any("Ingress" in types and not listed(spec, "ingress") for spec, types in denying),
        "denies_egress": any("Egress" in types and not listed(spec, "egress") for spec, types in denying),
        "quotas": len(list(index.of("ResourceQuota", one.name))),
        "limit_ranges": len(list(index.of("LimitRange", one.name))),
        "workloads": len(index.workloads_in(one.name)),
    }


def _account(one: Written, index: Index) -> dict[str, Any]:
    return {"workloads": sum(index.account(top) == one.name for top in index.workloads_in(one.namespace))}


DERIVED: Final[Mapping[str, Callable[[Written, Index], dict[str, Any]]]] = {
    "ConfigMap": _config_map,
    "Ingress": ingress,
    "Namespace": _namespace,
    "NetworkPolicy": policy,
    "Node": _node,
    "Policy": _audit_policy,
    "Secret": _secret,
    "Service": service,
    "ServiceAccount": _account,
    "ValidatingAdmissionPolicy": _admission_policy,
}
