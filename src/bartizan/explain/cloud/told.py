"""Tell a review as JSON: everything that the page says, whole, under names that stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bartizan.explain.text import moment
from bartizan.review.cloud.contract import Verdict
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.explain.cloud.page import CloudPage, Failing
    from bartizan.review.cloud.contract import Judgement
    from bartizan.review.cloud.paths.choking import ChokePoints
    from bartizan.review.cloud.ways import HopTold, WayTold

__all__ = ["choke_json", "hop_json", "judgement_json", "judgements_json", "page_json", "way_json"]


def page_json(page: CloudPage) -> dict[str, Any]:
    """Return a review as JSON can hold it; ``complete`` is false where something could not be read or judged."""
    reviewed = page.reviewed
    facts = reviewed.facts
    return {
        "bartizan": __version__,
        "time": moment(reviewed.now),
        "headline": page.headline,
        "complete": not page.yellow,
        "facts": {name: len(getattr(facts, name)) for name in facts.__slots__},
        "verdicts": _counts(page.totals),
        "excepted": page.excepted,
        "levels": {level: _counts(counts) for level, counts in page.levels.items()},
        "failing": [_failing(one) for one in page.failing],
        "ways": [way_json(way) for way in page.ways],
        "more_ways": reviewed.more,
        "chokes": [choke_json(one) for one in reviewed.chokes],
        "undecided": [{"src": one.src, "dst": one.dst, "rule": one.rule, "why": one.why} for one in reviewed.paths.undecided],
        "unknown": [{"why": one.why, "count": one.count, "checks": list(one.checks), "example": one.example} for one in page.untold],
        "gaps": [
            {
                "provider": gap.provider,
                "account": gap.account,
                "region": gap.region,
                "call": gap.call,
                "reason": gap.reason,
                "detail": gap.detail,
            }
            for gap in facts.gaps
        ],
        "refused": [{"path": one.path, "line": one.line, "why": one.why} for one in reviewed.verdicts.refused],
        "kinds": [{"provider": provider, "kind": kind, "count": count} for provider, kind, count in page.kinds],
    }


def judgements_json(page: CloudPage) -> Iterator[dict[str, Any]]:
    """Yield every judgement, those that passed too, by check."""
    return (judgement_json(one) for one in page.reviewed.verdicts)


def judgement_json(judgement: Judgement) -> dict[str, Any]:
    """Return one judgement."""
    resource, held = judgement.resource, judgement.exception
    told = {
        "check": judgement.check,
        "verdict": judgement.verdict.value,
        "why": judgement.why,
        "resource": resource.uid,
        "provider": resource.provider,
        "kind": resource.kind,
        "account": resource.account,
        "region": resource.region,
        "name": resource.name,
        "origin": {"how": resource.origin.how, "path": resource.origin.path, "place": resource.origin.place},
    }
    if held is not None:
        told["exception"] = {"owner": held.owner, "reason": held.reason, "expires": held.expires}
    return told


def way_json(way: WayTold) -> dict[str, Any]:
    """Return one way."""
    return {
        "start": way.start,
        "goal": way.goal,
        "level": way.level,
        "depends": list(way.depends),
        "hops": [hop_json(hop) for hop in way.hops],
    }


def choke_json(one: ChokePoints) -> dict[str, Any]:
    """Return what parts starts from a goal."""
    points = [
        {
            "policy": point.statement.policy,
            "statement": point.statement.number,
            "sid": point.statement.sid,
            "path": point.statement.origin.path,
            "place": point.statement.origin.place,
            "vanish": point.vanish,
            "left": point.left,
        }
        for point in one.points
    ]
    fewest = [{"src": hop.src, "dst": hop.dst, "rule": hop.rule} for hop in one.fewest]
    return {"goal": one.goal, "starts": one.starts, "points": points, "fewest_hops": fewest}


def hop_json(hop: HopTold) -> dict[str, Any]:
    """Return one hop."""
    return {
        "src": hop.src,
        "dst": hop.dst,
        "rule": hop.rule,
        "title": hop.title,
        "allowed_by": [{"text": text, "where": where} for text, where in hop.allowed],
        "depends": list(hop.depends),
        "detection": hop.state,
        "detections": list(hop.detections),
        "events": list(hop.events),
        "fix": hop.fix,
    }


def _counts(counts: Mapping[Verdict, int]) -> dict[str, int]:
    return {verdict.value: counts.get(verdict, 0) for verdict in Verdict}


def _failing(one: Failing) -> dict[str, Any]:
    rule = one.check.rule
    return {
        "check": one.check.name,
        "id": rule.id,
        "title": rule.title,
        "level": rule.level,
        "provider": one.check.provider,
        "why": one.about.why,
        "fix": dict(one.about.fix),
        "compliance": {framework: list(ids) for framework, ids in one.about.compliance.items()},
        "counts": _counts(one.counts),
        "open": [judgement_json(judgement) for judgement in one.open],
        "excepted": [judgement_json(judgement) for judgement in one.excepted],
    }
