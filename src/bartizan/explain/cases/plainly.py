"""Write cases as JSON values."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.explain.cases.page import CasePage
    from bartizan.investigate.contract import Signal
    from bartizan.investigate.desk import CaseDesk
    from bartizan.investigate.reaching import Reach

__all__ = ["list_json", "page_json"]


def list_json(desk: CaseDesk, pages: Sequence[CasePage]) -> dict[str, Any]:
    """Return every case in short; times are nanoseconds UTC."""
    cases = [
        {
            "id": page.case.id,
            "score": page.case.score,
            "headline": page.headline,
            "standing": asdict(page.standing),
            "first": page.case.signals[0].first,
            "last": page.case.signals[-1].last,
            "findings": sum(signal.count for signal in page.case.signals),
            "entities": [{"entity": str(claim.entity), "ring": claim.ring} for claim in page.claims],
        }
        for page in pages
    ]
    return {"cases": cases, "findings": sum(signal.count for signal in desk.signals), "problems": list(desk.problems)}


def page_json(page: CasePage) -> dict[str, Any]:
    """Return the page of a case; times are nanoseconds UTC."""
    return {
        "id": page.case.id,
        "score": page.case.score,
        "headline": page.headline,
        "standing": asdict(page.standing),
        "summary": [asdict(sentence) for sentence in page.summary],
        "plain": [asdict(sentence) for sentence in page.plain],
        "moments": [asdict(moment) for moment in page.moments],
        "entities": [asdict(claim) | {"entity": str(claim.entity)} for claim in page.claims],
        "path": [asdict(step) for step in page.path],
        "not_visible": [asdict(one) | {"question": one.question} for one in page.blind],
        "collect": list(page.collect),
        "reach": [_reach(one) for one in page.reach],
        "bridges": [{"links": [asdict(link) for link in bridge.links], "parts": bridge.parts} for bridge in page.bridges],
        "proposals": [asdict(proposal) for proposal in page.proposals],
        "notes": [entry.as_record() for entry in page.notes],
        "signals": [_signal(signal, core=signal.id in page.case.core) for signal in page.case.signals],
        "links": [asdict(link) for link in page.case.links],
        "records": list(page.records),
    }


def _reach(one: Reach) -> dict[str, Any]:
    return asdict(one) | {"entity": str(one.entity), "depends": list(one.depends)}


def _signal(signal: Signal, *, core: bool) -> dict[str, Any]:
    told = {name: getattr(signal, name) for name in ("id", "rule", "title", "severity_id", "first", "last", "count", "bits", "tactics")}
    entities = [str(entity) for entity in signal.entities]
    return told | {"core": core, "entities": entities, "findings": [finding.uid for finding in signal.findings]}
