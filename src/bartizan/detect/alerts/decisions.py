"""Decisions about alerts as OCSF records, and what state of an alert follows from them.

A decision about an alert is a Detection Finding (2004) with the profile ``incident``: activity Update when somebody takes it on,
Close with a verdict when it is done. A silence is Entity Management (3004): it is created, and deleted when it is lifted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bartizan.detect.alerts.severity import NAMES
from bartizan.detect.alerts.silences import Silence
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bartizan.detect.alerts.contract import Alert, Key

__all__ = ["REASONS", "Decision", "Standing", "closed", "lifted", "made_silence", "silences_of", "standings", "taken_on", "understood"]

Record = dict[str, Any]

REASONS: Final[Mapping[str, tuple[int, str]]] = {
    "true-positive": (2, "True Positive"),
    "false-positive": (1, "False Positive"),
    "benign": (5, "Benign"),
    "duplicate": (10, "Duplicate"),
}
"""What users type -> OCSF ``verdict_id`` and its caption."""
_OPEN: Final = (1, "New")
_TAKEN: Final = (2, "In Progress")
_DONE: Final = (4, "Resolved")
_FINDING: Final = 2004
_ENTITY_MANAGEMENT: Final = 3004
_CLOSED: Final = 3
_DELETED: Final = 4
_MILLI: Final = 1_000_000
_SILENCE: Final = "Alert Silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who decides, when (ns UTC), and what they say of it."""

    by: str
    now: int
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an alert stands: ``new``, ``triaged``, ``closed`` or ``reopened``, since when, by whom, and why."""

    state: str
    why: str
    by: str = ""
    since: int = 0
    reason: str = ""
    """Why it was closed, as users type it."""
    new_findings: int = 0
    """Findings that came after it was closed."""


def taken_on(alert: Alert, decision: Decision) -> Record:
    """Return the record of somebody who takes an alert on."""
    return _about(alert, decision, (2, "Update"), _TAKEN) | {"assignee": _user(decision.by)}


def closed(alert: Alert, decision: Decision, *, reason: str, quiet_until: int = 0) -> Record:
    """Return the record of a closed alert. New findings before ``quiet_until`` (time of events, ns) only count."""
    verdict, caption = REASONS[reason]
    record = _about(alert, decision, (3, "Close"), _DONE) | {"verdict_id": verdict, "verdict": caption}
    if quiet_until:
        record["unmapped"]["quiet_until"] = quiet_until
    return record


def made_silence(matchers: Key, decision: Decision, *, start: int, until: int) -> Record:
    """Return the record of a silence; its id follows from what it says."""
    data = {"matchers": [list(one) for one in matchers], "start": start, "until": until}
    uid = hashlib.sha256(repr((matchers, start, until, decision.by, decision.comment, decision.now)).encode()).hexdigest()[:16]
    return _silence(decision, (1, "Create"), {"uid": uid, "data": data})


def lifted(uid: str, decision: Decision) -> Record:
    """Return the record of a silence that is lifted."""
    return _silence(decision, (4, "Delete"), {"uid": uid})


def understood(records: Iterable[Record]) -> tuple[list[Record], list[str]]:
    """Return the records that are decisions of ours, and what is to be said of the others."""
    good: list[Record] = []
    odd: list[str] = []
    for number, record in enumerate(records, 1):
        try:
            _check(record)
        except (KeyError, TypeError, ValueError) as error:
            odd.append(f"record {number} is no decision about an alert ({error!r}); it is passed over")
        else:
            good.append(record)
    return good, odd


def silences_of(records: Iterable[Record]) -> list[Silence]:
    """Return the silences that were made and not lifted, in the order in which they were made."""
    found: dict[str, Silence] = {}
    for record in records:
        if record["class_uid"] != _ENTITY_MANAGEMENT:
            continue
        if record["activity_id"] == _DELETED:
            found.pop(record["entity"]["uid"], None)
        else:
            found[record["entity"]["uid"]] = _silence_of(record)
    return list(found.values())


def standings(alerts: Iterable[Alert], records: Iterable[Record]) -> dict[str, Standing]:
    """Return where each alert stands: what was decided last holds, until findings come that were not known then."""
    last: dict[str, Record] = {}
    for record in records:
        if record["class_uid"] == _FINDING:
            last[record["finding_info"]["uid"]] = record
    return {alert.id: _standing(alert, last.get(alert.id)) for alert in alerts}


def _check(record: Record) -> None:
    """Raise KeyError, TypeError or ValueError where a record lacks what is read from a decision."""
    texts = [record["actor"]["user"]["name"], record.get("comment", "")]
    numbers = [record["activity_id"], record["unmapped"]["decided"]]
    if record["class_uid"] == _FINDING:
        texts.append(record["finding_info"]["uid"])
        numbers += [record["count"], record["unmapped"]["last"], record["unmapped"].get("quiet_until", 0)]
        if record["activity_id"] == _CLOSED:
            numbers.append(record["verdict_id"])
    elif record["class_uid"] == _ENTITY_MANAGEMENT and record["entity"]["type"] == _SILENCE:
        texts.append(record["entity"]["uid"])
        if record["activity_id"] != _DELETED:
            silence = _silence_of(record)
            texts += [part for matcher in silence.matchers for part in matcher]
            numbers += [silence.start, silence.until]
    else:
        message = f"class_uid {record['class_uid']}"
        raise ValueError(message)
    if not all(isinstance(text, str) for text in texts) or not all(type(number) is int for number in numbers):
        message = "a text or a number is of another type"
        raise TypeError(message)


def _silence_of(record: Record) -> Silence:
    entity = record["entity"]
    return Silence(
        id=entity["uid"],
        matchers=tuple((name, pattern) for name, pattern in entity["data"]["matchers"]),
        owner=record["actor"]["user"]["name"],
        reason=record.get("comment", ""),
        start=entity["data"]["start"],
        until=entity["data"]["until"],
    )


def _standing(alert: Alert, record: Record | None) -> Standing:
    if record is None:
        return Standing(state="new", why="nobody has looked at it yet", since=alert.first)
    by, since = record["actor"]["user"]["name"], record["unmapped"]["decided"]
    comment = f": {record['comment']}" if record.get("comment") else ""
    if record["activity_id"] != _CLOSED:
        return Standing(state="triaged", why=f"{by} has taken it on{comment}", by=by, since=since)
    reason = next((name for name, (verdict, _) in REASONS.items() if verdict == record["verdict_id"]), "")
    known, seen = record["count"], record["unmapped"]["last"]
    added = max(alert.count - known, 0)
    told = f"{by} closed it as {reason.replace('-', ' ')}{comment}"
    if not added and alert.last <= seen:
        return Standing(state="closed", why=told, by=by, since=since, reason=reason)
    quiet = record["unmapped"].get("quiet_until", 0)
    if alert.last < quiet:
        why = f"{told}; {added:,} findings since then only count, as was asked for"
        return Standing(state="closed", why=why, by=by, since=since, reason=reason, new_findings=added)
    why = f"{told}, but {max(added, 1):,} findings came that were not known then"
    return Standing(state="reopened", why=why, by=by, since=since, reason=reason, new_findings=max(added, 1))


def _about(alert: Alert, decision: Decision, activity: tuple[int, str], status: tuple[int, str]) -> Record:
    record = _record(decision, (2, "Findings"), (_FINDING, "Detection Finding"), activity)
    return record | {
        "severity_id": alert.severity_id,
        "severity": NAMES[alert.severity_id],
        "status_id": status[0],
        "status": status[1],
        "is_alert": False,
        "count": alert.count,
        "finding_info": {
            "uid": alert.id,
            "title": alert.rule.title or alert.rule.id,
            "types": ["Alert"],
            "analytic": {"uid": alert.rule.id, "name": alert.rule.title or alert.rule.id, "type_id": 1, "type": "Rule"},
            "first_seen_time": alert.first // _MILLI,
            "last_seen_time": alert.last // _MILLI,
            "related_events": [{"uid": uid} for uid in alert.samples],
        },
        "start_time": alert.first // _MILLI,
        "end_time": alert.last // _MILLI,
        "unmapped": {"decided": decision.now, "last": alert.last, "key": [list(one) for one in alert.key]},
    }


def _silence(decision: Decision, activity: tuple[int, str], entity: Record) -> Record:
    record = _record(decision, (3, "Identity & Access Management"), (_ENTITY_MANAGEMENT, "Entity Management"), activity)
    return record | {
        "severity_id": 1,
        "severity": "Informational",
        "entity": {"type_id": 99, "type": _SILENCE, "name": "silence", **entity},
        "unmapped": {"decided": decision.now},
    }


def _record(decision: Decision, category: tuple[int, str], kind: tuple[int, str], activity: tuple[int, str]) -> Record:
    record: Record = {
        "category_uid": category[0],
        "category_name": category[1],
        "class_uid": kind[0],
        "class_name": kind[1],
        "activity_id": activity[0],
        "activity_name": activity[1],
        "type_uid": kind[0] * 100 + activity[0],
        "type_name": f"{kind[1]}: {activity[1]}",
        "time": decision.now // _MILLI,
        "metadata": {
            "version": "1.8.0",
            "product": {"name": "Bartizan", "vendor_name": "Bartizan", "version": __version__},
            "profiles": ["host", "incident"] if kind[0] == _FINDING else [],
        },
        "actor": {"user": _user(decision.by)},
    }
    if decision.comment:
        record["comment"] = decision.comment
    return record


def _user(name: str) -> Record:
    return {"name": name}
