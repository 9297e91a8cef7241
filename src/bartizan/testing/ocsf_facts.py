"""Derive the embedded OCSF facts from the OCSF schema sources.

Run ``python -m bartizan.testing.ocsf_facts PATH-TO-OCSF-SCHEMA COMMIT OUT.json``. Only facts are taken: names, numbers, types,
requirements, enumerations and which attribute belongs where, with inheritance, includes and extensions resolved. The
prose of the sources stays there.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["derive", "encode", "main"]

Json: TypeAlias = dict[str, Any]
"""A JSON object: ``Any`` because this is the border where files of another project come in."""

EXTENSION_UIDS: Final = 100_000
"""Class uids of an extension start at its own uid times this (OCSF, "Extensions")."""

CATEGORIES_LEFT_OUT: Final = frozenset({"unmanned_systems"})
"""Drones are no business of a log hunt."""

_KEPT: Final = ("requirement", "profile", "type", "is_array", "sibling", "observable", "enum")


def derive(sources: Path, commit: str) -> Json:
    """Read a checkout of the OCSF schema sources and return the facts as one JSON object; ``commit`` is kept as their origin."""
    return {"about": _about(sources, commit), **_Deriver(sources).facts()}


def encode(facts: Json) -> str:
    """Render facts as JSON with one class, object or attribute a line, so that a change of one is a change of a line."""
    blocks = []
    for name, block in facts.items():
        if not isinstance(block, dict):
            blocks.append(f"{json.dumps(name)}:{_compact(block)}")
            continue
        lines = ",\n".join(f"{json.dumps(key)}:{_compact(value)}" for key, value in block.items())
        blocks.append(f"{json.dumps(name)}:{{\n{lines}\n}}")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def main(arguments: list[str]) -> int:
    """Write the facts of the sources to a file; return the exit status."""
    try:
        sources, commit, out = arguments
    except ValueError:
        sys.stderr.write("usage: python -m bartizan.testing.ocsf_facts PATH-TO-OCSF-SCHEMA COMMIT OUT.json\n")
        return 2
    Path(out).write_text(encode(derive(Path(sources), commit)), encoding="utf-8")
    return 0


class _Deriver:
    """The sources, read once: dictionary, types, objects and classes by name, extensions merged in."""

    def __init__(self, sources: Path) -> None:
        """Read every file of the checkout."""
        self.root = sources
        self.extensions = [self._extension(path.parent) for path in sorted(sources.glob("extensions/*/extension.json"))]
        self.dictionary, self.types = self._dictionary()
        self.objects = {item["name"]: item for item in _read_all(sources / "objects")}
        self.events = {item["name"]: {**item, "extension": 0} for item in _read_all(sources / "events")}
        self.patches: dict[str, list[Json]] = {}
        for folder, number, prefix in self.extensions:
            for item in _read_all(folder / "objects"):
                resolved = {**item, "attributes": dict(self._own(item, folder, prefix))}
                if "name" in item:
                    self.objects[item["name"]] = resolved
                else:
                    self.patches.setdefault(item["extends"], []).append(resolved)
            for item in _read_all(folder / "events"):
                self.events[item["name"]] = {**item, "extension": number}

    def facts(self) -> Json:
        """Return everything that the classes kept can reach."""
        classes = {name: self._class(item) for name, item in sorted(self.events.items()) if self._kept(item)}
        base = classes["base_event"]["attributes"]
        objects: dict[str, Json] = {}
        todo = [name for shape in classes.values() for name in self._objects_in(shape)]
        while todo:
            name = todo.pop()
            if name not in objects:
                objects[name] = self._shape(self.objects[name], self.objects)
                todo.extend(self._objects_in(objects[name]))
        objects["observable"]["attributes"]["type_id"]["enum"] = self._observables()
        used = sorted({name for shape in (*classes.values(), *objects.values()) for name in shape["attributes"]})
        return {
            "categories": {str(item["uid"]): item["caption"] for item in [_UNCATEGORIZED, *self._categories().values()]},
            "types": {name: _type(item) for name, item in sorted(self.types.items())},
            "profiles": sorted(self._profiles()),
            "attributes": {name: _attribute(self.dictionary[name]) for name in used},
            "classes": {name: _beside(item, base) for name, item in sorted(classes.items(), key=lambda item: int(item[1]["uid"]))},
            "objects": dict(sorted(objects.items())),
        }

    def _observables(self) -> dict[str, str]:
        """Return what an observable can be; attributes of one object are numbered in the sources, but given no caption there."""
        named = [*self.types.values(), *self.objects.values(), *self.dictionary.values()]
        numbers = {str(item["observable"]): str(item["caption"]) for item in named if "observable" in item}
        for item in self.objects.values():
            own = (attribute for attribute in item["attributes"].values() if isinstance(attribute, dict))
            numbers.update({str(attribute["observable"]): "" for attribute in own if "observable" in attribute})
        numbers |= {"0": "Unknown", "99": "Other"}
        return dict(sorted(numbers.items(), key=_enum_order))

    def _dictionary(self) -> tuple[dict[str, Json], dict[str, Json]]:
        files = [self.root / "dictionary.json", *(folder / "dictionary.json" for folder, _, _ in self.extensions)]
        found = [json.loads(path.read_text(encoding="utf-8")) for path in files if path.exists()]
        attributes = {name: item for part in found for name, item in part["attributes"].items()}
        return attributes, {name: item for part in found for name, item in part.get("types", {}).get("attributes", {}).items()}

    @staticmethod
    def _extension(folder: Path) -> tuple[Path, int, str]:
        about = json.loads((folder / "extension.json").read_text(encoding="utf-8"))
        return folder, about["uid"], about["name"]

    def _categories(self) -> dict[str, Json]:
        categories: dict[str, Json] = json.loads((self.root / "categories.json").read_text(encoding="utf-8"))["attributes"]
        return {name: item for name, item in categories.items() if name not in CATEGORIES_LEFT_OUT}

    def _profiles(self) -> Iterator[str]:
        yield from (item["name"] for item in _read_all(self.root / "profiles"))
        for folder, _, prefix in self.extensions:
            yield from (f"{prefix}/{item['name']}" for item in _read_all(folder / "profiles"))

    def _kept(self, item: Json) -> bool:
        concrete = "uid" in item or item["name"] == "base_event"
        return concrete and self._category(item) not in CATEGORIES_LEFT_OUT

    def _category(self, item: Json) -> str:
        while "category" not in item:
            item = self.events[item["extends"]]
        return str(item["category"])

    def _class(self, item: Json) -> Json:
        category = self._categories().get(self._category(item), _UNCATEGORIZED)["uid"]
        uid = item.get("uid", 0) + 1000 * category + EXTENSION_UIDS * item["extension"]
        return {"uid": uid, "category_uid": category, **self._shape(item, self.events)}

    def _shape(self, item: Json, family: Mapping[str, Json]) -> Json:
        attributes: dict[str, Json] = {}
        constraints: Json = {}
        for ancestor in _line(item, family):
            patches = self.patches.get(ancestor["name"], []) if family is self.objects else []
            for part in (ancestor, *patches):
                constraints = part.get("constraints") or constraints
                for name, own in self._own(part, self.root, ""):
                    attributes[name] = _merged(attributes.get(name, {}), own, alike=part is not ancestor)
        shape: Json = {"caption": item["caption"]}
        if "observable" in item:
            shape["observable"] = item["observable"]
        shape.update(constraints)
        timed = {name: self._timed(name, own) for name, own in sorted(attributes.items())}
        shape["attributes"] = {name: own for pairs in timed.values() for name, own in pairs}
        return shape

    def _timed(self, name: str, own: Json) -> list[tuple[str, str | Json]]:
        """Return an attribute, and the twin that the datetime profile gives to every timestamp."""
        found: list[tuple[str, str | Json]] = [(name, _own_facts(own))]
        if own.get("type", self.dictionary[name]["type"]) == "timestamp_t":
            twin = f"{name}_dt"
            array = self.dictionary[name].get("is_array", False)
            self.dictionary.setdefault(twin, {"type": "datetime_t", **({"is_array": True} if array else {})})
            found.append((twin, {"requirement": "optional", "profile": "datetime"}))
        return found

    def _own(self, part: Json, folder: Path, prefix: str) -> Iterator[tuple[str, Json]]:
        attributes = dict(part.get("attributes", {}))
        for include in attributes.pop("$include", ()):
            path = folder / include
            path = path if path.exists() else self.root / include
            profile = json.loads(path.read_text(encoding="utf-8"))
            name = f"{prefix}/{profile['name']}" if prefix and path.is_relative_to(folder) else profile["name"]
            for attribute, own in profile["attributes"].items():
                yield attribute, {"profile": name, **own}
        yield from attributes.items()

    def _objects_in(self, shape: Json) -> Iterator[str]:
        for name, own in shape["attributes"].items():
            kind = (own.get("type") if isinstance(own, dict) else None) or self.dictionary[name]["type"]
            if kind not in self.types:
                yield kind


def _about(sources: Path, commit: str) -> Json:
    return {
        "what": "Facts of the Open Cybersecurity Schema Framework: names, numbers, types, requirements and enumerations.",
        "source": f"https://github.com/ocsf/ocsf-schema at commit {commit}",
        "version": json.loads((sources / "version.json").read_text(encoding="utf-8"))["version"],
        "license": "Apache-2.0",
        "copyright": "OCSF a Series of LF Projects, LLC; includes the ICD Schema developed by Symantec, a division of Broadcom",
        "changed": "Inheritance, includes and extensions resolved; every class but base_event lists only what differs from it; "
        "descriptions and references left out.",
    }


_UNCATEGORIZED: Final[Json] = {"uid": 0, "caption": "Uncategorized"}


def _read_all(folder: Path) -> list[Json]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.json"))]


def _line(item: Json, family: Mapping[str, Json]) -> list[Json]:
    """Return a shape and its ancestors, the oldest first."""
    line = [item]
    while (parent := line[-1].get("extends")) is not None:
        line.append(family[parent])
    return line[::-1]


def _merged(old: Json, new: Json, *, alike: bool) -> Json:
    """Lay what a descendant says over what is known; ``alike`` says that it is another extension, whose profile counts as well."""
    both = {**old, **new}
    if alike and old.get("profile") and new.get("profile"):
        both["profile"] = [old["profile"], new["profile"]]
    if "enum" in old and "enum" in new:
        both["enum"] = {**old["enum"], **new["enum"]}
    return both


def _beside(item: Json, base: Json) -> Json:
    """Return a class with only those attributes that the base event does not say in the same words."""
    if item["uid"] == 0:
        return item
    own = {name: said for name, said in item["attributes"].items() if base.get(name) != said}
    return {**item, "attributes": own}


def _attribute(item: Json) -> Json:
    return _facts({key: item[key] for key in _KEPT if key in item})


def _own_facts(item: Json) -> str | Json:
    """Return what a shape says of its attribute; where that is only the requirement, the bare word."""
    facts = _facts({key: item[key] for key in _KEPT if item.get(key) is not None})
    requirement = str(facts.setdefault("requirement", "optional"))
    return requirement if len(facts) == 1 else facts


def _facts(item: Json) -> Json:
    if "enum" in item:
        item["enum"] = {key: value["caption"] for key, value in sorted(item["enum"].items(), key=_enum_order)}
    return item


def _enum_order(item: tuple[str, object]) -> tuple[int, str]:
    return (int(item[0]), "") if item[0].lstrip("-").isdecimal() else (0, item[0])


def _type(item: Json) -> Json:
    return {key: item[key] for key in ("type", "observable", "max_len", "range") if key in item}


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
