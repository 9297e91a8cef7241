"""Make facts of the objects of a cluster."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Facts, Gap, Resource, Uid
from bartizan.collect.inventory.kubernetes.control_plane import programs
from bartizan.collect.inventory.kubernetes.derived import DERIVED
from bartizan.collect.inventory.kubernetes.images import image_parts
from bartizan.collect.inventory.kubernetes.joins import joins
from bartizan.collect.inventory.kubernetes.names import uid
from bartizan.collect.inventory.kubernetes.network import network_rules
from bartizan.collect.inventory.kubernetes.pods import container_documents, pod_document
from bartizan.collect.inventory.kubernetes.rbac import bind, rules
from bartizan.collect.inventory.kubernetes.sections import PROVIDER, entries, known_kinds, parts, properties

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.kubernetes.index import Index, Written
    from bartizan.collect.inventory.kubernetes.sections import Entry

__all__ = ["Making"]

_COUNTED: Final = {
    "namespace": {
        "network_policies": "network_policy",
        "denies_ingress": "network_policy",
        "denies_egress": "network_policy",
        "quotas": "resource_quota",
        "limit_ranges": "limit_range",
    },
    "validating_admission_policy": {"bound": "validating_admission_policy_binding", "denies": "validating_admission_policy_binding"},
}
"""Properties that come of objects of another kind: where none of it was read, nobody can tell."""
_ROWS: Final = frozenset({"admission_webhook", "binding_subject", "container", "custom_object", "image", "pod_spec", "role_rule"})
"""Kinds that are parts of others."""
_RBAC: Final = "rbac.authorization.k8s.io"


class Making:
    """The facts of one cluster while they are made."""

    def __init__(self, index: Index, gaps: Sequence[Gap], seen: frozenset[str]) -> None:
        """Take the objects, what was not read, and of which kinds something was."""
        self._index = index
        self._missing = {kind: f"no {kind.replace('_', ' ')} is in what was read" for kind in known_kinds() if kind not in seen}
        self._told = {kind for gap in gaps for kind in gap.kinds}
        for gap in gaps:
            if not gap.uid:
                self._missing.update(dict.fromkeys(gap.kinds or known_kinds(), f"{gap.call}: {gap.detail}"))
        self._facts = Facts()
        self._seen = seen

    def facts(self, again: Sequence[Written] = ()) -> Facts:
        """Make them all, once; ``again`` are objects of a name that was there already."""
        for one in (*self._index.written.values(), *again):
            self._object(one)
        for top, members in self._index.workloads.items():
            told: set[str] = set()
            for one in (self._index.written[top], *members):
                self._facts.resources.extend(self._runs_with(one, told))
        for one in again:
            self._facts.resources.extend(self._runs_with(one, set()) if one.template else ())
        joins(self._index, self._facts)
        self._facts.resources.extend(self._images())
        kinds = sorted(set(known_kinds()) - self._seen - self._told - {one.kind for one in self._facts.resources} - _ROWS)
        self._facts.gaps.extend(
            Gap(
                provider=PROVIDER,
                call=f"list {kind}",
                reason="not-in-origin",
                detail=self._missing[kind],
                account=self._index.cluster,
                kinds=(kind,),
            )
            for kind in kinds
        )
        return self._facts

    def _images(self) -> Iterator[Resource]:
        """Yield each image that a container runs, as the first one has it."""
        counts = Counter(
            str(one.properties["image"]) for one in self._facts.resources if one.kind == "container" and "image" in one.properties
        )
        first = {str(one.properties.get("image")): one.origin for one in reversed(self._facts.resources) if one.kind == "container"}
        for image, count in counts.items():
            given, unknown = properties(parts("image"), {**image_parts(image), "containers": count})
            yield Resource(
                uid=uid(self._index.cluster, "image", image),
                provider=PROVIDER,
                kind="image",
                account=self._index.cluster,
                name=image,
                properties=given,
                unknown=unknown,
                origin=first[image],
            )

    def _object(self, one: Written) -> None:
        derive = DERIVED.get(one.kind)
        value = {**one.value, "derived": derive(one, self._index)} if derive else one.value
        found = entries().get((one.manifest.group, one.kind), ())
        for entry in found:
            if entry.items is None:
                self._facts.resources.append(self._resource(entry, one, one.uid, value))
            else:
                self._facts.resources.extend(self._rows(entry, one))
        for kind, document in programs(one):
            self._facts.resources.append(self._resource(parts(kind), one, Uid(f"{one.uid}#{kind}"), document))
        if not found:
            told = {**one.value, "makes_pods": bool(one.template)}
            self._facts.resources.append(self._resource(parts("custom_object"), one, one.uid, told))
        if one.manifest.group == _RBAC:
            self._rbac(one)
        elif one.kind == "NetworkPolicy":
            self._facts.network_rules.extend(network_rules(one))

    def _rbac(self, one: Written) -> None:
        if one.kind in ("Role", "ClusterRole"):
            rules(one, self._facts)
        elif one.kind in ("RoleBinding", "ClusterRoleBinding"):
            bind(self._index.cluster, one, self._facts)

    def _rows(self, entry: Entry, one: Written) -> Iterator[Resource]:
        items = entry.items(one.value) if entry.items else None
        for number, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, dict):
                name = entry.name(item) if entry.name else None
                row = Uid(f"{one.uid}#{entry.row}/{number if name is None else name}")
                yield self._resource(entry, one, row, {**item, "owner": one.value})

    def _runs_with(self, one: Written, told: set[str]) -> Iterator[Resource]:
        """Yield what a pod or a template runs with, and its containers; ``told`` is what its workload said already."""
        document = pod_document(one, self._index)
        yield from self._once(self._resource(parts("pod"), one, Uid(f"{one.uid}#pod"), document), told)
        for container in container_documents(one, self._index):
            if container["same"] in told:
                continue
            told.add(container["same"])
            row = Uid(f"{one.uid}#container/{container.get('name')}")
            made = self._resource(parts("container"), one, row, container)
            origin = replace(one.origin, place=container["line"]) if container["line"] else one.origin
            yield from self._once(replace(made, origin=origin), told)

    def _once(self, row: Resource, told: set[str]) -> Iterator[Resource]:
        said = {key: value for key, value in row.properties.items() if key not in ("owner_kind", "node_name")}
        key = f"{row.kind} {sorted(said.items(), key=lambda each: each[0])}"
        if key not in told:
            told.add(key)
            yield row

    def _resource(self, entry: Entry, one: Written, of: Uid, value: Mapping[str, Any]) -> Resource:
        given, unknown = properties(entry, value)
        for name, kind in _COUNTED.get(entry.kind.name, {}).items():
            if kind in self._missing:
                given.pop(name, None)
                unknown[name] = self._missing[kind]
        if entry.kind.name == "pod_spec" and "automount_token" not in given:
            unknown["automount_token"] = f"the service account {value['service_account']} of {one.namespace} was not read"
        if entry.kind.name == "secret" and one.origin.how == "live":
            given.pop("keys", None)
            unknown["keys"] = "it was asked for without what it says"
        return Resource(
            uid=of,
            provider=PROVIDER,
            kind=entry.kind.name,
            account=self._index.cluster,
            region=one.namespace,
            name=f"{one.name}{of.removeprefix(one.uid)}",
            tags=one.labels,
            properties=given,
            unknown=unknown,
            origin=one.origin,
        )
