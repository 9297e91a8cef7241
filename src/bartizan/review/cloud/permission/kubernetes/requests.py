"""Read the question that is put to an authorizer: a verb, and a thing of the cluster or a path of its API server.

An action is ``VERB RESOURCE``, the resource with the group of its API and a subresource: ``get pods``, ``create deployments.apps``,
``update deployments.apps/scale``, ``get /metrics``. What it is done to is ``NAMESPACE/NAME``, ``NAMESPACE/`` for all of a kind in a
namespace (or a new one), ``/NAME`` for what is in no namespace, ``*`` for everywhere; or a uid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bartizan.collect.inventory.kubernetes.names import SCHEME, named

__all__ = ["Request", "request"]

_GLOBAL: Final = frozenset(
    {
        ("", "namespaces"),
        ("", "nodes"),
        ("", "persistentvolumes"),
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
        ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
        ("certificates.k8s.io", "certificatesigningrequests"),
        ("certificates.k8s.io", "signers"),
        ("rbac.authorization.k8s.io", "clusterrolebindings"),
        ("rbac.authorization.k8s.io", "clusterroles"),
        ("", "users"),
        ("", "groups"),
    }
)
"""Kinds in no namespace: a word without a slash is then a name, else a namespace."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. ``path`` is filled for what is no thing of the cluster, the others are then empty."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


def request(action: str, resource: str = "") -> Request | None:
    """Read a question; None where the action is none."""
    verb, _, what = action.partition(" ")
    if not verb or not what or " " in what:
        return None
    if what.startswith("/"):
        return Request(verb, path=what)
    kind, _, subresource = what.partition("/")
    kind, _, group = kind.partition(".")
    if not kind:
        return None
    namespace, name = _place(resource, (group, kind))
    if (group, kind) == ("", "namespaces") and name:
        namespace = name
    return Request(verb, group, kind, subresource, namespace, name)


def _place(resource: str, kind: tuple[str, str]) -> tuple[str, str]:
    if resource.startswith(SCHEME):
        parts = named(resource)
        return ("", "") if parts is None else (parts.namespace, parts.name)
    if resource in ("", "*"):
        return "", ""
    namespace, slash, name = resource.partition("/")
    if not slash:
        return ("", namespace) if kind in _GLOBAL else (namespace, "")
    return namespace, name
