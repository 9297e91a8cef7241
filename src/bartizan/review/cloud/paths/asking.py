"""Ask an authorizer what a rule needs, and join the answers: a chain is as sure as its least sure link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.paths.patterns import glob
from bartizan.review.cloud.permission.contract import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.collect.inventory.contract import Uid
    from bartizan.review.cloud.paths.contract import Need
    from bartizan.review.cloud.paths.world import World
    from bartizan.review.cloud.permission.contract import Authorizer, Decision

__all__ = ["ANY_NAME", "Asking", "Met", "actions_of", "fill", "names_in", "new_name"]

NEW: Final = "new"
"""The name in a template of what does not exist yet: any name will do."""
ANY_NAME: Final = "any-name-00"
_NAME: Final = re.compile(r"\{([a-z_]+)\}")
_FIELDS: Final = 5
"""Colons in an ARN before what a service calls its own."""
_REGION: Final = "us-east-1"
"""Any region will do, as any name."""
_ORDER: Final = {Answer.ALLOWED: 0, Answer.CONDITIONAL: 1, Answer.UNKNOWN: 2, Answer.DENIED: 3}


@dataclass(frozen=True, slots=True)
class Met:
    """Whether needs are met, with the decisions that say so. DENIED has none."""

    answer: Answer
    decisions: tuple[Decision, ...] = ()
    depends: frozenset[str] = frozenset()


_YES: Final = Met(Answer.ALLOWED)
_NO: Final = Met(Answer.DENIED)


def names_in(template: str) -> list[str]:
    """Return the names that a template wants filled."""
    return _NAME.findall(template)


def fill(template: str, values: Mapping[str, str]) -> str:
    """Fill a template. KeyError where a value is missing."""
    return _NAME.sub(lambda match: values[match[1]], template)


def actions_of(needs: Iterable[Need], *, by: bool = True) -> list[tuple[str, ...]]:
    """Return groups of actions of which each must have one that is allowed to who moves."""
    found: list[tuple[str, ...]] = []
    for need in needs:
        if need.either:
            ways = [actions_of(way, by=by) for way in need.either]
            if all(ways) and not need.when:
                found.append(tuple(dict.fromkeys(action for way in ways for group in way for action in group)))
        elif not ((by and need.by) or need.when):
            found.append(need.actions)
    return found


class Asking:
    """The questions of one compile run, each put once. ``asked`` counts them."""

    def __init__(self, world: World, authorizer: Authorizer) -> None:
        """Ask one authorizer about one estate."""
        self._world = world
        self.authorizer = authorizer
        self._known: dict[tuple[Uid, str, str, tuple[tuple[str, tuple[str, ...]], ...]], Decision] = {}
        self._may: dict[Uid, frozenset[str]] = {}
        self._sets: dict[int, tuple[Mapping[str, bool], frozenset[str]]] = {}
        self._names: dict[tuple[Uid, str], list[str]] = {}
        self.asked = 0

    def may(self, principal: Uid, actions: Sequence[str]) -> frozenset[str]:
        """Return the actions that a principal could have at all; those of which nothing is known are among them."""
        if principal not in self._may:
            told = self.authorizer.may(principal, actions)
            if id(told) not in self._sets:
                self._sets[id(told)] = told, frozenset(action for action in actions if told.get(action, True))
            self._may[principal] = self._sets[id(told)][1]
        return self._may[principal]

    def all_met(self, needs: Iterable[Need], principal: Uid, values: Mapping[str, str]) -> Met:
        """Decide needs that must all be met."""
        met = _YES
        for need in needs:
            one = self._met(need, principal, values)
            if one.answer is Answer.DENIED:
                return _NO
            met = Met(max(met.answer, one.answer, key=_ORDER.__getitem__), met.decisions + one.decisions, met.depends | one.depends)
        return met

    def _met(self, need: Need, principal: Uid, values: Mapping[str, str]) -> Met:
        if need.when and need.when not in values:
            return _YES
        if need.either:
            return _best(self.all_met(way, principal, values) for way in need.either)
        who = _uid(fill(need.by, values)) if need.by else principal
        context = {key: tuple(fill(value, values) for value in given) for key, given in need.context.items()}
        return _best(
            self._decided(who, action, on, context)
            for action in need.actions
            for template in need.to
            if all(name in values or name == NEW for name in names_in(template))
            for on in self._places(who, action, template, values)
        )

    def _places(self, who: Uid, action: str, template: str, values: Mapping[str, str]) -> Iterable[str]:
        yield fill(template, {**values, NEW: ANY_NAME})
        if NEW in names_in(template):
            shape = fill(template, {**values, NEW: "*", "region": "*"})
            for pattern in self._allowed_patterns(who, action):
                found = new_name(pattern, shape)
                if found is not None:
                    yield found

    def _allowed_patterns(self, who: Uid, action: str) -> list[str]:
        """Return the patterns of what it is allowed, of which a new thing could have the name."""
        if (who, action) not in self._names:
            held = [one for one in self._world.held(who, "identity") if self._world.speaks(one, action)]
            patterns = dict.fromkeys(pattern for one in held for pattern in one.resources if pattern != "*" and "${" not in pattern)
            self._names[who, action] = list(patterns)
        return self._names[who, action]

    def _decided(self, who: Uid, action: str, on: str, context: Mapping[str, tuple[str, ...]]) -> Met:
        key = (who, action, on, tuple(sorted(context.items())))
        decision = self._known.get(key)
        if decision is None:
            self.asked += 1
            decision = self._known[key] = self.authorizer.decide(who, action, on, context)
        if decision.answer is Answer.DENIED:
            return _NO
        return Met(decision.answer, (decision,), frozenset(decision.depends))


def new_name(pattern: str, shape: str) -> str | None:
    """Return a name that a pattern matches and that has a shape (``*`` for what is free); None where there is none to be seen.

    What the shape says of account and region stands for the pattern's stars there, and the end of the shape after a star that ends it.
    """
    fits = glob(shape)
    fields, shaped = pattern.split(":", _FIELDS), shape.split(":", _FIELDS)
    if len(fields) == len(shaped) == _FIELDS + 1:
        known = [own if own != "*" else _REGION for own in shaped[:-1]]
        said = [own if "*" in given or "?" in given else given for given, own in zip(fields[:-1], known, strict=True)]
        pattern = ":".join([*said, fields[-1]])
    name = pattern.replace("*", ANY_NAME).replace("?", "x")
    if fits(name):
        return name
    tail = shape.rpartition("*")[2] or f"/{ANY_NAME}"
    return f"{name}{tail}" if pattern.endswith("*") and fits(f"{name}{tail}") else None


def _best(ways: Iterable[Met]) -> Met:
    best = _NO
    for way in ways:
        if way.answer is Answer.ALLOWED:
            return way
        if _ORDER[way.answer] < _ORDER[best.answer]:
            best = way
    return best


def _uid(text: str) -> Uid:
    return text  # type: ignore[return-value]  # a filled template that names a principal
