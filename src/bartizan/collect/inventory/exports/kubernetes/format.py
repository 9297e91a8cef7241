"""Offer objects of Kubernetes to whoever reads exports: files are taken whole, as YAML has no records, and single objects too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.exports.contract import Format
from bartizan.collect.inventory.kubernetes.manifests import is_object, manifest_of, takes
from bartizan.collect.inventory.kubernetes.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Facts, Origin, Value

__all__ = ["CLUSTER", "FORMAT", "Manifests"]

CLUSTER: Final = "cluster"
"""What a cluster is called that no file names."""


class Manifests:
    """What takes the objects of one cluster."""

    def __init__(self, cluster: str = CLUSTER) -> None:
        """Begin with nothing."""
        self._objects = Objects(cluster)

    def take(self, record: Mapping[str, Value], origin: Origin) -> None:
        """Take one object."""
        self._objects.take(manifest_of(record), f"{origin.path} {origin.place}".strip())

    def file(self, content: bytes, path: str) -> None:
        """Take all objects of a file."""
        self._objects.file(content, path)

    def facts(self) -> Facts:
        """Return what all objects say."""
        return self._objects.facts()


FORMAT: Final = Format(
    name="kubernetes-manifests",
    provider="kubernetes",
    title="Objects of Kubernetes: kubectl get -o json or yaml, manifests, what Helm and kustomize write",
    claims=is_object,
    begin=Manifests,
    takes=takes,
)
