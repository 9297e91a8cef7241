"""Write what a correlation found as an OCSF 1.8 Detection Finding, with the findings that made it as evidence.

The evidences, observables and related events are those of the sightings shown; ``count`` tells how many there are in all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.detect.artifacts import json_text
from bartizan.detect.correlate.contract import FOUND, match_id
from bartizan.detect.correlate.words import group_words, match_words
from bartizan.detect.finding import about, rule_event, rule_info, second_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.detect.correlate.contract import Match
    from bartizan.rules.contract import Rule
    from bartizan.rules.plan import Correlation

__all__ = ["MOST_EVIDENCES", "encoded"]

MOST_EVIDENCES: Final = 20
"""Records shown of a match: a correlation of correlations would show those of each."""
_NAME: Final = "evidences["


def encoded(plan: Correlation, rule: Rule, match: Match, lines: Sequence[bytes], *, version: str) -> bytes:
    """Return one finding as a line of JSON; ``lines`` are the findings that belong to ``match.shown``, in its order."""
    told = [msgspec.json.decode(line) for line in lines]
    uid = match_id(rule.id, match.group, match.time).hex()
    evidences, sights = _evidence(told)
    body: dict[str, Any] = {"evidences": evidences}
    for name in ("device", "cloud"):
        values = [one.get(name) for one in told]
        if values[0] is not None and values.count(values[0]) == len(values):
            body[name] = values[0]
    if sights:
        body["observables"] = sights
    windows = any("extensions" in one["metadata"] for one in told)
    metadata = {**about(version, "", ("cloud" in body) + 2 * windows), "uid": uid}
    event = {**rule_event(rule), "message": f"{rule.title}: {match_words(plan, match)}", "count": match.count}
    return json_text({**event, "finding_info": _info(plan, rule, match, told) | {"uid": uid}, "metadata": metadata, **_when(match), **body})


def _info(plan: Correlation, rule: Rule, match: Match, told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    info: dict[str, Any] = rule_info(rule)
    found = {"correlation.type": plan.kind, FOUND: match_words(plan, match)}
    if plan.group_by:
        found["correlation.group"] = group_words(plan, match.group)
    if match.undecided:
        found["correlation.undecided"] = "true"
    info["tags"] = [*info["tags"], *({"name": name, "value": value} for name, value in found.items())]
    info |= {"first_seen_time": match.first // 1_000_000, "last_seen_time": match.last // 1_000_000}
    info["related_events"] = [_related(one) for one in told]
    info["related_events_count"] = match.count
    return info


def _related(one: dict[str, Any]) -> dict[str, Any]:
    """Name what a sighting is: the record that a rule fired on, or the finding of another correlation."""
    chained = "related_events" in one["finding_info"]
    return {
        "uid": one["finding_info"]["uid"] if chained else one["evidences"][0]["uid"],
        "title": one["finding_info"]["title"],
        "type": "finding" if chained else "record",
        "first_seen_time": one["start_time"],
        "last_seen_time": one["end_time"],
        "severity_id": one["severity_id"],
        "severity": one["severity"],
    }


def _evidence(told: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the artifacts of findings one after the other, each record once, and their observables, each value once."""
    evidences: dict[str, dict[str, Any]] = {}
    sights: dict[tuple[int, str], dict[str, Any]] = {}
    for one in told:
        places: dict[int, int] = {}
        for at, artifact in enumerate(one["evidences"]):
            if artifact["uid"] in evidences or len(evidences) < MOST_EVIDENCES:
                places[at] = list(evidences).index(artifact["uid"]) if artifact["uid"] in evidences else len(evidences)
                evidences.setdefault(artifact["uid"], artifact)
        for sight in _moved(one.get("observables", ()), places):
            sights.setdefault((sight["type_id"], str(sight.get("value"))), sight)
    return list(evidences.values()), list(sights.values())


def _moved(sights: Sequence[dict[str, Any]], places: dict[int, int]) -> Iterator[dict[str, Any]]:
    """Rename observables after where their artifacts stand now."""
    for sight in sights:
        number, _, rest = sight["name"].removeprefix(_NAME).partition("]")
        if number.isdecimal() and int(number) in places:
            yield {**sight, "name": f"{_NAME}{places[int(number)]}]{rest}"}


def _when(match: Match) -> dict[str, Any]:
    second, nanosecond = divmod(match.time, 1_000_000_000)
    text = second_text(second)
    stamp = {"time_dt": f"{text}.{nanosecond:09d}Z"} if text else {}
    return {"time": match.time // 1_000_000, "start_time": match.first // 1_000_000, "end_time": match.last // 1_000_000, **stamp}
