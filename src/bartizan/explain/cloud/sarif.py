"""Tell failures as SARIF 2.1.0, so that they stand at the lines of Terraform and manifests in an editor or a pull request.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0. A failure whose resource was not read from a file has a
logical location alone. Ways are code flows: their steps are the hops.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from bartizan.review.cloud.contract import Verdict
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bartizan.collect.inventory.contract import Origin, Resource
    from bartizan.explain.cloud.page import CloudPage, Failing
    from bartizan.review.cloud.contract import Judgement
    from bartizan.review.cloud.ways import WayTold

__all__ = ["sarif"]

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "informational": "note"}
_SCORES: Final = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "informational": "0.0"}
"""``security-severity``, by which hosts of code sort: the middle of each band of CVSS."""
_LINE: Final = re.compile(r"\bline (\d+)|(\d+)$")
"""How readers say a line: ``line 12``, or the number alone."""
_FILES: Final = frozenset({"terraform", "template", "export"})


def sarif(page: CloudPage, *, base: Path | None = None) -> dict[str, Any]:
    """Return a SARIF log of one run: a rule for each check that fails, a result for each resource.

    Files beneath ``base`` are named from there, as what shows them in a pull request wants it.
    """
    failing = {one.check.name: one for one in page.failing}
    names = sorted(failing)
    rules = [_rule(failing[name]) for name in names]
    places = {name: place for place, name in enumerate(names)}
    results = [
        _result(judgement, failing[name], places[name], base)
        for name in names
        for judgement in (*failing[name].open, *failing[name].excepted)
    ]
    unknown = page.totals.get(Verdict.UNKNOWN, 0)
    told = [_notification(f"{one.count} judgements of {', '.join(one.checks[:5])} could not be made: {one.why}") for one in page.untold]
    told += [_notification(f"could not be read, {one.reason}: {', '.join(one.calls[:5])} {one.detail}") for one in page.gaps]
    run = {
        "tool": {
            "driver": {"name": "Bartizan", "version": __version__, "semanticVersion": __version__, "rules": rules + _path_rules(page.ways)}
        },
        "columnKind": "unicodeCodePoints",
        "results": results + [_way(way, len(names) + place) for place, way in _by_rule(page.ways)],
        "invocations": [{"executionSuccessful": not (unknown or page.gaps), "toolExecutionNotifications": told}],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(one: Failing) -> dict[str, Any]:
    rule = one.check.rule
    fix = "\n\n".join(f"{how}:\n{text}" for how, text in one.about.fix.items())
    return {
        "id": one.check.name,
        "name": "".join(word.capitalize() for word in one.check.name.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": one.about.why or rule.description or rule.title},
        "help": {"text": fix or rule.title},
        "defaultConfiguration": {"level": _LEVELS.get(rule.level, "warning")},
        "properties": {
            "security-severity": _SCORES.get(rule.level, "5.5"),
            "tags": ["security", one.check.provider, *(f"{name}/{id_}" for name, ids in one.about.compliance.items() for id_ in ids)],
        },
    }


def _result(judgement: Judgement, one: Failing, place: int, base: Path | None) -> dict[str, Any]:
    resource, held = judgement.resource, judgement.exception
    result: dict[str, Any] = {
        "ruleId": one.check.name,
        "ruleIndex": place,
        "level": _LEVELS.get(one.level, "warning"),
        "message": {"text": f"{one.check.rule.title}: {resource.uid}" + (f" ({judgement.why})" if judgement.why else "")},
        "locations": [_location(resource, base)],
        "partialFingerprints": {"resource/v1": _digest(one.check.name, resource.uid)},
    }
    if held is not None:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": f"{held.owner}, {held.expires}: {held.reason}"}
        ]
    return result


def _location(resource: Resource, base: Path | None) -> dict[str, Any]:
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": str(resource.uid), "kind": "resource", "name": resource.name or str(resource.uid)}]
    }
    physical = _physical(resource.origin, base)
    if physical:
        location["physicalLocation"] = physical
    return location


def _physical(origin: Origin, base: Path | None) -> dict[str, Any]:
    """Return the place in a file, {} where it was read from none."""
    if origin.how not in _FILES or not origin.path:
        return {}
    path = PurePath(origin.path)
    if base is not None and path.is_relative_to(base):
        path = path.relative_to(base)
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    found = _LINE.match(origin.place)
    line = max(1, int(found[1] or found[2])) if found else 1
    return {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}


def _by_rule(ways: Sequence[WayTold]) -> Iterator[tuple[int, WayTold]]:
    kinds = _kinds(ways)
    return ((kinds[_kind(way)], way) for way in ways)


def _kinds(ways: Sequence[WayTold]) -> Mapping[str, int]:
    return {kind: place for place, kind in enumerate(sorted({_kind(way) for way in ways}))}


def _kind(way: WayTold) -> str:
    return "way-from-internet" if way.outside else "way-from-inside"


def _path_rules(ways: Sequence[WayTold]) -> list[dict[str, Any]]:
    told = {
        "way-from-internet": "A way leads from the internet to what matters",
        "way-from-inside": "A way leads from inside to what matters",
    }
    return [
        {
            "id": kind,
            "name": "".join(word.capitalize() for word in kind.split("-")),
            "shortDescription": {"text": told[kind]},
            "defaultConfiguration": {"level": "error"},
        }
        for kind in _kinds(ways)
    ]


def _way(way: WayTold, place: int) -> dict[str, Any]:
    steps = [
        {
            "location": {
                "logicalLocations": [{"fullyQualifiedName": hop.dst, "kind": "resource"}],
                "message": {"text": f"{hop.src} -> {hop.dst}: {hop.title}"},
            }
        }
        for hop in way.hops
    ]
    told = f" if {', '.join(way.depends)}" if way.depends else ""
    return {
        "ruleId": _kind(way),
        "ruleIndex": place,
        "level": _LEVELS.get(way.level, "warning"),
        "message": {"text": f"{way.start} reaches {way.goal} in {len(way.hops)} hops{told}"},
        "locations": [{"logicalLocations": [{"fullyQualifiedName": way.goal, "kind": "resource"}]}],
        "codeFlows": [{"threadFlows": [{"locations": steps}]}],
        "partialFingerprints": {"way/v1": _digest(*(f"{hop.src}>{hop.rule}>{hop.dst}" for hop in way.hops))},
    }


def _notification(text: str) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": text}}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
