"""Shape a mapped record into what a finding shows of it: the evidence artifact, its observables, the device, the cloud.

Which attributes go where follows from their names alone. So the JSON around the values is written once per set of names,
and a record's values are only put into its gaps: half the time of building the objects and encoding them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import NoneType
from typing import Any, Final

import msgspec

from bartizan.schema import ocsf
from bartizan.schema.columns import ABSENT, Absent, Cell

__all__ = ["Template", "json_text", "plain", "present", "template_of", "writable"]

_OBJECTS: Final = frozenset(
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
    "user.uid": (31, "User UID"),
    "file.path": (45, "File Path"),
}
"""The last one or two words of an attribute -> OCSF observable type: what people search for in other records."""

_HASH: Final = (8, "Hash")

_FINDING: Final = 2004
_UNKNOWN: Final = "0"
"""What OCSF calls the number of an enumeration that says: unknown."""

_LEVELS: Final = 8
"""How deep an attribute may lie; a deeper one is left to the record. The deepest mapped so far lie 5 deep."""

_VOID: Final = frozenset({b'""', b'"-"'})
"""How logs write that there is no value: nothing to search for."""

_SCALARS: Final = frozenset({str, int, float, bool})
_NO_VALUE: Final = frozenset({Absent, NoneType})

_GAP: Final = b"\0"
"""Marks a gap while a template is made: JSON text never holds this byte, it would be written as an escape."""

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Template:
    """The JSON of one set of attribute names, for records that have a value in each of them."""

    text: tuple[bytes, ...]
    """The text before the first gap, between gaps, and after the last."""
    gaps: tuple[str, ...]
    """The attribute whose value fills each gap; "" is the artifact's ``data``."""
    names: tuple[str, ...]
    """The attributes that are shown, each once."""
    sights: tuple[tuple[str, bytes], ...]
    """Attributes that hold an observable, and its JSON up to the value."""
    hashes: tuple[tuple[str, str], ...]
    """Attributes that hold a list of fingerprints, and their names within the finding."""
    cloud: bool
    """Whether the finding uses the cloud profile of OCSF."""
    windows: bool
    """Whether the artifact uses the Windows extension of OCSF."""

    def fill(self, data: bytes, mapped: Mapping[str, Cell]) -> bytes | None:
        """Return members of the finding, without braces: ``evidences``, ``device``, ``observables`` and the like.

        None if an attribute has no value: then the record needs the template of those that have one (``present``).
        """
        cells: list[object] = [mapped[name] for name in self.names]
        kinds = set(map(type, cells))
        if not kinds <= _SCALARS:
            if not kinds.isdisjoint(_NO_VALUE):
                return None
            cells = [cell if type(cell) in _SCALARS else plain(mapped[name]) for name, cell in zip(self.names, cells, strict=True)]
        known = dict(zip(self.names, _texts(cells), strict=True))
        seen = [start + text for name, start in self.sights if (text := known[name]) not in _VOID]
        for name, shown in self.hashes:
            seen.extend(_fingerprints(shown, mapped[name]))
        known[""] = data
        pieces = [b""] * (2 * len(self.gaps) + 1)
        pieces[::2] = self.text
        pieces[1::2] = map(known.__getitem__, self.gaps)
        if seen:
            pieces += (b',"observables":[', b"},".join(seen), b"}]")
        return b"".join(pieces)


@lru_cache(maxsize=1024)
def template_of(names: tuple[str, ...]) -> Template:
    """Write the JSON for attributes of these names; those that a finding has no place for are left to the record."""
    shown = {name: name for name in names}
    if not any(name.startswith("file.") for name in names):
        shown |= {name: name.removeprefix("module.") for name in names if name.startswith("module.file.")}
    kept = {name: path for name, path in shown.items() if _fits(path, names)}
    artifact: dict[str, Any] = {"data": _gap("")}
    body: dict[str, Any] = {}
    for name, path in kept.items():
        _hang(body if path.startswith(("cloud.", "resources")) else artifact, name, path)
    _complete(artifact, _evidence_shape())
    if "device" in artifact:
        body["device"] = artifact["device"]
    body["evidences"] = [artifact]
    pieces = _encode(body)[1:-1].split(_GAP)
    return Template(
        text=tuple(pieces[::2]),
        gaps=tuple(name.decode() for name in pieces[1::2]),
        names=tuple(kept),
        sights=tuple(sight for name, path in kept.items() for sight in _sight(name, path)),
        hashes=tuple((name, f"evidences[0].{path}") for name, path in kept.items() if path.endswith(".hashes")),
        cloud="cloud" in body,
        windows=not _WINDOWS.isdisjoint(artifact),
    )


@lru_cache(maxsize=1)
def _evidence_shape() -> ocsf.Shape:
    finding = ocsf.class_of(_FINDING)
    if finding is None:
        message = f"OCSF class {_FINDING} is not among the facts"
        raise RuntimeError(message)
    return ocsf.shape_of_object(finding.shape.attributes["evidences"].kind)


def present(mapped: Mapping[str, Cell]) -> dict[str, Cell]:
    """Return the attributes that have a value."""
    return {name: cell for name, cell in mapped.items() if type(cell) not in _NO_VALUE}


def json_text(known: object) -> bytes:
    """Write a value of JSON types; text that is no Unicode is made visible."""
    try:
        return _encode(known)
    except UnicodeEncodeError:
        return _encode(writable(known))


def plain(cell: Cell) -> object:
    """Return a cell in the types that JSON has."""
    if type(cell) is tuple:
        return [one if type(one) in _SCALARS else plain(one) for one in cell]
    if isinstance(cell, dict | Mapping):
        return {name: one if type(one) in _SCALARS else plain(one) for name, one in cell.items()}
    return None if cell is ABSENT else cell


def writable(known: object) -> object:
    """Copy a value of JSON types with what JSON cannot hold made visible: half a surrogate pair."""
    if isinstance(known, str):
        return known.encode("utf-8", "backslashreplace").decode()
    if isinstance(known, list):
        return [writable(one) for one in known]
    if isinstance(known, dict):
        return {writable(name): writable(one) for name, one in known.items()}
    return known


def _texts(cells: list[object]) -> list[bytes]:
    try:
        return list(map(_encode, cells))
    except UnicodeEncodeError:
        return list(map(json_text, cells))


def _fits(path: str, names: tuple[str, ...]) -> bool:
    root = path.partition(".")[0]
    if path.count(".") >= _LEVELS:
        return False
    if root == "cloud":
        return "cloud.provider" in names and path != root
    return path == "resources" or root in _OBJECTS or root in _WINDOWS


def _hang(tree: dict[str, Any], name: str, path: str) -> None:
    *parents, key = path.split(".")
    for parent in parents:
        tree = tree.setdefault(parent, {})
    tree[key] = _gap(name)


def _complete(tree: dict[str, Any], shape: ocsf.Shape) -> None:
    """Put 0, Unknown, where OCSF requires a number that the mapping does not tell: ``device.type_id`` and the like."""
    for name, item in tree.items():
        attribute = shape.attributes.get(name)
        if isinstance(item, dict) and attribute is not None and attribute.is_object:
            inner = ocsf.shape_of_object(attribute.kind)
            required = (one for one in inner.attributes.values() if one.requirement == "required" and not one.profiles)
            for one in required:
                if _UNKNOWN in one.enum:
                    item.setdefault(one.name, 0)
            _complete(item, inner)


def _gap(name: str) -> msgspec.Raw:
    return msgspec.Raw(_GAP + name.encode() + _GAP)


def _sight(name: str, path: str) -> list[tuple[str, bytes]]:
    words = path.split(".")
    kind = _OBSERVABLES.get(words[-1]) or _OBSERVABLES.get(".".join(words[-2:]))
    return [(name, _observable(f"evidences[0].{path}", *kind))] if kind and words[0] != "cloud" else []


@lru_cache
def _observable(name: str, type_id: int, type_name: str) -> bytes:
    return _encode({"name": name, "type_id": type_id, "type": type_name})[:-1] + b',"value":'


def _fingerprints(shown: str, cell: Cell) -> list[bytes]:
    """Return an observable for each fingerprint of a list, its brace open; nothing for what is no list of fingerprints."""
    return [
        _observable(f"{shown}[{index}].value", *_HASH) + json_text(one["value"])
        for index, one in enumerate(cell if isinstance(cell, tuple) else ())
        if isinstance(one, dict | Mapping) and type(one.get("value")) is str
    ]
