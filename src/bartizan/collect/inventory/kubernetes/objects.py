"""Collect the objects of one cluster from wherever they come, and turn them into facts once all are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Facts, Gap, Origin
from bartizan.collect.inventory.kubernetes.facts import Making
from bartizan.collect.inventory.kubernetes.index import Index, Written
from bartizan.collect.inventory.kubernetes.manifests import Broken, manifests
from bartizan.collect.inventory.kubernetes.names import snake, uid
from bartizan.collect.inventory.kubernetes.sections import PROVIDER, entries

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Uid
    from bartizan.collect.inventory.kubernetes.manifests import Manifest

__all__ = ["Objects"]

GLOBAL: Final = frozenset(
    {
        "APIService",
        "CertificateSigningRequest",
        "ClusterIssuer",
        "ClusterPolicy",
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
_NAMELESS: Final = frozenset(
    {"AdmissionConfiguration", "ClusterConfiguration", "EncryptionConfiguration", "KubeletConfiguration", "Policy"}
)
"""Kinds of files that programs of a cluster read: they have no name."""
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
        self.seen: set[str] = set()
        """Kinds of which there was an object, or a list without any, in snake case."""
        self._gaps: list[Gap] = []
        self._written: dict[Uid, Written] = {}
        self._again: list[Written] = []

    def file(self, content: bytes, path: str) -> None:
        """Take all objects of a file; what is broken becomes a gap."""
        for one in manifests(content):
            if isinstance(one, Broken):
                self.gap(f"{path}:{one.line}", "failed", one.why, tuple(snake(kind) for kind in one.kinds))
            else:
                self.take(one, path)

    def take(self, one: Manifest, path: str) -> None:
        """Take one object."""
        place = f"{path}:{one.line}" if one.line else path
        if one.kind in _NOT_APPLIED:
            self.gap(place, "not-in-origin", _NOT_APPLIED[one.kind])
            return
        metadata = one.value.get("metadata")
        name = metadata.get("name") or metadata.get("generateName") if isinstance(metadata, dict) else None
        if not isinstance(name, str) and (one.kind in _NAMELESS or (metadata is None and (one.group, one.kind) not in entries())):
            name = place
        if not isinstance(name, str):
            self.gap(place, "failed", f"a {one.kind} has no name", (snake(one.kind),))
            return
        told = metadata.get("namespace") if isinstance(metadata, dict) else None
        namespace = "" if one.kind in GLOBAL or one.kind in _NAMELESS else str(told or "default")
        of = uid(self.cluster, snake(one.kind), name, namespace)
        self.seen.add(snake(one.kind))
        origin = Origin(self.how, path, f"line {one.line}" if one.line else "")
        if of in self._written:
            first = self._written[of].origin
            again = f"{of} stands twice, first in {f'{first.path} {first.place}'.strip()}: both are judged, others are joined to the first"
            self._gaps.append(Gap(provider=PROVIDER, call=place, reason="unresolved", detail=again, account=self.cluster, uid=of))
            self._again.append(Written(of, one, origin, name, namespace))
        else:
            self._written[of] = Written(of, one, origin, name, namespace)

    def names(self, kind: str) -> list[str]:
        """Return the names of the objects of a kind."""
        return [one.name for one in self._written.values() if one.kind == kind]

    def gap(self, call: str, reason: str, detail: str, kinds: tuple[str, ...] = ()) -> None:
        """Note what was not read."""
        self._gaps.append(Gap(provider=PROVIDER, call=call, reason=reason, detail=detail, account=self.cluster, kinds=kinds))

    def facts(self) -> Facts:
        """Return what all objects say, in the order in which they were read, and what was not read."""
        made = Making(Index(self.cluster, self._written), self._gaps, frozenset(self.seen)).facts(self._again)
        made.gaps[:0] = self._gaps
        return made
