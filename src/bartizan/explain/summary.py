"""Give results as JSON values, for programs. Their shapes are a contract, told in docs/guide/hunt.md and held by tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.detect.contract import Group, HeldBack, Outcome, RuleVerdict
    from bartizan.explain.risk import EntityRisk
    from bartizan.explain.story import Story
    from bartizan.rules.contract import Refusal

__all__ = ["balance", "summary", "verdicts"]

_COUNTS: Final = ("read", "stored", "unparsed", "duplicate", "flawed", "bytes")


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
        "held_back": [_held(one) for one in outcome.held],
        "read_first": [reading.evidence.record_id for reading in story.readings],
    }


def balance(outcome: Outcome) -> dict[str, object]:
    """Return what became of every record, by file, in total and by source."""
    files = [
        {
            "path": file.path,
            "source": file.source,
            **{name: getattr(file, name) for name in _COUNTS},
            "problems": list(file.problems),
            "notes": [*file.notes, *([f"flawed, first {file.flaw}"] if file.flaw else [])],
        }
        for file in outcome.balance
    ]
    return {
        "files": files,
        "total": {name: sum(getattr(file, name) for file in outcome.balance) for name in _COUNTS},
        "by_source": dict(outcome.by_source),
        "outside": outcome.outside,
        "partial": outcome.partial,
    }


def verdicts(told: Iterable[RuleVerdict], refused: Iterable[Refusal]) -> list[dict[str, object]]:
    """Return every rule document with its verdict, refused ones last."""
    rules: list[dict[str, object]] = [
        {
            "id": one.rule.id,
            "title": one.rule.title,
            "level": one.rule.level,
            "path": one.rule.path,
            "logsource": str(one.rule.logsource),
            "verdict": one.verdict,
            "reason": one.reason,
            "findings": one.findings,
        }
        for one in told
    ]
    return rules + [_refused(one) for one in refused]


def _refused(one: Refusal) -> dict[str, object]:
    reason = f"line {one.line}: {one.why}" if one.line else one.why
    nothing = {"title": "", "level": "", "path": one.path, "logsource": ""}
    return {"id": one.id, **nothing, "verdict": "refused", "reason": reason, "findings": 0}


def _entity(risk: EntityRisk) -> dict[str, object]:
    return {"entity": str(risk.entity), "risk": risk.risk, "level": risk.level, "findings": risk.findings, "why": risk.why}


def _held(one: HeldBack) -> dict[str, object]:
    by = one.by
    names = ("id", "title", "path", "owner", "reason", "expires", "expired")
    return {**{name: getattr(by, name) for name in names}, "findings": one.findings}


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
