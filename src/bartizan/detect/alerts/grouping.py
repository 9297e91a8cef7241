"""Put notable cells of one place that follow each other into a group, and say when somebody is to be told of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.contract import AlertGroup, Key, Notice, Policy
from bartizan.schema.entities import EntityKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.detect.alerts.contract import Subject
    from bartizan.schema.entities import Entity

__all__ = ["Sight", "group_sights", "identity", "place_of"]

ID_DIGITS: Final = 16
"""64 bits: among a million alerts two share one by chance once in 37 million runs."""
_PLACES: Final = (EntityKind.HOST, EntityKind.CLOUD_PRINCIPAL, EntityKind.USER, EntityKind.IP)
"""Of these kinds the first that a finding names is its place."""
_MOST_NOTICES: Final = 100
_TACTIC_SHARE: Final = 4
"""As in the risk of the story: each further tactic adds a quarter."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One notable cell of an alert: ``score`` is what it is worth, ``span`` the number of its span of time."""

    alert: str
    place: Key
    span: int
    first: int
    last: int
    count: int
    score: float


@dataclass(frozen=True, slots=True)
class Known:
    """What grouping needs of an alert."""

    title: str
    severity_id: int
    tactics: tuple[str, ...]


def identity(*parts: object) -> str:
    """Return the id that follows from content: 16 hexadecimal digits."""
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()[:ID_DIGITS]


def place_of(subject: Subject, group_by: Sequence[str]) -> Key:
    """Return what a subject's findings are grouped by: the entities of some kinds; without kinds the first there is of a fixed list."""
    if group_by:
        named = tuple((kind, ",".join(_values(subject.entities, kind))) for kind in group_by)
        return named if any(value for _, value in named) else (("rule", subject.rule),)
    for kind in _PLACES:
        values = _values(subject.entities, kind.value)
        if values:
            return ((kind.value, ",".join(values)),)
    return (("rule", subject.rule),)


def group_sights(sights: Sequence[Sight], known: Mapping[str, Known], policy: Policy) -> list[AlertGroup]:
    """Return the groups of some sights, the highest score first, ties by id."""
    groups = [_group(run, known, policy) for run in _runs(sights, policy.window)]
    return sorted(groups, key=lambda group: (-group.score, group.id))


def _values(entities: Sequence[Entity], kind: str) -> list[str]:
    return sorted({entity.value for entity in entities if entity.kind.value == kind})


def _runs(sights: Sequence[Sight], window: int) -> Iterator[list[Sight]]:
    run: list[Sight] = []
    end = 0
    for sight in sorted(sights, key=lambda sight: (sight.place, sight.first, sight.last, sight.alert, sight.span)):
        if run and (sight.place != run[0].place or sight.first - end > window):
            yield run
            run = []
        end = sight.last if not run else max(end, sight.last)
        run.append(sight)
    if run:
        yield run


def _group(run: list[Sight], known: Mapping[str, Known], policy: Policy) -> AlertGroup:
    best: dict[str, float] = {}
    for sight in run:
        best[sight.alert] = max(sight.score, best.get(sight.alert, 0.0))
    members = sorted(best, key=lambda alert: (-best[alert], alert))
    tactics = tuple(sorted({tactic for alert in members for tactic in known[alert].tactics}))
    spread = 1 + max(0, len(tactics) - 1) / _TACTIC_SHARE
    place = run[0].place
    return AlertGroup(
        # The span a group begins in, not the moment: a finding a second earlier does not make it another group.
        id=identity("group", place, run[0].span),
        place=place,
        alerts=tuple(members),
        count=sum(sight.count for sight in run),
        first=run[0].first,
        last=max(sight.last for sight in run),
        severity_id=max(known[alert].severity_id for alert in members),
        tactics=tactics,
        score=spread * sum(best[alert] for alert in members),
        notices=tuple(_notices(run, known, policy)),
        why=_why(place, policy.window, len(members), len(tactics)),
    )


def _why(place: Key, window: int, alerts: int, tactics: int) -> str:
    where = " and ".join(f"{name} {value or '(none)'}" for name, value in place)
    what = "1 alert" if alerts == 1 else f"{alerts:,} alerts"
    reached = f"; {tactics} tactics" if tactics > 1 else ""
    return f"{what} about {where}, with no gap longer than {window // 60_000_000_000} minutes between notable findings{reached}"


def _notices(run: list[Sight], known: Mapping[str, Known], policy: Policy) -> Iterator[Notice]:
    """Say when somebody is told: at once, when other alerts join (at most each interval), and when nothing new came for long."""
    told: set[str] = set()
    waiting: list[str] = []
    last, made = 0, 0
    for sight in run:
        if sight.alert not in told and sight.alert not in waiting:
            waiting.append(sight.alert)
        wait = policy.interval if waiting else policy.repeat
        if made and sight.first - last < wait:
            continue
        why = _joined(waiting, known, first=not made) if waiting else "it goes on"
        told.update(waiting)
        waiting.clear()
        last, made = sight.first, made + 1
        yield Notice(sight.first, why)
        if made == _MOST_NOTICES:
            return
    if waiting:
        yield Notice(max(run[-1].last, last + policy.interval), _joined(waiting, known, first=False))


def _joined(alerts: Sequence[str], known: Mapping[str, Known], *, first: bool) -> str:
    titles = list(dict.fromkeys(known[alert].title for alert in alerts))
    more = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
    return f"{'it begins with' if first else 'joined by'} {titles[0]}{more}"
