"""Write a case as a STIX 2.1 bundle with an Attack Flow 2.0 in it.

STIX: OASIS, "STIX Version 2.1", 2021. Attack Flow: its extension definition is
``extension-definition--fb9c968a-745b-4ade-9b25-c324172197f4`` (Center for Threat-Informed Defense, version 2.0.0). What happened is an
``attack-action`` that leads to the next; the entities of the core are ``attack-asset`` objects that name a cyber-observable where STIX
has one. Ids follow from content (UUID version 5), so that the same case gives the same bundle.
"""

from __future__ import annotations

import ipaddress
import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from bartizan.explain.cases.moments import moment_of
from bartizan.investigate.linking import acting
from bartizan.schema.attack import technique
from bartizan.schema.entities import EntityKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.explain.cases.page import CasePage
    from bartizan.investigate.contract import Signal
    from bartizan.investigate.scope import Claim

__all__ = ["stix", "stix_bundle"]

_EXTENSION: Final = "extension-definition--fb9c968a-745b-4ade-9b25-c324172197f4"
_EXTENSION_AUTHOR: Final = "identity--d673f8cb-c168-42da-8ed4-0cb26725f86c"
_SPACE: Final = uuid.UUID("6f0d6f0e-6d3d-5b9a-9d5f-6b1d0d0f7a11")
"""The space of our ids, made once."""
_OBSERVED: Final = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""The space in which STIX 2.1 has the ids of cyber-observables made (section 2.9)."""

Thing = dict[str, Any]


def stix(page: CasePage) -> str:
    """Return the bundle as JSON."""
    return json.dumps(stix_bundle(page), indent=1, ensure_ascii=False) + "\n"


def stix_bundle(page: CasePage) -> Thing:
    """Return the bundle as JSON values."""
    made = _stamp(page.case.signals[-1].last)
    author = _object("identity", "bartizan", made, name="Bartizan", identity_class="system")
    observed = {str(claim.entity): one for claim in page.claims if (one := _observable(claim)) is not None}
    assets = {str(claim.entity): _asset(page, claim, made, observed.get(str(claim.entity))) for claim in page.core}
    patterns = {uid: _pattern(uid, name, made) for step in page.path for uid, name in step.techniques}
    actions = list(_actions(page, made, assets, patterns))
    flow = _object(
        "attack-flow",
        f"flow {page.case.id}",
        made,
        name=f"Case {page.case.id}",
        description=page.headline,
        scope="incident",
        start_refs=[actions[0]["id"]],
        created_by_ref=author["id"],
        extensions=_is_new(),
    )
    inside = [*observed.values(), *assets.values(), *patterns.values(), *actions, flow]
    report = _object(
        "report",
        f"report {page.case.id}",
        made,
        name=f"Case {page.case.id}: {page.headline}",
        description=" ".join(sentence.text for sentence in page.summary),
        published=made,
        report_types=["threat-report"],
        created_by_ref=author["id"],
        object_refs=[one["id"] for one in inside],
    )
    return {
        "type": "bundle",
        "id": f"bundle--{_uuid(f'bundle {page.case.id} {made}')}",
        "objects": [_definition(), author, *inside, report],
    }


def _actions(page: CasePage, made: str, assets: dict[str, Thing], patterns: dict[str, Thing]) -> Iterator[Thing]:
    """Yield what happened in the core, each action leading to the next on its place, else to the next there is."""
    core = [signal for signal in page.case.signals if signal.id in page.case.core]
    ids = [f"attack-action--{_uuid(f'action {signal.id}')}" for signal in core]
    effects = _effects(core)
    tactics = {step.tactic: step.uid for step in page.path}
    for number, signal in enumerate(core):
        told = moment_of(page.case, signal)
        uid = next(iter(told.techniques), "")
        action = _object(
            "attack-action",
            f"action {signal.id}",
            made,
            name=told.title,
            description=f"{told.where}{f' by {told.who}' if told.who else ''}; records {', '.join(told.records[:5])}",
            execution_start=_stamp(signal.first),
            execution_end=_stamp(signal.last),
            extensions=_is_new(),
        )
        if uid:
            action["technique_id"] = uid
            if uid in patterns:
                action["technique_ref"] = patterns[uid]["id"]
        if told.tactics and told.tactics[0] in tactics:
            action["tactic_id"] = tactics[told.tactics[0]]
        about = sorted({str(entity) for entity in (*signal.entities, *acting(signal))} & assets.keys())
        if about:
            action["asset_refs"] = [assets[name]["id"] for name in about]
        if effects[number]:
            action["effect_refs"] = [ids[other] for other in effects[number]]
        yield action


def _effects(core: Sequence[Signal]) -> list[list[int]]:
    """Return for each signal those that follow it: the next of each place, the next of all where a place is new."""
    effects: list[list[int]] = [[] for _ in core]
    last: dict[str, int] = {}
    for number, signal in enumerate(core):
        places = [str(place) for place in acting(signal)]
        before = {last[place] for place in places if place in last} or ({number - 1} if number else set())
        for one in sorted(before):
            effects[one].append(number)
        last.update(dict.fromkeys(places, number))
    return effects


def _asset(page: CasePage, claim: Claim, made: str, observed: Thing | None) -> Thing:
    name = str(claim.entity)
    told = _object("attack-asset", f"asset {page.case.id} {name}", made, name=name, description=claim.why, extensions=_is_new())
    return told | ({"object_ref": observed["id"]} if observed is not None else {})


def _observable(claim: Claim) -> Thing | None:
    """Return an entity as a cyber-observable, with the id that STIX has made of its value; None where STIX has none for it."""
    kind, value = claim.entity.kind, claim.entity.value
    if kind is EntityKind.IP:
        version = ipaddress.ip_address(value).version
        return _seen(f"ipv{version}-addr", {"value": value}, {})
    if kind in {EntityKind.DOMAIN, EntityKind.HOST}:
        return _seen("domain-name", {"value": value}, {})
    if kind in {EntityKind.USER, EntityKind.CLOUD_PRINCIPAL}:
        return _seen("user-account", {"user_id": value}, {"display_name": value})
    if kind is EntityKind.FILE:
        return _seen("file", {"name": value.replace("\\", "/").rpartition("/")[2] or value}, {})
    return None


def _seen(kind: str, telling: Thing, more: Thing) -> Thing:
    text = json.dumps(telling, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid.uuid5(_OBSERVED, text)}", **telling, **more}


def _pattern(uid: str, name: str, made: str) -> Thing:
    url = f"https://attack.mitre.org/techniques/{uid.replace('.', '/')}"
    references = [{"source_name": "mitre-attack", "external_id": uid, "url": url}]
    phases = [{"kill_chain_name": "mitre-attack", "phase_name": tactic} for tactic in technique(uid).tactics]
    told = _object("attack-pattern", f"technique {uid}", made, name=name, external_references=references)
    return told | ({"kill_chain_phases": phases} if phases else {})


def _definition() -> Thing:
    """Return the definition of the extension, which a bundle that uses it carries."""
    return {
        "type": "extension-definition",
        "id": _EXTENSION,
        "spec_version": "2.1",
        "name": "Attack Flow",
        "description": "Objects that tell what an attacker did, in which order, on what.",
        "created": "2022-08-02T19:34:35.143Z",
        "modified": "2022-08-02T19:34:35.143Z",
        "created_by_ref": _EXTENSION_AUTHOR,
        "schema": "https://center-for-threat-informed-defense.github.io/attack-flow/stix/attack-flow-schema-2.0.0.json",
        "version": "2.0.0",
        "extension_types": ["new-sdo"],
    }


def _object(kind: str, what: str, made: str, **members: object) -> Thing:
    return {"type": kind, "spec_version": "2.1", "id": f"{kind}--{_uuid(what)}", "created": made, "modified": made, **members}


def _is_new() -> Thing:
    return {_EXTENSION: {"extension_type": "new-sdo"}}


def _uuid(text: str) -> str:
    return str(uuid.uuid5(_SPACE, text))


def _stamp(time: int) -> str:
    try:
        at = datetime.fromtimestamp(time // 1_000_000 / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        at = datetime(1970, 1, 1, tzinfo=UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
