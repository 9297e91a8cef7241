"""Know the objects of a cluster by name, kind, owner and labels."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.kubernetes.names import snake, uid
from bartizan.documents import Map

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Origin, Uid
    from bartizan.collect.inventory.kubernetes.manifests import Manifest

__all__ = ["Index", "Written", "listed", "mapped"]

_JOB: Final = ("spec", "jobTemplate", "spec", "template")
_TEMPLATE: Final = ("spec", "template")
_LONGEST_CHAIN: Final = 5
"""Of owners: a pod of a job of a cron job of some operator's object is four."""


def mapped(value: object, *path: str) -> Mapping[str, Any]:
    """Return the mapping that stands at a path, an empty one where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def listed(value: object, *path: str) -> Sequence[Any]:
    """Return the list that stands at a path, an empty one where there is none."""
    *before, last = path
    found = mapped(value, *before).get(last)
    return found if isinstance(found, list) else []


@dataclass(frozen=True, slots=True)
class Written:
    """An object with its uid and where it was read."""

    uid: Uid
    manifest: Manifest
    origin: Origin
    name: str
    namespace: str

    @property
    def kind(self) -> str:
        """Return its kind as manifests write it."""
        return self.manifest.kind

    @property
    def value(self) -> Mapping[str, Any]:
        """Return the object."""
        return self.manifest.value

    @property
    def labels(self) -> Mapping[str, str]:
        """Return its labels."""
        return {str(key): str(value) for key, value in mapped(self.value, "metadata", "labels").items()}

    @property
    def annotations(self) -> Mapping[str, Any]:
        """Return its annotations."""
        return mapped(self.value, "metadata", "annotations")

    @property
    def template(self) -> Mapping[str, Any]:
        """Return the pod that it is or makes (``metadata``, ``spec``); an empty one where it makes none.

        Objects of other makers that hold a template where those of Kubernetes do (Argo's, Knative's, OpenShift's) make pods too.
        """
        return self._template(self.value)

    def line_of(self, key: str, number: int) -> str:
        """Return the place of a container (``containers``, from 0) of its template, "" where lines are not known."""
        found = listed(self._template(self.manifest.lined or {}), "spec", key)[number : number + 1]
        return f"line {self.manifest.offset + found[0].line}" if found and isinstance(found[0], Map) else ""

    def _template(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.kind == "Pod":
            return value
        found = mapped(value, *(_JOB if self.kind == "CronJob" else _TEMPLATE))
        return found if listed(found, "spec", "containers") else {}


class Index:
    """The objects of one cluster, in the order in which they were read."""

    def __init__(self, cluster: str, written: Mapping[Uid, Written]) -> None:
        """Take the objects by their uids."""
        self.cluster = cluster
        self.written = written

    @cached_property
    def _by_kind(self) -> Mapping[str, Sequence[Written]]:
        found: defaultdict[str, list[Written]] = defaultdict(list)
        for one in self.written.values():
            found[one.kind].append(one)
        return found

    def of(self, kind: str, namespace: str | None = None) -> Iterator[Written]:
        """Yield the objects of a kind, in one namespace or in all."""
        return (one for one in self._by_kind.get(kind, ()) if namespace in (None, one.namespace))

    def get(self, kind: str, name: object, namespace: str = "") -> Written | None:
        """Return an object by its name."""
        return self.written.get(uid(self.cluster, snake(kind), str(name), namespace))

    def owner(self, one: Written) -> Written | None:
        """Return the object that controls one, where it was read."""
        for reference in listed(one.value, "metadata", "ownerReferences"):
            if isinstance(reference, dict) and reference.get("controller"):
                found = self.get(str(reference.get("kind")), reference.get("name"), one.namespace)
                return found or self.get(str(reference.get("kind")), reference.get("name"))
        return None

    def top(self, one: Written) -> Written:
        """Return the object behind one that makes pods and that nothing read controls: its deployment, its cron job, itself."""
        for _ in range(_LONGEST_CHAIN):
            above = self.owner(one)
            if above is None or not above.template:
                break
            one = above
        return one

    @cached_property
    def workloads(self) -> Mapping[Uid, Sequence[Written]]:
        """Return all that make pods, each with what it controls that makes pods too; what is controlled stands there only."""
        found: dict[Uid, list[Written]] = {}
        for one in self.written.values():
            if one.template:
                top = self.top(one)
                members = found.setdefault(top.uid, [])
                if top.uid != one.uid:
                    members.append(one)
        return found

    @cached_property
    def _by_namespace(self) -> Mapping[str, Sequence[Written]]:
        found: defaultdict[str, list[Written]] = defaultdict(list)
        for top in self.workloads:
            found[self.written[top].namespace].append(self.written[top])
        return found

    def workloads_in(self, namespace: str) -> Sequence[Written]:
        """Return what makes pods in a namespace and is controlled by nothing."""
        return self._by_namespace.get(namespace, ())

    def account(self, one: Written) -> str:
        """Return the name of the service account that its pods run as."""
        spec = mapped(one.template, "spec")
        return str(spec.get("serviceAccountName") or spec.get("serviceAccount") or "default")
