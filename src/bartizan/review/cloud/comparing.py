"""Compare two reviews, and lay a change over an estate: what fails now, what cannot be told any more, who comes further."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import Facts
from bartizan.review.cloud.contract import Verdict
from bartizan.review.cloud.paths.answers import Paths, what_if

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Attachment, Edge, Grant, NetworkRule, Resource
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


def overlaid(facts: Facts, change: Facts, before: Facts | None = None) -> Facts:
    """Lay the facts of a change, a plan for example, over those of an estate.

    What the change declares takes the place of the thing of the same uid, with its policies, rules, grants and edges; a policy that it
    says is the whole policy. What it only refers to stays as it is. ``before`` is what the change says is there before it: what it no
    longer says is taken away. Nothing else is taken away by not being in it.
    """
    left = facts if before is None else _without(facts, before, change)
    held = {one.uid for one in facts.resources}
    change = replace(change, resources=[one for one in change.resources if not (_only_named(one) and one.uid in held)])
    uids = {one.uid for one in change.resources} | {one.uid for one in change.principals}
    policies = {one.policy for one in change.statements} | {one.policy for one in left.statements if one.policy.partition("#")[0] in uids}
    said = {(one.policy, one.target, one.kind) for one in change.attachments}
    kept = Facts(
        resources=[one for one in left.resources if one.uid not in uids],
        principals=[one for one in left.principals if one.uid not in uids],
        statements=[one for one in left.statements if one.policy not in policies],
        attachments=[one for one in left.attachments if one.target not in uids and (one.policy, one.target, one.kind) not in said],
        network_rules=[one for one in left.network_rules if one.resource not in uids],
        grants=[one for one in left.grants if one.resource not in uids],
        edges=[one for one in left.edges if one.src not in uids],
        gaps=list(left.gaps),
    )
    kept.add(change)
    return kept


def _without(facts: Facts, before: Facts, after: Facts) -> Facts:
    """Return facts without those that a change says are there before it and not after it."""
    gone = {one.uid for one in before.resources if not _only_named(one)} - {one.uid for one in after.resources}
    policies = {one.policy for one in before.statements} - {one.policy for one in after.statements}
    attached = {_attached(one) for one in before.attachments} - {_attached(one) for one in after.attachments}
    ruled = {_ruled(one) for one in before.network_rules} - {_ruled(one) for one in after.network_rules}
    granted = {_granted(one) for one in before.grants} - {_granted(one) for one in after.grants}
    joined = {_joined(one) for one in before.edges} - {_joined(one) for one in after.edges}
    return Facts(
        resources=[one for one in facts.resources if one.uid not in gone],
        principals=[one for one in facts.principals if one.uid not in gone],
        statements=[one for one in facts.statements if one.policy not in policies and one.policy.partition("#")[0] not in gone],
        attachments=[one for one in facts.attachments if gone.isdisjoint((one.policy, one.target)) and _attached(one) not in attached],
        network_rules=[one for one in facts.network_rules if one.resource not in gone and _ruled(one) not in ruled],
        grants=[one for one in facts.grants if one.resource not in gone and _granted(one) not in granted],
        edges=[one for one in facts.edges if gone.isdisjoint((one.src, one.dst)) and _joined(one) not in joined],
        gaps=list(facts.gaps),
    )


def _only_named(one: Resource) -> bool:
    """Say whether a resource is only referred to, or of a kind that is never wholly told in one place."""
    return "*" in one.unknown


def _attached(one: Attachment) -> tuple[str, ...]:
    return one.policy, one.target, one.kind, one.scope


def _ruled(one: NetworkRule) -> tuple[object, ...]:
    return one.resource, one.direction, one.peer, one.protocol, one.first_port, one.last_port, one.action


def _granted(one: Grant) -> tuple[str, ...]:
    return one.resource, one.grantee, one.permission


def _joined(one: Edge) -> tuple[str, ...]:
    return one.src, one.dst, one.kind
