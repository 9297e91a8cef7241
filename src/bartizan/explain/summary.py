"""Give the story as JSON values, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.detect.contract import Group, Outcome
    from bartizan.explain.risk import EntityRisk
    from bartizan.explain.story import Story

__all__ = ["summary"]


def summary(outcome: Outcome, story: Story) -> dict[str, object]:
    """Return headline, counts, entities by risk, groups and what to read first. Times are epoch milliseconds UTC."""
    return {
        "headline": story.headline,
        "caveats": list(story.caveats),
        "events": outcome.events,
        "findings": outcome.findings,
        "first": outcome.first // 1_000_000,
        "last": outcome.last // 1_000_000,
        "levels": dict(story.levels),
        "tactics": [tactic.shortname for tactic in story.tactics],
        "entities": [_entity(risk) for risk in story.entities],
        "groups": [_group(group) for group in story.groups],
        "read_first": [reading.evidence.record_id for reading in story.readings],
    }


def _entity(risk: EntityRisk) -> dict[str, object]:
    return {"entity": str(risk.entity), "risk": risk.risk, "level": risk.level, "findings": risk.findings, "why": risk.why}


def _group(group: Group) -> dict[str, object]:
    return {
        "rule": group.rule.id,
        "title": group.rule.title,
        "level": group.rule.level,
        "entities": [str(entity) for entity in group.entities],
        "count": group.count,
        "first": group.first // 1_000_000,
        "last": group.last // 1_000_000,
        "records": [sample.record_id for sample in group.samples],
    }
