"""Say what a review found as OCSF 1.8 records, so that it is stored, asked and joined like everything else.

Resources are Cloud Resources Inventory Info (5023), failures and what cannot be told Compliance Findings (2003), ways IAM Analysis
Findings (2008) whose ``attack_graph`` holds the hops. Ids follow from what a record says: the same finding of the next review has the same
``finding_info.uid`` and another ``metadata.uid``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from bartizan.review.cloud.contract import Verdict
from bartizan.review.cloud.jewels import ways_of_all
from bartizan.review.cloud.paths.answers import Paths
from bartizan.review.cloud.ways import names_of, ways_told
from bartizan.schema import ocsf
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.contract import Facts, Resource
    from bartizan.review.cloud.checks.contract import About, Check
    from bartizan.review.cloud.contract import Judgement
    from bartizan.review.cloud.reviewed import Reviewed
    from bartizan.review.cloud.ways import HopTold, WayTold

__all__ = ["COMPLIANCE", "DECLARED", "IAM_ANALYSIS", "INVENTORY", "findings_of", "inventory_of"]

COMPLIANCE: Final = 2003
IAM_ANALYSIS: Final = 2008
INVENTORY: Final = 5023
_CAPTIONS: Final = {COMPLIANCE: "Compliance Finding", IAM_ANALYSIS: "IAM Analysis Finding", INVENTORY: "Cloud Resources Inventory Info"}
_SEVERITIES: Final = {"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
_STATUS: Final = {Verdict.PASS: (1, "Pass"), Verdict.FAIL: (3, "Fail"), Verdict.UNKNOWN: (0, "Unknown")}
_PROVIDERS: Final = {"aws": "AWS", "azure": "Azure", "gcp": "GCP", "kubernetes": "Kubernetes"}
_RESOURCE_UID: Final = 10
_HOSTNAME: Final = 1
_IP: Final = 2
_ADDRESSES: Final = ("private_ip", "public_ip")
_NAMES: Final = ("private_dns", "public_dns", "hostname")
_ALL: Final = ("cloud.provider", "cloud.account.uid", "cloud.region", "resources")
DECLARED: Final[tuple[Mapping[str, Any], ...]] = (
    {"class_uid": INVENTORY, **dict.fromkeys((*_ALL, "region", "status", "status_id"), "")},
    {
        "class_uid": COMPLIANCE,
        **dict.fromkeys(
            (
                *_ALL,
                *("finding_info.uid", "finding_info.title", "finding_info.desc", "finding_info.types", "finding_info.analytic"),
                *("compliance.control", "compliance.standards", "compliance.requirements", "compliance.checks", "compliance.status"),
                *(
                    "compliance.status_id",
                    "compliance.status_details",
                    "remediation.desc",
                    "status",
                    "status_id",
                    "confidence_id",
                    "confidence",
                ),
            ),
            "",
        ),
    },
    {
        "class_uid": IAM_ANALYSIS,
        **dict.fromkeys(
            (
                *_ALL,
                *("finding_info.uid", "finding_info.title", "finding_info.desc", "finding_info.types", "finding_info.attack_graph"),
                *("access_analysis_result.accessors", "access_analysis_result.granted_privileges", "access_analysis_result.condition_keys"),
                *("access_analysis_result.access_level", "user.uid", "user.name", "remediation.desc", "status", "status_id"),
                *("confidence_id", "confidence"),
            ),
            "",
        ),
    },
)
"""The attributes that these records have, class by class, as a mapping would name them: tables are declared by them."""


def inventory_of(facts: Facts, now: int) -> Iterator[dict[str, Any]]:
    """Yield a record for each resource; ``now`` in nanoseconds UTC."""
    for one in facts.resources:
        told = {"properties": dict(one.properties), "unknown": dict(one.unknown), "origin": asdict(one.origin)}
        name = one.name or one.uid
        yield _whole(
            {
                **_event(INVENTORY, 2, 1, now),
                "message": f"{one.kind} {name}",
                **_cloud(one.provider, one.account, one.region),
                "resources": [_resource(one) | {"data": told}],
                "observables": _observables([one]),
            }
            | ({"region": one.region} if one.region else {})
        )


def findings_of(reviewed: Reviewed) -> Iterator[dict[str, Any]]:
    """Yield a finding for each failure, for each judgement that could not be made, and for each way.

    Ways of whoever should not reach a goal have the type ``attack path``; those of everything else that leads to one (machines,
    administrators) the type ``reach``.
    """
    for outcome in reviewed.verdicts.outcomes:
        about = reviewed.checks.tell(outcome.check)
        for verdict in (Verdict.FAIL, Verdict.UNKNOWN):
            for judgement in outcome.judgements(verdict):
                yield _compliance(outcome.check, about, judgement, reviewed.now)
    estate = _Estate(
        names_of(reviewed),
        {str(one.uid): one for one in reviewed.facts.resources},
        {str(one.uid): (one.provider, one.account) for one in reviewed.facts.principals},
        reviewed.now,
    )
    yield from (_way(estate, way, "attack path") for way in ways_told(reviewed))
    others = ways_of_all(Paths(reviewed.paths), reviewed.goals, reviewed.ways)
    yield from (_way(estate, way, "reach") for way in ways_told(reviewed, others))


@dataclass(frozen=True, slots=True)
class _Estate:
    """What is known of the things that ways lead through."""

    names: Mapping[str, tuple[str, str]]
    resources: Mapping[str, Resource]
    owners: Mapping[str, tuple[str, str]]
    now: int

    def owner(self, uid: str) -> tuple[str, str]:
        """Return the provider and the account of a thing, "" where they are not known."""
        held = self.resources.get(uid)
        return self.owners.get(uid, ("", "")) if held is None else (held.provider, held.account)

    def name(self, uid: str) -> tuple[str, str]:
        """Return name and kind."""
        return self.names.get(uid, (uid, ""))


def _compliance(check: Check, about: About, judgement: Judgement, now: int) -> dict[str, Any]:
    rule, resource, held = check.rule, judgement.resource, judgement.exception
    status_id, status = _STATUS[judgement.verdict]
    severity = _SEVERITIES.get(rule.level, 0)
    told: dict[str, Any] = {
        **_event(COMPLIANCE, 1, severity, now),
        "message": f"{rule.title}: {resource.uid}",
        **_cloud(resource.provider, resource.account, resource.region),
        **({"status_id": 3, "status": "Suppressed"} if held is not None else {"status_id": 1, "status": "New"}),
        "finding_info": {
            "uid": _digest(check.name, resource.uid),
            "title": rule.title,
            "types": ["check"],
            "analytic": {"type_id": 1, "type": "Rule", "uid": rule.id, "name": check.name, "algorithm": "Sigma"},
            **({"desc": about.why or rule.description} if about.why or rule.description else {}),
        },
        "compliance": {
            "control": check.name,
            "standards": sorted(about.compliance),
            "requirements": [f"{name} {one}" for name, ids in sorted(about.compliance.items()) for one in ids],
            "status_id": status_id,
            "status": status,
            "status_details": [judgement.why] if judgement.why else [],
        },
        "resources": [_resource(resource)],
        "observables": _observables([resource]),
    }
    if about.fix:
        told["remediation"] = {"desc": "\n\n".join(f"{how}: {text}" for how, text in about.fix.items())}
    if held is not None:
        told["comment"] = f"accepted by {held.owner} until {held.expires}: {held.reason}"
    return _whole(told)


def _way(estate: _Estate, way: WayTold, type_: str) -> dict[str, Any]:
    uids = list(dict.fromkeys([way.start, *(hop.dst for hop in way.hops)]))
    name, kind = estate.name(way.start)
    goal = estate.name(way.goal)
    provider, account = next((owner for owner in map(estate.owner, uids) if owner[0]), ("", ""))
    title = f"{name if way.outside else f'{kind} {name}'.strip()} reaches {' '.join(filter(None, (goal[1], goal[0])))}"
    fixes = list(dict.fromkeys(hop.fix for hop in way.hops if hop.fix))
    held = [estate.resources[uid] for uid in uids if uid in estate.resources]
    return _whole(
        {
            **_event(IAM_ANALYSIS, 1, _SEVERITIES[way.level], estate.now),
            "message": f"{title} in {len(way.hops)} hops",
            **_cloud(provider, account, ""),
            "status_id": 1,
            "status": "New",
            "confidence_id": 2 if way.depends else 3,
            "confidence": "Medium" if way.depends else "High",
            "finding_info": {
                "uid": _digest(*(f"{hop.src}>{hop.rule}>{hop.dst}" for hop in way.hops)),
                "title": title,
                "desc": "; then ".join(f"{hop.title} ({estate.name(hop.dst)[0]})" for hop in way.hops),
                "types": [type_],
                "attack_graph": {
                    "name": title,
                    "is_directed": True,
                    "nodes": [_graph_node(estate, uid) for uid in uids],
                    "edges": [_edge(hop) for hop in way.hops],
                },
            },
            "user": {"uid": way.start, "name": name},
            "access_analysis_result": {
                "accessors": [{"uid": way.start, "name": name}],
                "access_level": way.goal,
                "granted_privileges": list(dict.fromkeys(text for hop in way.hops for text, _ in hop.allowed)),
                "condition_keys": [{"name": key, "value": "not known"} for key in way.depends],
            },
            "resources": [_resource(estate.resources[uid]) if uid in estate.resources else _node(estate, uid) for uid in uids],
            "observables": _observables(held, *(uid for uid in uids if uid not in estate.resources)),
        }
        | ({"remediation": {"desc": "\n".join(fixes)}} if fixes else {})
    )


def _edge(hop: HopTold) -> dict[str, Any]:
    return {
        "source": hop.src,
        "target": hop.dst,
        "name": hop.title,
        "relation": hop.rule,
        "is_directed": True,
        "data": {
            "allowed_by": [f"{text} [{where}]" for text, where in hop.allowed],
            "depends": list(hop.depends),
            "detection": hop.state,
            "detections": list(hop.detections),
            "events": list(hop.events),
        },
    }


def _event(class_uid: int, activity: int, severity: int, now: int) -> dict[str, Any]:
    category = ocsf.category_of(class_uid)
    at = datetime.fromtimestamp(now // 1_000_000_000, UTC).isoformat(timespec="seconds")[:19]
    return {
        "time": now // 1_000_000,
        "time_dt": f"{at}.{now % 1_000_000_000:09d}Z",
        "class_uid": class_uid,
        "class_name": _CAPTIONS[class_uid],
        "category_uid": category,
        "category_name": ocsf.category_name(category),
        "activity_id": activity,
        "activity_name": ocsf.activity_name(class_uid, activity),
        "type_uid": ocsf.type_uid(class_uid, activity),
        "type_name": ocsf.type_name(class_uid, activity),
        "severity_id": severity,
        "severity": ocsf.SEVERITIES[severity],
        "metadata": {
            "version": "1.8.0",
            "product": {"name": "Bartizan", "vendor_name": "Bartizan", "version": __version__},
            "profiles": ["cloud", "datetime"],
            "log_source": "cloud review",
        },
    }


def _cloud(provider: str, account: str, region: str) -> dict[str, Any]:
    told: dict[str, Any] = {"provider": _PROVIDERS.get(provider, provider or "unknown")}
    if account:
        told["account"] = {"uid": account}
    if region:
        told["region"] = region
    return {"cloud": told}


def _resource(one: Resource) -> dict[str, Any]:
    told: dict[str, Any] = {"uid": str(one.uid), "name": one.name or str(one.uid), "type": one.kind}
    hosts, addresses = _called(one, _NAMES), _called(one, _ADDRESSES)
    told |= ({"hostname": hosts[0]} if hosts else {}) | ({"ip": addresses[0]} if addresses else {})
    if one.tags:
        told["tags"] = [{"name": key, "value": value} for key, value in sorted(one.tags.items())]
    return told


def _graph_node(estate: _Estate, uid: str) -> dict[str, Any]:
    """Return a node of an attack graph, with what it is called in logs."""
    name, kind = estate.name(uid)
    held = estate.resources.get(uid)
    called = {} if held is None else {"hostnames": _called(held, _NAMES), "ips": _called(held, _ADDRESSES)}
    return {"uid": uid, "name": name, "type": kind, **({"data": called} if any(called.values()) else {})}


def _node(estate: _Estate, uid: str) -> dict[str, Any]:
    name, kind = estate.name(uid)
    return {"uid": uid, "name": name, **({"type": kind} if kind else {})}


def _called(one: Resource, keys: tuple[str, ...]) -> list[str]:
    return [str(value) for key in keys if isinstance(value := one.properties.get(key), str) and value]


def _observables(held: list[Resource], *uids: str) -> list[dict[str, Any]]:
    found = {(_RESOURCE_UID, "Resource UID", uid): None for uid in (*(str(one.uid) for one in held), *uids)}
    for one in held:
        found |= {(_HOSTNAME, "Hostname", name): None for name in _called(one, _NAMES)}
        found |= {(_IP, "IP Address", address): None for address in _called(one, _ADDRESSES)}
    return [{"name": "resources[]", "type_id": type_id, "type": type_, "value": value} for type_id, type_, value in found]


def _whole(told: dict[str, Any]) -> dict[str, Any]:
    """Give a record the id that follows from all that it says."""
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, default=str)
    told["metadata"] = {**told["metadata"], "uid": _digest(text)}
    return told


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
