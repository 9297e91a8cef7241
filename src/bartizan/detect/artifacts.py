"""Shape a mapped record into what a finding shows of it: the evidence artifact, its observables, the device, the cloud.

Which attributes go where follows from their names alone, so it is planned once per set of names; per record the plan only
moves values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bartizan.schema.columns import ABSENT, Cell

__all__ = ["Plan", "Sight", "plain", "planned"]

_ARTIFACT: Final = frozenset(
    {"actor", "api", "connection_info", "container", "database", "databucket", "device", "dst_endpoint", "email", "file", "http_request"}
    | {"http_response", "job", "process", "query", "script", "src_endpoint", "tls", "url", "user"}
)
"""The objects that an OCSF evidence artifact can hold."""

_WINDOWS: Final = frozenset({"reg_key", "reg_value", "win_service"})
"""The objects that the Windows extension of OCSF adds to them."""

_OBSERVABLES: Final[Mapping[str, tuple[int, str]]] = {
    "hostname": (1, "Hostname"),
    "ip": (2, "IP Address"),
    "mac": (3, "MAC Address"),
    "user.name": (4, "User Name"),
    "email_addr": (5, "Email Address"),
    "url_string": (6, "URL String"),
    "hashes": (8, "Hash"),
    "user.uid": (31, "User UID"),
    "file.path": (45, "File Path"),
}
"""The last one or two words of an attribute -> OCSF observable type: what people search for in other records."""

_TYPED: Final = frozenset({"device", "file"})
"""Objects whose ``type_id`` OCSF requires: 0, Unknown, where the mapping does not say."""

_NOTHING: Final = frozenset({"", "-"})

_LEVELS: Final = 8
"""How deep objects nest, at most; what is deeper stays with the record. The deepest mapped so far are 4 levels deep."""


@dataclass(slots=True)
class _Object:
    """One object being planned: where it hangs, and which attributes go into it under which key."""

    moves: list[tuple[str, str]]
    children: dict[str, _Object]
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """An attribute that holds an observable: its name within the finding, and the OCSF type."""

    attribute: str
    name: str
    type_id: int
    type: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the values of one set of attribute names go."""

    root: _Object
    """The artifact, and beside it the finding's ``cloud``."""
    sights: tuple[Sight, ...]
    hashes: tuple[Sight, ...]
    resources: bool
    windows: bool
    """Whether the artifact uses the Windows extension of OCSF."""
    cloud: bool
    """Whether the finding may use the cloud profile of OCSF."""

    def fill(self, body: dict[str, object], artifact: dict[str, object], ocsf: Mapping[str, Cell]) -> None:
        """Move the values of a mapped record into the artifact and the finding's ``body``."""
        shown = _filled(self.root, ocsf)
        cloud = shown.pop("cloud", None)
        if isinstance(cloud, dict) and "provider" in cloud:
            body["cloud"] = cloud
        if "device" in shown:
            body["device"] = shown["device"]
        if self.resources and ocsf["resources"]:
            body["resources"] = plain(ocsf["resources"])
        artifact.update(shown)
        body["evidences"] = [artifact]
        observables: list[dict[str, object]] = [
            {"name": sight.name, "type_id": sight.type_id, "type": sight.type, "value": cell}
            for sight in self.sights
            if type(cell := ocsf[sight.attribute]) is str and cell not in _NOTHING
        ]
        for sight in self.hashes:
            observables.extend(_hashes(sight, ocsf[sight.attribute]))
        if observables:
            body["observables"] = observables


def planned(names: tuple[str, ...]) -> Plan:
    """Plan where attributes of these names go; those that a finding has no place for are left to the record."""
    shown = {name: name for name in names}
    if not any(name.startswith("file.") for name in names):
        shown |= {name: name.removeprefix("module.") for name in names if name.startswith("module.file.")}
    kept = {name: path for name, path in shown.items() if _fits(path)}
    root = _Object([], {})
    for name, path in kept.items():
        *parents, key = path.split(".")
        held = root
        for parent in parents:
            held = held.children.setdefault(parent, _Object([], {}, typed=parent in _TYPED))
        held.moves.append((key, name))
        held.typed = held.typed and key != "type_id"
    sights = [sight for name, path in kept.items() for sight in _sight(name, path)]
    return Plan(
        root=root,
        sights=tuple(sight for sight in sights if sight.type != "Hash"),
        hashes=tuple(sight for sight in sights if sight.type == "Hash"),
        resources="resources" in names,
        windows=not _WINDOWS.isdisjoint(root.children),
        cloud="cloud" in root.children,
    )


def plain(cell: Cell) -> object:
    """Return a cell as JSON can carry it: no value and no field are both null."""
    if cell is ABSENT:
        return None
    if isinstance(cell, tuple):
        return [plain(one) for one in cell]
    if isinstance(cell, Mapping):
        return {name: plain(one) for name, one in cell.items()}
    return cell


def _fits(path: str) -> bool:
    root, dot, _ = path.partition(".")
    return (root in _ARTIFACT or root in _WINDOWS or (root == "cloud" and dot != "")) and path.count(".") < _LEVELS


def _filled(held: _Object, ocsf: Mapping[str, Cell]) -> dict[str, object]:
    made: dict[str, object] = {
        key: plain(cell) if type(cell) is tuple else cell
        for key, name in held.moves
        if (cell := ocsf[name]) is not ABSENT and cell is not None
    }
    for key, child in held.children.items():
        below = _filled(child, ocsf)
        if below:
            made[key] = below
    if made and held.typed:
        made["type_id"] = 0
    return made


def _sight(name: str, path: str) -> list[Sight]:
    words = path.split(".")
    found = _OBSERVABLES.get(words[-1]) or _OBSERVABLES.get(".".join(words[-2:]))
    return [Sight(name, f"evidences[0].{path}", *found)] if found and words[0] != "cloud" else []


def _hashes(sight: Sight, cell: Cell) -> list[dict[str, object]]:
    """Return an observable for each fingerprint of a list; nothing for what is no list of fingerprints."""
    fingerprints = enumerate(cell) if isinstance(cell, tuple) else ()
    return [
        {"name": f"{sight.name}[{index}].value", "type_id": sight.type_id, "type": sight.type, "value": one["value"]}
        for index, one in fingerprints
        if isinstance(one, Mapping) and type(one.get("value")) is str
    ]
