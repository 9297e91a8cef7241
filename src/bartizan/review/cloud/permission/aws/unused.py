"""Find what is granted and was never used, and write policies that grant what was.

What CloudTrail does not show when it is used (data events that nobody records, ``iam:PassRole``) is never called unused: it stays. So does
what a holder may have used by an event of which the permission is not known, and everything of accounts of which there are no records.
"""

from __future__ import annotations

import difflib
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bartizan.review.cloud.permission.aws.arns import account_of
from bartizan.review.cloud.permission.aws.estate import Estate
from bartizan.review.cloud.permission.aws.events import is_visible
from bartizan.review.cloud.permission.aws.reference import mask, reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.collect.inventory.contract import Facts, Statement, Uid
    from bartizan.review.cloud.permission.aws.statements import Ready

__all__ = ["Records", "Tightened", "Use", "document", "unused"]

_DAY: Final = 86_400 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class Use:
    """That somebody used a permission: a principal or a session of a role, an action, and when last, nanoseconds UTC."""

    principal: Uid
    action: str
    last: int
    unclear: bool = False
    """Something of ``action``, a pattern, was used, and which is not known."""


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
    days: int = 0
    """Of how many days there are records of all who hold it; not more than were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What the records are of. ``data_events``: they hold those too."""

    data_events: bool = False
    since: Mapping[str, int] | None = None
    """From when on there are records of which account, nanoseconds UTC; None: of all, from as long ago as is asked for."""


def unused(facts: Facts, uses: Iterable[Use], *, now: int, days: int = 90, records: Records | None = None) -> list[Tightened]:
    """Return each identity policy that grants an action which nobody who holds it used in so many days, the widest first.

    ``now`` is nanoseconds UTC. Of an account of which there are no records nothing is unused.
    """
    held = records or Records()
    since = held.since
    estate = Estate(facts)
    first = now - days * _DAY
    used, unclear = _used(estate, [use for use in uses if use.last >= first])
    found = []
    for policy, holders in _held(facts).items():
        accounts = {account_of(one) for one in holders}
        if since is not None and not accounts <= since.keys():
            continue
        mine = vague = 0
        for holder in holders:
            mine |= used.get(holder, 0)
            vague |= unclear.get(holder, 0)
        told = _tightened(policy, holders, estate.statements(policy), _Seen(mine, vague, held.data_events))
        if told is not None:
            latest = max((since[one] for one in accounts), default=first) if since is not None else first
            found.append(replace(told, days=min(days, max(0, round((now - latest) / _DAY)))))
    return sorted(found, key=lambda one: (-len(one.unused), one.policy))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the records show of those who hold a policy, as bits."""

    used: int
    unclear: int
    data_events: bool


def _used(estate: Estate, uses: Iterable[Use]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return what each principal used, and what it may have used, as bits; the sessions of a role are the role."""
    found: dict[str, int] = defaultdict(int)
    unclear: dict[str, int] = defaultdict(int)
    for use in uses:
        parts = use.principal.split(":", 5)
        holder: str = use.principal
        if parts[2:3] == ["sts"] and parts[-1].startswith("assumed-role/"):
            holder = estate.roles.get((parts[4], parts[-1].split("/")[1]), holder)
        (unclear if use.unclear else found)[holder] |= mask(use.action)
    return found, unclear


def _held(facts: Facts) -> Mapping[Uid, tuple[Uid, ...]]:
    """Return the identity policies with everybody who has them; those of service-linked roles are AWS's own affair."""
    members: dict[Uid, list[Uid]] = defaultdict(list)
    for edge in facts.edges:
        if edge.kind == "member-of":
            members[edge.dst].append(edge.src)
    found: dict[Uid, dict[Uid, None]] = defaultdict(dict)
    for one in facts.attachments:
        if one.kind == "identity" and "/aws-service-role/" not in one.target:
            found[one.policy] |= dict.fromkeys(members.get(one.target, [one.target]))
    return {policy: tuple(holders) for policy, holders in sorted(found.items())}


def _tightened(policy: Uid, holders: tuple[Uid, ...], rows: Sequence[Ready], seen: _Seen) -> Tightened | None:
    granted = 0
    for row in rows:
        granted |= 0 if row.denies else row.actions
    rest = granted & ~seen.used
    hidden = rest & (seen.unclear | _hidden(data_events=seen.data_events))
    never = rest & ~hidden
    if not never:
        return None
    kept = seen.used | hidden
    statements = tuple(narrowed for row in rows for narrowed in _narrowed(row, kept))
    statements = statements if any(one.effect == "Allow" for one in statements) else ()
    return Tightened(
        policy=policy,
        holders=holders,
        used=tuple(reference().names(granted & seen.used)),
        unused=tuple(reference().names(never)),
        untold=tuple(reference().names(hidden)),
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
        whole = bool(bits) and bits & stays == bits and not row.statement.not_actions
        patterns += [pattern] if whole else _names(bits, bits & stays)
    return [replace(row.statement, actions=tuple(dict.fromkeys(patterns)), not_actions=())]


def _names(granted: int, stays: int) -> list[str]:
    """Return actions by name; all of a service that were granted and stay as one pattern."""
    found = []
    for service, own in _services().items():
        if own & granted == own == own & stays:
            found.append(f"{service}:*")
        elif own & stays:
            found += reference().names(own & stays)
    return sorted(found)


@cache
def _services() -> Mapping[str, int]:
    """Return the actions of each service, as bits."""
    return {service: sum(one.bit for one in actions) for service, actions in reference().services.items()}


@cache
def _hidden(*, data_events: bool) -> int:
    """Return the actions whose use CloudTrail does not show, as bits."""
    return sum(one.bit for one in reference().by_index if not is_visible(one.name, data_events=data_events))


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
