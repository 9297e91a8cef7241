"""Extract identity facts record by record, straight from what they mean: the twin that tests hold the columns to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bartizan.detect.identities.contract import CONTESTED, EXPIRED, HOUR, Fact, IdentityKind, Tie, order_of
from bartizan.detect.identities.places import SOURCE, scope_of, told
from bartizan.detect.identities.table import TIES
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.stamps import ABSENT_CLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

__all__ = ["naive_facts"]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one record says, or what the records of one hour or one stretch say together."""

    left: str
    right: str
    scope: str
    source: str
    first: int | None
    last: int | None
    closed: int | None
    expires: int | None
    count: int
    record_id: str


def naive_facts(records: Sequence[Mapping[str, Cell]]) -> list[Fact]:
    """Return the facts of completed records (dotted names), sorted."""
    return sorted((fact for tie in TIES for fact in _facts(tie, records)), key=order_of)


def _facts(tie: Tie, records: Iterable[Mapping[str, Cell]]) -> Iterator[Fact]:
    seen = list(dict.fromkeys(one for record in records for one in _sightings(tie, record)))
    for some in _together([one for one in seen if one.first is None], lambda one: (one.source, one.scope, one.left, one.right)):
        yield _fact(tie, _merged(some), None, tie.ends)
    for holders in _together([one for one in seen if one.first is not None], lambda one: (one.source, one.scope, one.left)):
        hours = _together(holders, lambda one: (one.right, (one.first or 0) // HOUR if tie.passes_on else 0))
        rows = sorted(map(_merged, hours), key=lambda one: (one.first or 0, one.last or 0, one.right))
        stretches = _stretches(tie, rows) if tie.passes_on else [[row] for row in rows]
        for place, stretch in enumerate(stretches):
            before = max((row.last or 0 for earlier in stretches[:place] for row in earlier), default=None)
            after = stretches[place + 1][0].first if place + 1 < len(stretches) else None
            until, ends = _end(tie, _merged(stretch), (before, after) if tie.passes_on else (None, None))
            yield from (_fact(tie, _merged(names), until, ends) for names in _together(stretch, lambda one: one.right))


def _sightings(tie: Tie, record: Mapping[str, Cell]) -> Iterator[_Seen]:
    """Yield what a record says, once for each place that says it."""
    uid, activity = record.get("class_uid"), record.get("activity_id")
    if (tie.classes and uid not in tie.classes) or not all(_is(record.get(path), numbers) for path, numbers in tie.asks):
        return
    scope, time, flags = scope_of(tie.scope, record), record.get("time"), record.get("unmapped.time_flag")
    if scope is None:
        return
    moment = None if ABSENT_CLOCK in str(flags).split(", ") or not isinstance(time, int) else time
    closed = moment if (uid, activity) in tie.closed_by else None
    lasts = record.get(tie.lasts, ABSENT) if tie.lasts else ABSENT
    expires = moment + lasts * 1000 if moment is not None and type(lasts) is int and 0 < lasts < 1 << 32 else None
    source, record_id = str(record.get(SOURCE, "")), str(record["metadata.uid"])
    for place in tie.places:
        for right in told(tie.right, record, place)[:1]:
            for left in told(tie.left, record, place):
                if left != right:
                    yield _Seen(left, right, scope, source, moment, moment, closed, expires, 1, record_id)


def _is(cell: Cell, numbers: frozenset[int]) -> bool:
    return type(cell) is int and (cell in numbers if numbers else cell >= 0)


def _together(seen: Iterable[_Seen], key: Callable[[_Seen], Hashable]) -> list[list[_Seen]]:
    """Group what is alike, keeping the order."""
    found: dict[Hashable, list[_Seen]] = {}
    for one in seen:
        found.setdefault(key(one), []).append(one)
    return list(found.values())


def _merged(seen: Sequence[_Seen]) -> _Seen:
    """Make one of what is said of one pair; the first record in time, and of those the first read, is its evidence."""
    first = min(seen, key=lambda one: one.first or 0)
    return replace(
        first,
        last=max((one.last for one in seen if one.last is not None), default=None),
        closed=max((one.closed for one in seen if one.closed is not None), default=None),
        expires=max((one.expires for one in seen if one.expires is not None), default=None),
        count=sum(one.count for one in seen),
    )


def _stretches(tie: Tie, rows: Iterable[_Seen]) -> list[list[_Seen]]:
    """Run together what follows on the same holder, as long as nothing ended it."""
    found: list[list[_Seen]] = []
    for row in rows:
        if found and _holder(tie, row) == _holder(tie, found[-1][-1]) and not _over(found[-1][-1], row.first or 0):
            found[-1].append(row)
        else:
            found.append([row])
    return found


def _holder(tie: Tie, one: _Seen) -> str:
    """Return what is the same in all names of one holder: an account's without its domain, a machine's first label."""
    if tie.right.kind is IdentityKind.USER:
        return one.right.split("\\")[-1].split("@")[0]
    return one.right.split(".")[0] if tie.right.kind is IdentityKind.HOST else one.right


def _over(one: _Seen, time: int) -> bool:
    return _is_closed(one) or (one.expires is not None and one.expires < time)


def _is_closed(one: _Seen) -> bool:
    return one.closed is not None and one.last is not None and one.closed >= one.last


def _end(tie: Tie, one: _Seen, around: tuple[int | None, int | None]) -> tuple[int | None, str]:
    """Say when a stretch ended, and how; ``around``: when others before it were last seen, and when the next one begins."""
    before, after = around
    first, last = one.first or 0, one.last or 0
    if (before is not None and before >= first) or (after is not None and after <= last):
        return last, CONTESTED
    if _is_closed(one):
        return one.closed, tie.closed
    if one.expires is not None and (after is None or one.expires < after):
        return one.expires, EXPIRED
    return (None, tie.ends) if after is None else (after, tie.passes_on)


def _fact(tie: Tie, one: _Seen, until: int | None, ends: str) -> Fact:
    return Fact(
        rule=tie.rule,
        left_kind=tie.left.kind.value,
        left=one.left,
        right_kind=tie.right.kind.value,
        right=one.right,
        scope=one.scope,
        source=one.source,
        first_seen=one.first,
        last_seen=one.last,
        valid_from=one.first,
        valid_to=until,
        ends=ends,
        count=one.count,
        record_id=one.record_id,
    )
