"""Write a review as assessment results of OSCAL (NIST, 1.2), for tools of audit.

A requirement becomes a finding, a check an observation, and each resource that fails or could not be judged one of its subjects.
OSCAL knows two states only: what could not be judged is not satisfied, with the reason ``other`` and a remark that says why.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from bartizan.review.cloud.checks.compliance import Status
from bartizan.review.cloud.contract import Verdict
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from bartizan.collect.inventory.contract import Resource
    from bartizan.review.cloud.checks.compliance import Compliance, Standing
    from bartizan.review.cloud.checks.contract import Checks
    from bartizan.review.cloud.checks.outcome import Outcome

__all__ = ["OSCAL", "oscal"]

OSCAL: Final = "1.2.1"
_SPACE: Final = UUID("8a1e2a3e-5a9c-5e0b-9f5e-3f6b7f1f4c11")
"""In this name space uids become the UUIDs that OSCAL asks for: the same thing has the same one in every run."""
_NAMESPACE: Final = "urn:bartizan:checks"
_ENHANCED: Final = re.compile(r"([A-Z]{2}-\d+)\((\d+)\)", re.ASCII)
_ODD: Final = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
_REASONS: Final[Mapping[Status, str]] = {
    Status.FAILED: "something fails",
    Status.ACCEPTED: "what fails is accepted by exceptions",
    Status.UNKNOWN: "something could not be judged",
    Status.PASSED: "nothing fails of what its checks look at",
}


def oscal(standing: Compliance, checks: Checks, *, now: datetime, title: str = "Cloud review") -> dict[str, Any]:
    """Return the assessment results of a framework; ``now`` is when the review was made, with its zone."""
    time = now.isoformat(timespec="seconds")
    framework = standing.framework
    told = [one for one in standing.standings if one.status in _REASONS]
    outcomes = {one.check.name: one for each in told for one in each.outcomes}
    plan = _uuid("plan", framework.name)
    result = {
        "uuid": _uuid("result", framework.name, time),
        "title": f"{framework.title}, {framework.version}",
        "description": standing.coverage,
        "start": time,
        "end": time,
        **_subjects(outcomes.values()),
        "reviewed-controls": {"control-selections": [_selection(framework.name, told)]},
        **_filled("observations", [_observation(one, checks, time) for one in outcomes.values()]),
        **_filled("findings", [_finding(framework.name, one) for one in told]),
    }
    return {
        "assessment-results": {
            "uuid": _uuid("results", framework.name, time),
            "metadata": {"title": title, "last-modified": time, "version": __version__, "oscal-version": OSCAL},
            "import-ap": {"href": f"#{plan}", "remarks": "There is no plan of assessment: every check there is was run."},
            "results": [result],
            "back-matter": {"resources": [{"uuid": plan, "title": "Checks", "description": f"{len(checks.checks)} checks were run."}]},
        },
    }


def control_id(framework: str, requirement: str) -> str:
    """Return the id of a requirement as OSCAL writes it: that of NIST's own catalogue, or one that begins with the framework."""
    if framework.startswith("nist-800-53"):
        return _ENHANCED.sub(r"\1.\2", requirement).lower()
    return f"{framework}_{_ODD.sub('-', requirement).strip('-')}"


def _selection(framework: str, told: Sequence[Standing]) -> dict[str, Any]:
    """Return the controls of which a finding tells; where there is none, all were asked for: OSCAL has no empty selection."""
    ids = list(dict.fromkeys(control_id(framework, one.requirement) for one in told))
    if not ids:
        return {"description": "Nothing that was read tells of any of them.", "include-all": {}}
    return {"include-controls": [{"control-id": one} for one in ids]}


def _finding(framework: str, one: Standing) -> dict[str, Any]:
    id_ = control_id(framework, one.requirement)
    good = one.status is Status.PASSED
    reason = "pass" if good else "fail" if one.status in {Status.FAILED, Status.ACCEPTED} else "other"
    counted = ", ".join(f"{count} {verdict.value}" for verdict, count in one.counts.items() if count)
    return {
        "uuid": _uuid("finding", id_),
        "title": f"{one.requirement}: {one.words}",
        "description": f"{_REASONS[one.status]} ({counted or 'nothing judged'}, {one.excepted} accepted)",
        "target": {
            "type": "objective-id",
            "target-id": id_,
            "status": {"state": "satisfied" if good else "not-satisfied", "reason": reason, "remarks": _REASONS[one.status]},
        },
        "related-observations": [{"observation-uuid": _uuid("observation", name)} for name in one.checks],
    }


def _observation(outcome: Outcome, checks: Checks, time: str) -> dict[str, Any]:
    rule = outcome.check.rule
    counts = outcome.counts()
    props = [{"name": "check", "ns": _NAMESPACE, "value": outcome.check.name}, {"name": "level", "ns": _NAMESPACE, "value": rule.level}]
    props += [{"name": verdict.value, "ns": _NAMESPACE, "value": str(counts[verdict])} for verdict in Verdict]
    subjects = [
        {
            "subject-uuid": _uuid("resource", one.resource.uid),
            "type": "inventory-item",
            "title": _line(one.resource.name or one.resource.uid),
            "props": [{"name": "verdict", "ns": _NAMESPACE, "value": one.verdict.value}],
            **({"remarks": one.why} if one.why else {}),
        }
        for verdict in (Verdict.FAIL, Verdict.UNKNOWN)
        for one in outcome.judgements(verdict)
    ]
    return {
        "uuid": _uuid("observation", outcome.check.name),
        "title": rule.title,
        "description": checks.tell(outcome.check).why or rule.description or rule.title,
        "props": props,
        "methods": ["TEST"],
        **_filled("subjects", subjects),
        "collected": time,
    }


def _subjects(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """Return the resources that fail or could not be judged, each once."""
    found: dict[str, Resource] = {}
    for outcome in outcomes:
        for verdict in (Verdict.FAIL, Verdict.UNKNOWN):
            for one in outcome.judgements(verdict):
                found.setdefault(one.resource.uid, one.resource)
    items = [
        {
            "uuid": _uuid("resource", uid),
            "description": f"{one.provider} {one.kind}",
            "props": [
                {"name": name, "ns": _NAMESPACE, "value": _line(value)}
                for name, value in (("uid", uid), ("account", one.account), ("region", one.region))
                if value
            ],
        }
        for uid, one in found.items()
    ]
    return {"local-definitions": {"inventory-items": items}} if items else {}


def _filled(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """Return a list under its name, nothing where it is empty: OSCAL has no empty lists."""
    return {name: list(values)} if values else {}


def _uuid(*parts: str) -> str:
    return str(uuid5(_SPACE, "\0".join(parts)))


def _line(text: str) -> str:
    return " ".join(text.split()) or "unnamed"
