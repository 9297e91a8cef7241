"""Write a case as an OCSF 1.8 Incident Finding (class 2005): what a ticket system or another SIEM takes in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from bartizan.detect.alerts.severity import NAMES
from bartizan.schema.attack import ATTACK_VERSION, technique
from bartizan.schema.entities import EntityKind
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.explain.cases.page import CasePage, Step
    from bartizan.investigate.contract import Signal

__all__ = ["incident", "incident_record"]

_MILLI: Final = 1_000_000
_STATUS: Final[Mapping[str, tuple[int, str]]] = {
    "new": (1, "New"),
    "assigned": (2, "In Progress"),
    "reopened": (2, "In Progress"),
    "closed": (5, "Closed"),
}
_VERDICTS: Final[Mapping[str, tuple[int, str]]] = {
    "true-positive": (2, "True Positive"),
    "false-positive": (1, "False Positive"),
    "benign": (5, "Benign"),
    "test": (6, "Test"),
    "duplicate": (10, "Duplicate"),
}
_TYPES: Final[Mapping[EntityKind, tuple[int, str]]] = {
    EntityKind.HOST: (1, "Hostname"),
    EntityKind.IP: (2, "IP Address"),
    EntityKind.USER: (4, "User Name"),
    EntityKind.CLOUD_PRINCIPAL: (4, "User Name"),
    EntityKind.DOMAIN: (1, "Hostname"),
    EntityKind.FILE: (45, "File Path"),
    EntityKind.HASH: (8, "Hash"),
}
"""OCSF ``observable.type_id``."""


def incident(page: CasePage) -> str:
    """Return the finding as JSON."""
    return json.dumps(incident_record(page), indent=1, ensure_ascii=False) + "\n"


def incident_record(page: CasePage) -> dict[str, Any]:
    """Return the finding as JSON values."""
    case = page.case
    activity = (3, "Close") if page.standing.state == "closed" else (1, "Create") if page.standing.state == "new" else (2, "Update")
    status = _STATUS[page.standing.state]
    severity = max(signal.severity_id for signal in case.signals)
    record: dict[str, Any] = {
        "activity_id": activity[0],
        "activity_name": activity[1],
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2005,
        "class_name": "Incident Finding",
        "type_uid": 200500 + activity[0],
        "type_name": f"Incident Finding: {activity[1]}",
        "severity_id": severity,
        "severity": NAMES[severity],
        "status_id": status[0],
        "status": status[1],
        "time": case.signals[-1].last // _MILLI,
        "start_time": case.signals[0].first // _MILLI,
        "end_time": case.signals[-1].last // _MILLI,
        "desc": " ".join(sentence.text for sentence in page.summary),
        "message": page.headline,
        "finding_info_list": [_info(signal) for signal in case.signals],
        "attacks": [attack for step in page.path for attack in _attacks(step)],
        "observables": [
            {
                "name": claim.entity.kind.value,
                "type_id": _TYPES[claim.entity.kind][0],
                "type": _TYPES[claim.entity.kind][1],
                "value": claim.entity.value,
            }
            for claim in page.core
        ],
        "metadata": {
            "version": "1.8.0",
            "uid": case.id,
            "product": {"name": "Bartizan", "vendor_name": "Bartizan", "version": __version__},
            "profiles": [],
        },
    }
    if page.standing.reason in _VERDICTS:
        record["verdict_id"], record["verdict"] = _VERDICTS[page.standing.reason]
    if page.standing.assignee:
        record["assignee"] = {"name": page.standing.assignee}
    else:
        # OCSF wants somebody to have it.
        record["assignee_group"] = {"name": "unassigned"}
    return {name: value for name, value in record.items() if value not in ([], "")}


def _info(signal: Signal) -> dict[str, Any]:
    records = list(dict.fromkeys(record for finding in signal.findings for record in finding.records))
    uid = signal.findings[0].uid if signal.findings else signal.sample
    told: dict[str, Any] = {
        "uid": uid,
        "title": signal.title or signal.rule,
        "first_seen_time": signal.first // _MILLI,
        "last_seen_time": signal.last // _MILLI,
        "analytic": {"uid": signal.rule, "name": signal.title or signal.rule, "type_id": 1, "type": "Rule"},
    }
    return told | ({"related_events": [{"uid": record} for record in records]} if records else {})


def _attacks(step: Step) -> list[dict[str, Any]]:
    tactic = {"uid": step.uid, "name": step.tactic}
    found = []
    for uid, name in step.techniques:
        parent = technique(technique(uid).parent)
        told: dict[str, Any] = {"version": ATTACK_VERSION, "tactic": tactic, "technique": {"uid": parent.uid, "name": parent.name}}
        found.append(told | ({"sub_technique": {"uid": uid, "name": name}} if "." in uid else {}))
    return found or [{"version": ATTACK_VERSION, "tactic": tactic}]
