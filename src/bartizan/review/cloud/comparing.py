"""Compare two reviews, and lay a change over an estate: what fails now, what cannot be told any more, who comes further."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import Facts
from bartizan.review.cloud.contract import Verdict
from bartizan.review.cloud.paths.answers import Paths, what_if

if TYPE_CHECKING:
    from bartizan.review.cloud.contract import Judgement
    from bartizan.review.cloud.paths.answers import Change
    from bartizan.review.cloud.reviewed import Reviewed

__all__ = ["Compared", "compare", "overlaid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What differs between two reviews. Failures that an exception accepts are none."""

    failed: tuple[Judgement, ...]
    """Failures that are there after alone."""
    mended: tuple[Judgement, ...]
    """Failures that were there before alone, of resources that are judged after too, or are gone."""
    dimmed: tuple[Judgement, ...]
    """Judgements that could be made before and cannot be made after."""
    ways: Change
    levels: dict[str, str]
    """By check its level."""


def compare(before: Reviewed, after: Reviewed) -> Compared:
    """Compare two reviews of one estate, check by check and resource by resource, and goal by goal."""
    then, now = _failures(before), _failures(after)
    unknown = {(one.check, one.resource.uid): one for one in after.verdicts.judgements(Verdict.UNKNOWN)}
    known = {(one.check, one.resource.uid) for verdict in (Verdict.PASS, Verdict.FAIL) for one in before.verdicts.judgements(verdict)}
    goals = dict.fromkeys((*before.goals, *after.goals))
    return Compared(
        failed=tuple(one for key, one in now.items() if key not in then),
        mended=tuple(one for key, one in then.items() if key not in now and key not in unknown),
        dimmed=tuple(one for key, one in unknown.items() if key in known),
        ways=what_if(Paths(before.paths), Paths(after.paths), goals),
        levels={one.name: one.rule.level for one in (*before.checks.checks, *after.checks.checks)},
    )


def _failures(reviewed: Reviewed) -> dict[tuple[str, str], Judgement]:
    return {(one.check, one.resource.uid): one for one in reviewed.verdicts.judgements(Verdict.FAIL) if one.exception is None}


def overlaid(facts: Facts, change: Facts) -> Facts:
    """Lay the facts of a change, a plan for example, over those of an estate.

    What the change declares takes the place of the thing of the same uid, with its policies, rules, grants and edges; a policy that it
    says is the whole policy. What it does not name stays: nothing is taken away by not being in it.
    """
    uids = {one.uid for one in change.resources} | {one.uid for one in change.principals}
    policies = {one.policy for one in change.statements} | {one.policy for one in facts.statements if one.policy.partition("#")[0] in uids}
    kept = Facts(
        resources=[one for one in facts.resources if one.uid not in uids],
        principals=[one for one in facts.principals if one.uid not in uids],
        statements=[one for one in facts.statements if one.policy not in policies],
        attachments=[one for one in facts.attachments if one.target not in uids],
        network_rules=[one for one in facts.network_rules if one.resource not in uids],
        grants=[one for one in facts.grants if one.resource not in uids],
        edges=[one for one in facts.edges if one.src not in uids],
        gaps=list(facts.gaps),
    )
    kept.add(change)
    return kept
