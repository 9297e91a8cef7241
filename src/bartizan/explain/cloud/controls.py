"""Tell how requirements of a framework stand, and who answers for which control of an estate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.explain.cloud.lines import Ink, place_of
from bartizan.explain.cloud.told import judgement_json
from bartizan.explain.text import amount, shorten, visible
from bartizan.review.cloud.checks.compliance import Status
from bartizan.review.cloud.contract import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.review.cloud.checks.compliance import Compliance, Standing
    from bartizan.review.cloud.checks.frameworks import Framework
    from bartizan.review.cloud.checks.responsibility import Responsibility

__all__ = ["compliance_json", "compliance_lines", "frameworks_lines", "responsibility_json", "responsibility_lines"]

_WIDE: Final = 110
_EVIDENCE: Final = 3
_COLOURS: Final = {Status.FAILED: "high", Status.UNKNOWN: "yellow", Status.PASSED: "green", Status.ACCEPTED: "medium"}
_OWNERS: Final = {"customer": "The customer answers for", "shared": "Both answer for", "provider": "The provider answers for"}


def frameworks_lines(known: Mapping[str, Framework]) -> Iterator[str]:
    """Yield the frameworks that there are."""
    for name, one in known.items():
        yield f"{name:20} {visible(one.title)}, {visible(one.version)}; {visible(one.scope)}"


def compliance_lines(found: Compliance, ink: Ink) -> Iterator[str]:
    """Yield each requirement with its status, what fails beneath it, and how many could be judged at all."""
    yield ink("bold", f"{visible(found.framework.title)}, {visible(found.framework.version)}")
    yield visible(found.coverage)
    yield ""
    for one in found.standings:
        checks = amount(len(one.checks), "check") if one.checks else "no check"
        status = ink(_COLOURS.get(one.status, "dim"), f"{one.status.value:9}")
        yield f"{status} {visible(one.requirement):12} {visible(one.words)} ({checks})"
        if one.status is Status.FAILED:
            yield from _evidence(one, ink)


def _evidence(one: Standing, ink: Ink) -> Iterator[str]:
    failed = [judgement for judgement in one.evidence(Verdict.FAIL) if judgement.exception is None]
    for judgement in failed[:_EVIDENCE]:
        yield ink("dim", f"{'':23}{judgement.check}: {visible(shorten(place_of(judgement), _WIDE))}")
    if len(failed) > _EVIDENCE:
        yield ink("dim", f"{'':23}and {len(failed) - _EVIDENCE:,} more")


def compliance_json(found: Compliance) -> dict[str, Any]:
    """Return how a framework stands, with all evidence."""
    framework = found.framework
    return {
        "framework": framework.name,
        "title": framework.title,
        "version": framework.version,
        "source": framework.source,
        "scope": framework.scope,
        "coverage": found.coverage,
        "counts": {status.value: found.counts[status] for status in Status},
        "requirements": [
            {
                "id": one.requirement,
                "words": one.words,
                "status": one.status.value,
                "checks": list(one.checks),
                "counts": {verdict.value: one.counts.get(verdict, 0) for verdict in Verdict},
                "excepted": one.excepted,
                "failures": [judgement_json(judgement) for judgement in one.evidence(Verdict.FAIL)],
                "unknown": [judgement_json(judgement) for judgement in one.evidence(Verdict.UNKNOWN)],
            }
            for one in found.standings
        ],
    }


def responsibility_lines(found: Responsibility, ink: Ink) -> Iterator[str]:
    """Yield, owner by owner, each control with the kinds of which it is his, and the questions that are left."""
    counts = {one.kind: one.resources for one in found.shares}
    for owner, words in _OWNERS.items():
        held = found.by_owner(owner)
        if not held:
            continue
        yield ink("bold", words)
        for control, kinds in held.items():
            told = f"{visible(found.controls[control])} ({sum(counts[kind] for kind in kinds):,} resources)"
            yield f"  {control:22} {told}"
            yield ink("dim", f"  {'':22} {shorten(', '.join(kinds), _WIDE)}")
        yield ""
    if found.questions:
        yield ink("yellow", "To be found out")
        yield from (f"  {visible(question)}" for question in found.questions)


def responsibility_json(found: Responsibility) -> dict[str, Any]:
    """Return who answers for what."""
    return {
        "controls": dict(found.controls),
        "kinds": [
            {
                "provider": one.provider,
                "kind": one.kind,
                "resources": one.resources,
                "model": None if one.model is None else one.model.name,
                "owners": {control: one.owner(control) for control in found.controls if one.owner(control)},
            }
            for one in found.shares
        ],
        "questions": list(found.questions),
    }
