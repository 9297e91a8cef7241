"""Write what interfaces answer as the Cloud Asset Inventory would, so that one reader takes both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Value

__all__ = ["NODE_TYPES", "Node", "of_node", "of_policy", "of_thing"]

NODE_TYPES: Final = {
    "projects": "cloudresourcemanager.googleapis.com/Project",
    "folders": "cloudresourcemanager.googleapis.com/Folder",
    "organizations": "cloudresourcemanager.googleapis.com/Organization",
}
_NODES: Final = "//cloudresourcemanager.googleapis.com/"


@dataclass(frozen=True, slots=True)
class Node:
    """An organization, folder or project. ``name`` has the number of a project, ``id`` what people call it by."""

    name: str
    id: str
    above: tuple[str, ...] = ()
    """The nodes above it, the nearest first, as far as they are known."""
    document: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def number(self) -> str:
        """Return the number alone."""
        return self.name.partition("/")[2]

    @property
    def asset(self) -> str:
        """Return its name as an asset."""
        return f"{_NODES}{self.name}"

    @property
    def ancestors(self) -> list[Value]:
        """Return it and what is above it."""
        return [self.name, *self.above]


def of_node(node: Node) -> dict[str, Value]:
    """Return the asset of a node that the Resource Manager told of."""
    told = node.document
    data: dict[str, Any] = {name: told[name] for name in ("displayName", "labels", "createTime", "directoryCustomerId") if name in told}
    data["lifecycleState"] = told.get("state", "")
    if node.name.startswith("projects/"):
        kind, _, number = str(told.get("parent", "")).partition("/")
        parent = {"parent": {"type": kind.removesuffix("s"), "id": number}} if number else {}
        data = {**data, "projectId": node.id, "projectNumber": node.number, "name": told.get("displayName") or node.id, **parent}
        data.pop("displayName", None)
    else:
        data = {**data, "name": node.name, **({"parent": told["parent"]} if "parent" in told else {})}
    return of_thing(node.asset, NODE_TYPES[node.name.partition("/")[0]], data, node)


def of_thing(name: str, type_: str, data: Mapping[str, Any], node: Node) -> dict[str, Value]:
    """Return the asset that a thing in a project, or at a node, is; ``whole``: its own interface told of it."""
    return {"name": name, "assetType": type_, "resource": {"data": dict(data)}, "ancestors": node.ancestors, "whole": True}


def of_policy(name: str, type_: str, policy: Mapping[str, Any], node: Node) -> dict[str, Value]:
    """Return the asset that an IAM policy is."""
    return {"name": name, "assetType": type_, "iamPolicy": dict(policy), "ancestors": node.ancestors}
