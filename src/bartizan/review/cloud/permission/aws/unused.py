"""Find what is granted and was never used, and write policies that grant what was.

What CloudTrail does not show when it is used (data events that nobody records, ``iam:PassRole``) is never called unused: it stays.
"""

from __future__ import annotations

import difflib
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from bartizan.review.cloud.permission.aws.estate import Estate
from bartizan.review.cloud.permission.aws.events import is_visible
from bartizan.review.cloud.permission.aws.reference import mask, reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.collect.inventory.contract import Facts, Statement, Uid
    from bartizan.review.cloud.permission.aws.statements import Ready

__all__ = ["Tightened", "Use", "document", "unused"]

_DAY: Final = 86_400 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class Use:
    """That somebody used a permission: a principal or a session of a role, an action, and when last, nanoseconds UTC."""

    principal: Uid
    action: str
    last: int


@dataclass(frozen=True, slots=True)
class Tightened:
    """A policy that grants more than was used."""

    policy: Uid
    holders: tuple[Uid, ...]
    """Who has it, members of groups among them."""
    used: tuple[str, ...]
    """Actions of it that one of them used since."""
    unused: tuple[str, ...]
    """Actions that it grants and none of them used."""
    untold: tuple[str, ...]
    """Actions that it grants of which CloudTrail does not tell whether they were used: they are kept."""
    statements: tuple[Statement, ...]
    """What it would say; () where nothing of it was used and it can go."""
    diff: str
    """From what it says to what it would say, as a unified diff of JSON."""
    managed: bool = False
    """AWS manages it: it is to be replaced by one's own."""


def unused(facts: Facts, uses: Iterable[Use], *, now: int, days: int = 90, data_events: bool = False) -> list[Tightened]:
    """Return each identity policy that grants an action which nobody who holds it used in so many days, the widest first.

    ``now`` is nanoseconds UTC; ``data_events``: the records hold data events too.
    """
    estate = Estate(facts)
    since = now - days * _DAY
    used = _used(estate, (use for use in uses if use.last >= since))
    found = []
    for policy, holders in _held(facts).items():
        mine = 0
        for holder in holders:
            mine |= used.get(holder, 0)
        told = _tightened(policy, holders, estate.statements(policy), mine, data_events=data_events)
        if told is not None:
            found.append(told)
    return sorted(found, key=lambda one: (-len(one.unused), one.policy))


def _used(estate: Estate, uses: Iterable[Use]) -> Mapping[str, int]:
    """Return what each principal used, as bits; the sessions of a role are the role."""
    found: dict[str, int] = defaultdict(int)
    for use in uses:
        parts = use.principal.split(":", 5)
        holder: str = use.principal
        if parts[2:3] == ["sts"] and parts[-1].startswith("assumed-role/"):
            holder = estate.roles.get((parts[4], parts[-1].split("/")[1]), holder)
        found[holder] |= mask(use.action)
    return found


def _held(facts: Facts) -> Mapping[Uid, tuple[Uid, ...]]:
    """Return the identity policies with everybody who has them."""
    members: dict[Uid, list[Uid]] = defaultdict(list)
    for edge in facts.edges:
        if edge.kind == "member-of":
            members[edge.dst].append(edge.src)
    found: dict[Uid, dict[Uid, None]] = defaultdict(dict)
    for one in facts.attachments:
        if one.kind == "identity":
            found[one.policy] |= dict.fromkeys(members.get(one.target, [one.target]))
    return {policy: tuple(holders) for policy, holders in sorted(found.items())}


def _tightened(policy: Uid, holders: tuple[Uid, ...], rows: Sequence[Ready], used: int, *, data_events: bool) -> Tightened | None:
    granted = 0
    for row in rows:
        granted |= 0 if row.denies else row.actions
    names = reference().names(granted & ~used)
    untold = tuple(name for name in names if not is_visible(name, data_events=data_events))
    never = tuple(name for name in names if is_visible(name, data_events=data_events))
    if not never:
        return None
    kept = used
    for name in untold:
        kept |= mask(name)
    statements = tuple(narrowed for row in rows for narrowed in _narrowed(row, kept))
    statements = statements if any(one.effect == "Allow" for one in statements) else ()
    return Tightened(
        policy=policy,
        holders=holders,
        used=tuple(reference().names(granted & used)),
        unused=never,
        untold=untold,
        statements=statements,
        diff=_diff(policy, [row.statement for row in rows], statements),
        managed=policy.split(":")[4:5] == ["aws"],
    )


def _narrowed(row: Ready, kept: int) -> list[Statement]:
    """Return a statement with the actions that are kept: patterns of which all are, as they were written."""
    if row.denies:
        return [row.statement]
    stays = row.actions & kept
    if not stays:
        return []
    patterns: list[str] = []
    for pattern in row.statement.actions or ("*",):
        bits = mask(pattern) & row.actions
        patterns += [pattern] if bits and bits & stays == bits and not row.statement.not_actions else reference().names(bits & stays)
    return [replace(row.statement, actions=tuple(dict.fromkeys(patterns)), not_actions=())]


def _diff(policy: Uid, before: Sequence[Statement], after: Sequence[Statement]) -> str:
    old, new = (json.dumps(document(rows), indent=2).splitlines() for rows in (before, after))
    return "\n".join(difflib.unified_diff(old, new if after else [], policy, policy if after else "/dev/null", lineterm=""))


def document(statements: Sequence[Statement]) -> dict[str, Any]:
    """Return statements as the policy document that they are of."""
    return {"Version": "2012-10-17", "Statement": [_row(one) for one in statements]}


def _row(statement: Statement) -> dict[str, Any]:
    told: dict[str, Any] = {"Sid": statement.sid} if statement.sid else {}
    told["Effect"] = statement.effect
    for name, values in (
        ("Action", statement.actions),
        ("NotAction", statement.not_actions),
        ("Resource", statement.resources),
        ("NotResource", statement.not_resources),
    ):
        if values:
            told[name] = list(values)
    conditions: dict[str, dict[str, list[str]]] = {}
    for one in statement.conditions:
        conditions.setdefault(one.operator, {})[one.key] = list(one.values)
    return told | ({"Condition": conditions} if conditions else {})
