"""The use cases of rights in a cloud: who can do what, and what is granted and never used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bartizan.collect.inventory.contract import Facts
    from bartizan.lake.contract import Snapshot
    from bartizan.lake.delta.lake import DeltaLake
    from bartizan.review.cloud.permission.asking import Found
    from bartizan.review.cloud.permission.aws.unused import Tightened, Use

__all__ = ["Seen", "assuming", "seen_in", "unused", "what_can", "who_can"]

_PROVIDERS: Final = {"arn:": "aws", "/": "azure", "//": "gcp", "k8s://": "kubernetes"}
"""How uids of a provider begin; the longest that fits counts."""
_MOST: Final = 1_000_000
_MILLI: Final = 1_000_000


def assuming(facts: Facts, names: Sequence[str]) -> Facts:
    """Return facts of which a person assumes something that could not be read, as ``no-scps``. UsageError for what nobody can assume."""
    from bartizan.review.cloud.permission.assuming import assume  # noqa: PLC0415 - `import bartizan` stays cheap

    return assume(facts, names) if names else facts


def who_can(facts: Facts, action: str, resource: str, *, context: Mapping[str, Sequence[str]] | None = None) -> Found:
    """Return who can do an action to a resource, which is a uid, or the name of one that was read."""
    from bartizan.review.cloud.permission import asking  # noqa: PLC0415 - `import bartizan` stays cheap

    uid = _meant(facts, resource)
    return asking.who_can(facts, action, uid, provider=_provider_of(facts, uid, action), context=context)


def what_can(facts: Facts, principal: str, *, context: Mapping[str, Sequence[str]] | None = None) -> Found:
    """Return what a principal can do: a uid, or the name of one that was read. InputError where it is neither."""
    from bartizan.collect.inventory.contract import Uid  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.review.cloud.permission import asking  # noqa: PLC0415 - as above

    named = [one.uid for one in facts.principals if principal in {one.uid, one.name}]
    if len(named) > 1 and principal not in named:
        message = f"'{principal}' means {len(named)} principals: {', '.join(named[:5])}; give its uid"
        raise InputError(message)
    uid = Uid(principal) if principal in named else next(iter(named), None)
    if uid is None:
        message = (
            f"'{principal}' is no principal that was read; there are {', '.join(str(one.uid) for one in facts.principals[:5]) or 'none'}"
        )
        raise InputError(message)
    return asking.what_can(facts, uid, provider=_provider_of(facts, uid, ""), context=context)


def unused(facts: Facts, lake: Path, *, now: int, days: int, data_events: bool = False) -> tuple[list[Tightened], Seen]:
    """Return the policies that grant what nobody used in so many days, by the CloudTrail records of a lake, and what these tell of.

    InputError where the lake holds none of that time: then nothing was used, and nothing could be told.
    """
    from bartizan.lake.opening import open_lake  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.review.cloud.permission.aws import unused as tightening  # noqa: PLC0415 - as above

    with open_lake(lake) as held:
        seen = seen_in(held, since=now - days * 86_400_000_000_000, until=now)
    if not seen.uses:
        message = f"{lake}: holds no CloudTrail record of the last {days} days in which something was done; put some in first"
        raise InputError(message)
    records = tightening.Records(data_events=data_events, since=seen.since)
    return tightening.unused(facts, seen.uses, now=now, days=days, records=records), seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the CloudTrail records of a lake tell of: permissions that were used, and from when on of which account."""

    uses: tuple[Use, ...]
    since: Mapping[str, int]
    """The first record of an account, nanoseconds UTC."""
    unplaced: tuple[str, ...]
    """Sources of events of which no service is known, so that nobody can tell which permission they used."""


def seen_in(lake: DeltaLake, *, since: int, until: int) -> Seen:
    """Return which permissions the CloudTrail records of a lake show to have been used, by whom, and when last; refused calls are none."""
    from bartizan.collect.inventory.contract import Uid  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.review.cloud.permission.aws.events import action_of, service_of  # noqa: PLC0415 - as above
    from bartizan.review.cloud.permission.aws.unused import Use  # noqa: PLC0415 - as above

    uses: list[Use] = []
    first: dict[str, int] = {}
    unplaced: dict[str, None] = {}
    over = lake.listed(start=since, end=until)
    for table in over.tables:
        if not (table.files and "operation" in table.schema.get("api", "") and "uid" in table.schema.get("actor", "")):
            continue
        of = f'FROM "{table.table}" WHERE api.service.name LIKE \'%.amazonaws.com\' AND "time" >= {since // _MILLI}'
        asked = f'SELECT actor.user.uid, api.service.name, api.operation, max("time") {of} AND actor.user.uid IS NOT NULL'
        asked += " AND NOT coalesce(regexp_matches(api.response.error, '(?i)denied|unauthorized'), false) GROUP BY ALL"
        for who, source, name, last in _rows(lake, asked, over):
            action, service = action_of(source, name), service_of(source)
            if action is not None or service is not None:
                uses.append(Use(Uid(who), action or f"{service}:*", int(last) * _MILLI, unclear=action is None))
            else:
                unplaced[source] = None
        if "uid" in table.schema.get("cloud", ""):
            asked = f'SELECT cloud.account.uid, min("time") {of} AND cloud.account.uid IS NOT NULL GROUP BY ALL'
            for account, at in _rows(lake, asked, over):
                first[account] = min(first.get(account, until), int(at) * _MILLI)
    return Seen(uses=tuple(uses), since=first, unplaced=tuple(sorted(unplaced)))


def _rows(lake: DeltaLake, query: str, over: Snapshot) -> list[tuple[str, ...]]:
    """Return all rows of an answer as texts; InputError where there are too many to hold."""
    answer = lake.sql(query, over=over, max_rows=_MOST)
    if answer.more:
        message = f"more than {_MOST:,} different uses of permissions: ask for fewer days with --days"
        raise InputError(message)
    return [tuple(map(str, row)) for row in answer.rows]


def _meant(facts: Facts, name: str) -> str:
    """Return the uid of what a name means: what it is called, or what is written as it is."""
    called = list(
        dict.fromkeys(
            [*(one.uid for one in facts.resources if one.name == name), *(one.uid for one in facts.principals if one.name == name)]
        )
    )
    if len(called) > 1:
        message = f"'{name}' means {len(called)} things: {', '.join(called[:5])}; give its uid"
        raise UsageError(message)
    return str(called[0]) if called else name


def _provider_of(facts: Facts, uid: str, action: str) -> str:
    """Return whose question it is: by how the uid is written, else the only provider of which there are facts."""
    there = sorted({one.provider for one in facts.principals})
    written = max((start for start in _PROVIDERS if uid.startswith(start)), key=len, default="")
    if written:
        return _PROVIDERS[written]
    if len(there) == 1:
        return there[0]
    if action.count(":") == 1 and "/" not in action:
        return "aws"
    message = f"'{uid}': facts of {', '.join(there) or 'no provider'} were read; give a uid, so that it can be told of which it is"
    raise UsageError(message)
