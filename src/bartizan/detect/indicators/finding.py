"""Say what a meeting with indicators is as a rule and as an OCSF Detection Finding.

The indicators stand in ``osint`` (OCSF profile ``osint``); the observables that met them are the evidence's ``matched``.
"""

from __future__ import annotations

import uuid
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from bartizan.detect.artifacts import json_text
from bartizan.detect.finding import FindingEncoder, rule_event, rule_info
from bartizan.detect.indicators.contract import Kind
from bartizan.detect.indicators.decay import level_of
from bartizan.rules.contract import Rule
from bartizan.schema.logsource import Logsource
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.detect.indicators.watch import Meeting
    from bartizan.schema.columns import Cell

__all__ = ["RULES", "IndicatorEncoder", "by_finding", "rule_place"]

_NAMES: Final[Mapping[Kind, tuple[str, int, str]]] = {
    Kind.IP: ("address", 1, "IP Address"),
    Kind.NETWORK: ("network", 1, "IP Address"),
    Kind.DOMAIN: ("domain", 2, "Domain"),
    Kind.URL: ("URL", 5, "URL"),
    Kind.HASH: ("file hash", 4, "Hash"),
    Kind.EMAIL: ("mail address", 9, "Email Address"),
    Kind.JA3: ("TLS fingerprint (JA3)", 99, "JA3"),
    Kind.JA4: ("TLS fingerprint (JA4)", 99, "JA4"),
}
"""Kind -> how people call it, and OCSF's ``type_id`` and ``type`` of OSINT."""
_LEVELS: Final = ("informational", "low", "medium", "high")
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://schema.ocsf.io/1.8.0/objects/osint")
_MOST: Final = 20
"""Indicators told of one finding."""
_DAY: Final = 86_400_000_000_000
_CONFIDENT: Final = ((70, 3, "High"), (40, 2, "Medium"), (0, 1, "Low"))


def _rule(kind: Kind, level: str) -> Rule:
    return Rule(
        id=str(uuid.uuid5(_NAMESPACE, f"{kind.value}/{level}")),
        title=f"Meets an indicator: {_NAMES[kind][0]}",
        path="indicators",
        logsource=Logsource(category="indicator", service=kind.value),
        level=level,
        description="A value of the record stands on a list of indicators; the finding says on which, and what that is worth at its time.",
    )


RULES: Final = tuple(_rule(kind, level) for kind in Kind for level in _LEVELS)
"""What findings name as their rule: one for each kind and level, so that they are grouped, ranked and counted as others are."""
_KINDS: Final = tuple(Kind)


def rule_place(kind: Kind, worth: float) -> int:
    """Return the place in ``RULES`` for an indicator of a kind that is worth so much."""
    return _KINDS.index(kind) * len(_LEVELS) + _LEVELS.index(level_of(worth))


def by_finding(meetings: Sequence[Meeting]) -> Iterator[tuple[int, list[Meeting]]]:
    """Yield what makes one finding: a row and its meetings with indicators of one kind, the worthiest first."""
    ordered = sorted(
        meetings, key=lambda one: (one.row, _KINDS.index(one.indicator.kind), -one.score, one.indicator.value, one.indicator.path)
    )
    for (row, _), some in groupby(ordered, key=lambda one: (one.row, one.indicator.kind)):
        yield row, list(some)


class IndicatorEncoder:
    """Encode findings of one rule of ``RULES``; ``source`` is the name of the source that read the records."""

    __slots__ = ("_inner",)

    def __init__(self, rule: Rule, *, source: str = "") -> None:
        """Encode what all findings of the rule share."""
        info = rule_info(rule)
        info["types"] = ["Indicator"]
        info["analytic"] = {**info["analytic"], "type_id": 9, "type": "Exact Data Match", "algorithm": "Indicator"}  # type: ignore[dict-item]  # JSON
        event = {name: value for name, value in rule_event(rule).items() if not name.startswith("confidence")}
        self._inner = FindingEncoder(rule, version=__version__, source=source, said=(event, info), profiles=("osint",))

    def encode(self, record: Mapping[str, Any], meetings: Sequence[Meeting], ocsf: Mapping[str, Cell]) -> bytes:
        """Return one finding as a line of JSON. ``record``: the arguments of ``FindingEncoder.encode`` that say which record it is."""
        matched = {one.attribute: one.value for one in meetings[:_MOST]}
        line = self._inner.encode(matched=matched, ocsf=ocsf, **record)
        best = meetings[0]
        _, number, caption = _confident(best.indicator.confidence)
        told = [_osint(one, record["time_ns"]) for one in meetings[:_MOST]]
        more = {"confidence_id": number, "confidence": caption, "confidence_score": best.indicator.confidence, "osint": told}
        return line[:-1] + b"," + json_text(more)[1:]


def _osint(meeting: Meeting, time: int) -> dict[str, object]:
    one = meeting.indicator
    _, type_id, caption = _NAMES[one.kind]
    _, confidence_id, confidence = _confident(one.confidence)
    age = "" if one.since is None else f", {max(time - one.since, 0) // _DAY} days old"
    said: dict[str, object] = {
        "value": one.value,
        "type_id": type_id,
        "type": caption,
        "vendor_name": one.source,
        "confidence_id": confidence_id,
        "confidence": confidence,
        "risk_score": round(meeting.score),
        "comment": f"confidence {one.confidence}{age}: {meeting.attribute} is {meeting.value[:500]}; listed in {one.path}, {one.place}",
    }
    if one.kind is Kind.NETWORK:
        said["subnet"] = one.value
    optional = {"uid": one.uid, "name": one.name}
    times = {"modified_time": one.since, "expiration_time": one.until}
    said |= {name: text for name, text in optional.items() if text}
    return said | {name: at // 1_000_000 for name, at in times.items() if at is not None}


def _confident(confidence: int) -> tuple[int, int, str]:
    return next(step for step in _CONFIDENT if confidence >= step[0])
