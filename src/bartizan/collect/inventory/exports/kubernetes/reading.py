"""Read the objects of a cluster, one after the other, into facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Facts, Gap, Origin, Resource, Uid
from bartizan.collect.inventory.exports.kubernetes.manifests import Broken, Manifest, manifests
from bartizan.collect.inventory.exports.kubernetes.names import named, snake, uid
from bartizan.collect.inventory.exports.kubernetes.rbac import bind, rules
from bartizan.collect.inventory.exports.kubernetes.sections import PROVIDER, entries, properties

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.exports.kubernetes.sections import Entry

__all__ = ["Objects"]

GLOBAL: Final = frozenset(
    {
        "APIService",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "GatewayClass",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PodSecurityPolicy",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    }
)
"""Kinds that are in no namespace."""
_NOT_APPLIED: Final = {
    "Kustomization": "patches and generators of a kustomization are not applied: give what `kustomize build` writes",
    "HelmRelease": "what a release installs is not read: give what `helm template` writes",
    "HelmChart": "what a chart installs is not read: give what `helm template` writes",
}


class Objects:
    """What has been read of one cluster. ``how``: export, live or recording."""

    def __init__(self, cluster: str, how: str = "export") -> None:
        """Begin with nothing."""
        self.cluster = cluster
        self.how = how
        self.facts = Facts()
        self.seen: set[str] = set()
        """Kinds of which there was an object, or a list without any, as manifests write them."""
        self.written: dict[Uid, tuple[Manifest, Origin]] = {}
        """Each object by its uid."""

    def file(self, content: bytes, path: str) -> None:
        """Take all objects of a file; what is broken becomes a gap."""
        for one in manifests(content):
            if isinstance(one, Broken):
                self.gap(f"{path}:{one.line}", "failed", one.why, tuple(snake(kind) for kind in one.kinds))
            else:
                self.take(one, path)

    def take(self, one: Manifest, path: str) -> None:
        """Take one object."""
        origin = Origin(self.how, path, str(one.line) if one.line else "")
        if one.kind in _NOT_APPLIED:
            self.gap(f"{path}:{one.line}", "not-in-origin", _NOT_APPLIED[one.kind])
            return
        metadata = one.value.get("metadata")
        name = metadata.get("name") or metadata.get("generateName") if isinstance(metadata, dict) else None
        if not isinstance(name, str) and (one.group, one.kind) not in entries():
            return
        if not isinstance(metadata, dict) or not isinstance(name, str):
            self.gap(f"{path}:{one.line}", "failed", f"a {one.kind} has no name", (snake(one.kind),))
            return
        namespace = "" if one.kind in GLOBAL else str(metadata.get("namespace") or "default")
        self.seen.add(one.kind)
        self._resources(one, uid(self.cluster, snake(one.kind), name, namespace), origin)

    def gap(self, call: str, reason: str, detail: str, kinds: tuple[str, ...] = ()) -> None:
        """Note what was not read."""
        self.facts.gaps.append(Gap(provider=PROVIDER, call=call, reason=reason, detail=detail, account=self.cluster, kinds=kinds))

    def _resources(self, one: Manifest, of: Uid, origin: Origin) -> None:
        if of in self.written:
            self.facts.gaps.append(
                Gap(
                    provider=PROVIDER,
                    call=f"{origin.path}:{origin.place}",
                    reason="unresolved",
                    detail=f"{of} stands twice, first in {self.written[of][1].path}:{self.written[of][1].place}: the first one is taken",
                    account=self.cluster,
                    uid=of,
                )
            )
            return
        self.written[of] = (one, origin)
        for entry in entries().get((one.group, one.kind), ()):
            if entry.items is None:
                self.facts.resources.append(self.resource(entry, of, one.value, origin))
            else:
                self._rows(entry, of, one, origin)
        if one.group == "rbac.authorization.k8s.io":
            self._rbac(one, of, origin)

    def _rows(self, entry: Entry, of: Uid, one: Manifest, origin: Origin) -> None:
        items = entry.items.of(one.value) if entry.items else None
        for number, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, dict):
                name = entry.name.of(item) if entry.name else None
                row = Uid(f"{of}#{entry.row}/{number if name is None else name}")
                self.facts.resources.append(self.resource(entry, row, {**item, "owner": one.value}, origin))

    def resource(self, entry: Entry, of: Uid, value: Mapping[str, Any], origin: Origin) -> Resource:
        """Return the resource that an entry makes of a value."""
        given, unknown = properties(entry, value)
        parts = named(of)
        metadata = value.get("metadata")
        labels = metadata.get("labels") if isinstance(metadata, dict) else None
        return Resource(
            uid=of,
            provider=PROVIDER,
            kind=entry.kind.name,
            account=self.cluster,
            region=parts.namespace if parts else "",
            name=parts.name if parts else "",
            tags={str(key): str(text) for key, text in labels.items()} if isinstance(labels, dict) else {},
            properties=given,
            unknown=unknown,
            origin=origin,
        )

    def _rbac(self, one: Manifest, of: Uid, origin: Origin) -> None:
        if one.kind in ("Role", "ClusterRole"):
            rules(of, one, origin, self.facts)
        elif one.kind in ("RoleBinding", "ClusterRoleBinding"):
            bind(self.cluster, one.value, origin, self.facts)
