"""Say who reaches the pods of a cluster: services, ingresses, and what network policies let through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import NetworkRule
from bartizan.collect.inventory.kubernetes.index import listed, mapped
from bartizan.collect.inventory.kubernetes.selectors import chooses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.kubernetes.index import Index, Written

__all__ = ["backends", "behind", "ingress", "network_rules", "policy", "protects", "service"]

_INTERNAL: Final = {
    "cloud.google.com/load-balancer-type": "internal",
    "networking.gke.io/load-balancer-type": "internal",
    "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
    "alb.ingress.kubernetes.io/scheme": "internal",
    "kubernetes.io/ingress.class": "gce-internal",
}
"""Annotations, and what they say in lower case, by which a cloud makes a load balancer that is not reached from outside."""
_ANYWHERE: Final = frozenset({"0.0.0.0/0", "::/0"})
_SNIPPET: Final = "-snippet"
_AUTHENTICATION: Final = ("/auth-url", "/auth-type", "/auth-tls-secret", "/auth-signin", "alb.ingress.kubernetes.io/auth-type")
_REDIRECTS: Final = ("/ssl-redirect", "/force-ssl-redirect", "redirect-entry-point", "networking.gke.io/v1beta1.FrontendConfig")


def service(one: Written, index: Index) -> dict[str, Any]:
    """Return what follows of a service: its exposure, and the names of the workloads that it leads to."""
    return {"exposure": _exposure(one), "workloads": [f"{it.kind}/{it.name}" for it in behind(one, index)]}


def _exposure(one: Written) -> str:
    spec = mapped(one.value, "spec")
    ranges = {str(item) for item in listed(spec, "loadBalancerSourceRanges")}
    if spec.get("type") == "LoadBalancer":
        closed = _is_internal(one) or (ranges and not ranges & _ANYWHERE)
        return "network" if closed else "internet"
    if listed(spec, "externalIPs"):
        return "internet"
    return "nodes" if spec.get("type") == "NodePort" else "cluster"


def _is_internal(one: Written) -> bool:
    return any(str(one.annotations.get(name, "")).lower() == said for name, said in _INTERNAL.items())


def behind(one: Written, index: Index) -> Iterator[Written]:
    """Yield the workloads whose pods a service chooses."""
    selector = mapped(one.value, "spec", "selector")
    if not selector:
        return
    for workload in index.workloads_in(one.namespace):
        pods = [workload, *index.workloads[workload.uid]]
        if any(chooses({"matchLabels": dict(selector)}, _labels(pod)) for pod in pods):
            yield workload


def _labels(one: Written) -> Mapping[str, str]:
    return {str(key): str(value) for key, value in mapped(one.template, "metadata", "labels").items()}


def backends(value: Mapping[str, Any]) -> list[str]:
    """Return the names of the services that an ingress leads to, in its form of today and in that of before 1.19."""
    spec = mapped(value, "spec")
    found = [mapped(spec, "defaultBackend"), mapped(spec, "backend")]
    found += [mapped(path, "backend") for rule in listed(spec, "rules") for path in listed(rule, "http", "paths")]
    names = [mapped(one, "service").get("name") or one.get("serviceName") for one in found]
    return list(dict.fromkeys(str(name) for name in names if name))


def ingress(one: Written, _: Index) -> dict[str, Any]:
    """Return what follows of an ingress: its exposure, hosts, services, and what annotations turn on."""
    rules = [mapped(rule) for rule in listed(one.value, "spec", "rules")]
    annotations = {name: str(said).lower() for name, said in one.annotations.items()}
    application = mapped(one.value, "spec").get("ingressClassName") == "alb" or annotations.get("kubernetes.io/ingress.class") == "alb"
    outside = annotations.get("alb.ingress.kubernetes.io/scheme") == "internet-facing" if application else not _is_internal(one)
    return {
        "exposure": "internet" if outside else "network",
        "hosts": list(dict.fromkeys(str(rule.get("host") or "*") for rule in rules)) or ["*"],
        "services": backends(one.value),
        "snippets": [name for name in annotations if name.endswith(_SNIPPET)],
        "authenticated": any(name.endswith(_AUTHENTICATION) and said not in ("", "none") for name, said in annotations.items()),
        "redirects": any(name.endswith(_REDIRECTS) and said != "false" for name, said in annotations.items()),
    }


def policy(one: Written, _: Index) -> dict[str, Any]:
    """Return what follows of a network policy."""
    spec = mapped(one.value, "spec")
    opens = {key: any(_is_open(rule, peer) for rule in listed(spec, key)) for key, peer in (("ingress", "from"), ("egress", "to"))}
    return {
        "types": _types(spec),
        "all_pods": not mapped(spec, "podSelector").get("matchLabels") and not listed(spec, "podSelector", "matchExpressions"),
        "all_ingress": opens["ingress"],
        "all_egress": opens["egress"],
    }


def _types(spec: Mapping[str, Any]) -> list[str]:
    return [str(item) for item in listed(spec, "policyTypes")] or ["Ingress", *(["Egress"] if "egress" in spec else [])]


def _is_open(rule: object, peer: str) -> bool:
    if listed(rule, "ports"):
        return False
    peers = listed(rule, peer)
    return not peers or any(mapped(one, "ipBlock").get("cidr") in _ANYWHERE and not listed(one, "ipBlock", "except") for one in peers)


def protects(one: Written, workload: Written) -> bool:
    """Say whether a network policy chooses the pods of a workload."""
    return one.namespace == workload.namespace and chooses(mapped(one.value, "spec").get("podSelector"), _labels(workload))


def network_rules(one: Written) -> Iterator[NetworkRule]:
    """Yield what a network policy lets through; a peer is a CIDR, ``*``, or the selectors as written."""
    spec = mapped(one.value, "spec")
    for key, peer, direction in (("ingress", "from", "ingress"), ("egress", "to", "egress")):
        for rule in listed(spec, key):
            for who in [_peer(each) for each in listed(rule, peer)] or ["*"]:
                for protocol, first, last in [_ports(each) for each in listed(rule, "ports")] or [("-1", -1, -1)]:
                    yield NetworkRule(
                        resource=one.uid,
                        direction=direction,
                        peer=who,
                        protocol=protocol,
                        first_port=first,
                        last_port=last,
                        origin=one.origin,
                    )


def _peer(told: object) -> str:
    block = mapped(told, "ipBlock")
    if block:
        left_out = "".join(f" but {item}" for item in listed(block, "except"))
        return f"{block.get('cidr')}{left_out}"
    chosen = [
        f"{name} {_selected(mapped(told, key))}"
        for key, name in (("namespaceSelector", "namespaces"), ("podSelector", "pods"))
        if key in mapped(told)
    ]
    return ", ".join(chosen)


def _selected(selector: Mapping[str, Any]) -> str:
    equal = [f"{key}={value}" for key, value in mapped(selector, "matchLabels").items()]
    tests = [
        f"{mapped(one).get('key')} {mapped(one).get('operator')} {','.join(map(str, listed(one, 'values')))}".strip()
        for one in listed(selector, "matchExpressions")
    ]
    return " and ".join([*equal, *tests]) or "*"


def _ports(told: object) -> tuple[str, int, int]:
    said = mapped(told)
    first, last = said.get("port"), said.get("endPort")
    number = first if isinstance(first, int) else -1
    return str(said.get("protocol") or "TCP").lower(), number, last if isinstance(last, int) else number
