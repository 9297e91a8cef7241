"""Find the rules that correlations name, over all packs, and refuse those that name what is not there."""

from __future__ import annotations

from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from bartizan.rules.contract import Correlating, Refusal
from bartizan.rules.refusals import suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.rules.plan import Correlation, Meta

__all__ = ["Resolved", "Written", "resolved"]


@dataclass(frozen=True, slots=True)
class Written:
    """A document that can be named, and where it stands."""

    meta: Meta
    path: str
    line: int

    def __str__(self) -> str:
        """Return file and line."""
        return f"{self.path}:{self.line}"


@dataclass(slots=True)
class Resolved:
    """What became of the correlations; ``kept`` in the order of their places behind the base rules."""

    kept: list[tuple[str, Correlation]] = field(default_factory=list)
    correlations: list[Correlating] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def resolved(
    base: Sequence[Written], correlations: Sequence[tuple[str, Correlation]], refused: Sequence[Refusal], known: Mapping[str, int]
) -> Resolved:
    """Resolve correlations given with their paths; ``known`` has the ids of the base rules, ``refused`` what cannot be run."""
    made = Resolved()
    plans = _distinct(correlations, base, known, made)
    names = _Names([*base, *(Written(plan.meta, path, plan.line) for path, plan in plans)], {one.id: one for one in refused if one.id})
    asked: dict[int, tuple[int, ...]] = {}
    bad: dict[int, str] = {}
    for place, (path, plan) in enumerate(plans, len(base)):
        found = [names.find(name) for name, _ in plan.rules]
        wrong = next(((one, line) for one, (_, line) in zip(found, plan.rules, strict=True) if isinstance(one, str)), None)
        asked[place] = tuple(one for one in found if isinstance(one, int))
        if wrong is not None:
            bad[place] = names.title(place)
            made.refused.append(Refusal(path, wrong[1], f"correlation.rules: {wrong[0]}", plan.meta.id))
    order = _order(asked, bad, names, made)
    good = [place for place in order if _sound(place, asked, bad, plans, (len(base), names, made))]
    _keep(good, asked, plans, made, len(base))
    return made


def _distinct(
    correlations: Sequence[tuple[str, Correlation]], base: Sequence[Written], known: Mapping[str, int], made: Resolved
) -> list[tuple[str, Correlation]]:
    """Refuse a correlation that is there already; note one that only has the id of another document."""
    plans: list[tuple[str, Correlation]] = []
    by_id: dict[str, tuple[str, Correlation]] = {}
    for path, plan in correlations:
        uid = plan.meta.id
        first = by_id.get(uid) if uid else None
        if first is not None and _content(first[1]) == _content(plan):
            made.refused.append(Refusal(path, plan.line, f"same rule as {first[0]}:{first[1].line}", uid))
            continue
        other = f"{first[0]}:{first[1].line}" if first is not None else str(base[known[uid]]) if uid in known else ""
        if other:
            made.remarks.append(f"{path}:{plan.line}: id {uid} is also that of {other}, which says something else: both are run")
        by_id.setdefault(uid, (path, plan))
        plans.append((path, plan))
    return plans


def _content(plan: Correlation) -> tuple[object, ...]:
    """Return all that a correlation says but where it says it."""
    names = tuple(name for name, _ in plan.rules)
    asked = (plan.kind, plan.timespan, plan.group_by, plan.aliases, plan.limits, plan.fields, plan.percentile, plan.presence)
    return plan.meta, names, asked, plan.generate


class _Names:
    """Documents by id and by name."""

    def __init__(self, written: Sequence[Written], refused: Mapping[str, Refusal]) -> None:
        self._written, self._refused = written, refused
        self._places: dict[str, list[int]] = {}
        for place, one in enumerate(written):
            for name in {one.meta.id, one.meta.name} - {""}:
                self._places.setdefault(name, []).append(place)

    def find(self, name: str) -> int | str:
        """Return the place of the one document of this id or name, or why there is none."""
        places = self._places.get(name) or self._places.get(name.lower(), [])
        if len(places) == 1:
            return places[0]
        if places:
            some = " and ".join(str(self._written[place]) for place in places[:3])
            return f"'{name}' is the name of {len(places)} rules ({some}): name the one you mean by its id"
        if (refusal := self._refused.get(name.lower())) is not None:
            return f"'{name}' ({refusal.path}:{refusal.line}) is refused itself: {refusal.why}"
        return f"no rule has the id or name '{name}'{suggestion(name, self._places) or '; is its pack among those given?'}"

    def refusal(self, place: int, why: str, line: int = 0) -> Refusal:
        """Return the refusal of a document."""
        one = self._written[place]
        return Refusal(one.path, line or one.line, why, one.meta.id)

    def title(self, place: int) -> str:
        """Return how a document is called and where it stands."""
        return f"'{self._written[place].meta.title}' ({self._written[place]})"


def _order(asked: Mapping[int, tuple[int, ...]], bad: dict[int, str], names: _Names, made: Resolved) -> list[int]:
    """Return the correlations so that each comes behind those it names; those that go in a circle are refused."""
    left = {place: [one for one in rules if one in asked] for place, rules in asked.items()}
    while True:
        try:
            return [place for place in TopologicalSorter(left).static_order() if place in left]
        except CycleError as error:
            circle = sorted(set(error.args[1]))
            told = " names ".join(names.title(place) for place in [*circle, circle[0]]) if len(circle) > 1 else names.title(circle[0])
            for place in circle:
                bad[place] = names.title(place)
                del left[place]
                left = {one: [rule for rule in rules if rule != place] for one, rules in left.items()}
                why = f"correlations go in a circle: {told}" if len(circle) > 1 else "a correlation names itself"
                made.refused.append(names.refusal(place, f"correlation.rules: {why}"))


def _sound(
    place: int,
    asked: Mapping[int, tuple[int, ...]],
    bad: dict[int, str],
    plans: Sequence[tuple[str, Correlation]],
    means: tuple[int, _Names, Resolved],
) -> bool:
    """Say whether a correlation can be run, given that those before it were looked at; else refuse it."""
    if place in bad:
        return False
    first, names, made = means
    plan = plans[place - first][1]
    for at, rule in enumerate(asked[place]):
        why = f"{bad[rule]} cannot be run" if rule in bad else _lacking(plan, at, plans[rule - first][1]) if rule >= first else ""
        if why:
            bad[place] = names.title(place)
            made.refused.append(names.refusal(place, f"correlation.rules: {why}", plan.rules[at][1]))
            return False
    return True


def _lacking(plan: Correlation, at: int, inner: Correlation) -> str:
    """Say what a correlation asks of one that it names and that does not give it: all it has is what it is grouped by."""
    missing = [name for name in (*keys_of(plan, at), *fields_of(plan, at)) if name not in inner.group_by]
    if not missing:
        return ""
    has = ", ".join(inner.group_by) or "nothing"
    return f"'{plan.rules[at][0]}' is a correlation and gives only what it is grouped by ({has}): it has no {', '.join(missing)}"


def keys_of(plan: Correlation, at: int) -> tuple[str, ...]:
    """Return the fields by which one of a correlation's rules is grouped."""
    return _aliased(plan, plan.group_by, at)


def fields_of(plan: Correlation, at: int) -> tuple[str, ...]:
    """Return the fields of one of a correlation's rules that are measured."""
    return _aliased(plan, plan.fields, at)


def _aliased(plan: Correlation, names: Sequence[str], at: int) -> tuple[str, ...]:
    aliases = {alias: dict(fields) for alias, fields in plan.aliases}
    return tuple(aliases.get(name, {}).get(at, name) for name in names)


def _keep(
    order: Sequence[int], asked: Mapping[int, tuple[int, ...]], plans: Sequence[tuple[str, Correlation]], made: Resolved, first: int
) -> None:
    """Give each correlation that can be run its place behind the base rules, in the order of the packs."""
    numbers = {place: first + at for at, place in enumerate(sorted(order))}
    made.kept = [plans[place - first] for place in sorted(order)]
    for place in order:
        plan = plans[place - first][1]
        rules = tuple(numbers.get(rule, rule) for rule in asked[place])
        each = range(len(rules))
        keys, values = tuple(keys_of(plan, at) for at in each), tuple(fields_of(plan, at) for at in each)
        made.correlations.append(Correlating(numbers[place], plan, rules, keys, values))
