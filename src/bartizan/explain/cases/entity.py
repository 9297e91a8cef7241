"""Tell what there is of an entity, as lines and as JSON values."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from bartizan.detect.alerts.severity import NAMES
from bartizan.explain.text import amount, moment, shorten, span, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.investigate.entities import Profile

__all__ = ["entity_json", "entity_lines"]

_MOST: Final = 12
_MILLI: Final = 1_000_000


def entity_lines(profile: Profile) -> Iterator[str]:
    """Yield what there is of an entity."""
    yield visible(str(profile.entity)) + (", a hub: so many have to do with it that it ties nothing together" if profile.hub else "")
    yield from _found(profile)
    yield from _named(profile)
    yield from (visible(f"  {moment(tie.time)}  {tie.reason}  [{tie.record[:8]}]") for tie in profile.ties[:_MOST])
    yield from (f"  not visible: {one.question}, {span(one.since, one.until)}: {one.why}" for one in profile.blind)


def _found(profile: Profile) -> Iterator[str]:
    """Yield which findings name it, and in which cases it is."""
    if not profile.findings:
        yield "  no finding names it; records do"
        return
    yield f"  {amount(len(profile.findings), 'finding')}, {span(profile.findings[0].time, profile.findings[-1].time)}"
    yield from (visible(f"  {claim.ring} in case {name}: {shorten(claim.why, 100)}") for name, claim in profile.cases)
    titles = Counter((finding.severity_id, finding.title) for finding in profile.findings)
    for (severity, title), count in sorted(titles.items(), key=lambda item: (-item[0][0], -item[1], item[0][1]))[:_MOST]:
        yield visible(f"    {NAMES[severity].lower():13} {title}{f', {count} times' if count > 1 else ''}")


def _named(profile: Profile) -> Iterator[str]:
    """Yield its names, and what is named beside it."""
    if profile.names:
        yield "  names in records were brought to this one by " + ", ".join(f"{rule} ({count})" for rule, count in profile.names)
    for fact in profile.facts[:_MOST]:
        seen = "" if fact.first_seen is None else f", since {moment(fact.first_seen * _MILLI)}, end {fact.ends}"
        yield visible(f"  {fact.left_kind} {fact.left} = {fact.right_kind} {fact.right}{seen} ({fact.rule}, e.g. {fact.record_id[:8]})")
    if profile.neighbours:
        yield "  beside it: " + visible(", ".join(f"{entity} ({count})" for entity, count in profile.neighbours[:_MOST]))


def entity_json(profile: Profile) -> dict[str, Any]:
    """Return what there is of an entity; times of findings and ties are nanoseconds UTC, those of facts milliseconds."""
    return {
        "entity": str(profile.entity),
        "hub": profile.hub,
        "findings": [
            {"uid": one.uid, "time": one.time, "rule": one.rule, "title": one.title, "severity_id": one.severity_id, "records": one.records}
            for one in profile.findings
        ],
        "cases": [{"case": name, **asdict(claim), "entity": str(claim.entity)} for name, claim in profile.cases],
        "names": dict(profile.names),
        "facts": [{name: getattr(fact, name) for name in fact.__slots__} for fact in profile.facts],
        "neighbours": {str(entity): count for entity, count in profile.neighbours},
        "ties": [asdict(tie) for tie in profile.ties],
        "not_visible": [asdict(one) | {"question": one.question} for one in profile.blind],
    }
