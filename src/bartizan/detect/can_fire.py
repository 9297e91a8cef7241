"""Say of each rule and each source whether the rule can fire on it: whether its records carry what the rule asks.

A rule that names a field which no record has is silent for ever, and looks like a rule that found nothing. What records
carry is taken from facts alone (see ``bartizan.collect.carried``). The verdicts, from the best:

- ``native``: the records carry every field that the rule names, under that name;
- ``mapped``: they do, some under another name or computed, as the source's mapping says (what OCSF attributes are made of);
- ``unfiltered``: they lack only fields of exceptions: it fires, also where one of these would hold it back;
- ``in-part``: some branch can be true, but another asks for fields that are not carried;
- ``missing``: without the fields named it can never be true.

A rule without any of these has no source. A verdict is a claim; ``Proof`` says what came of it when a record was written that
the rule asks for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.collect.carried import carried_by
from bartizan.rules.logic import positive_tests
from bartizan.rules.match import FastBound, Memory, is_absent
from bartizan.rules.match.binding import names_of
from bartizan.rules.narrowing import narrowed, truth
from bartizan.rules.plan import AllOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.collect.contract import Carried, Source
    from bartizan.rules.contract import Rule
    from bartizan.rules.plan import Node
    from bartizan.rules.ruleset import LoadedRules

__all__ = ["ABLE", "OUTCOMES", "VERDICTS", "CanFire", "Chance", "Proof", "can_fire"]

VERDICTS: Final = ("native", "mapped", "unfiltered", "in-part", "missing")
ABLE: Final = ("native", "mapped", "unfiltered", "in-part")
"""The verdicts of rules that are said to be able to fire."""
OUTCOMES: Final = ("proved", "silent", "unwritten", "left-out")
"""From the best: it fired; it was given what it asks and did not; no such record could be written; it was not tried."""


@dataclass(frozen=True, slots=True)
class Chance:
    """How a rule fares on the records of a source that suit it best. ``lacking``: the fields it names that they do not carry."""

    verdict: str
    route: str
    lacking: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, int]:
        """Return what tells the better of two: the smaller is better."""
        return VERDICTS.index(self.verdict), len(self.lacking)


@dataclass(frozen=True, slots=True)
class CanFire:
    """A rule, and its chance on each source that has its log, by the source's name."""

    rule: Rule
    chances: Mapping[str, Chance] = field(default_factory=dict)

    @property
    def best(self) -> tuple[str, Chance] | None:
        """Return the source on which the rule fares best, the first by name of several; None where no source has its log."""
        return min(self.chances.items(), key=lambda one: (one[1].rank, one[0]), default=None)

    @property
    def verdict(self) -> str:
        """Return the verdict of the best source, or ``no-source``."""
        return "no-source" if self.best is None else self.best[1].verdict


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of the attempt to make a rule fire: on which source, why it did not, and the lines that were hunted through.

    ``told``: the fields that were set although no example of the source shows them: that they exist is known from elsewhere.
    """

    rule: Rule
    outcome: str
    source: str = ""
    why: str = ""
    raw: tuple[bytes, ...] = ()
    told: tuple[str, ...] = ()


def can_fire(rules: LoadedRules, sources: Iterable[Source]) -> list[CanFire]:
    """Return a verdict for each rule, in order; a correlation fares as the least able of the rules that it names."""
    chances: list[dict[str, Chance]] = [{} for _ in rules.rules]
    known: dict[int, tuple[Sequence[Carried], Mapping[int, Chance]]] = {}
    asked = rules.fields
    for source in sources:
        carried = carried_by(source, asked)
        # Five ways to write Windows events share one list of what they carry.
        _, found = known.get(id(carried)) or known.setdefault(id(carried), (carried, _chances(rules, carried)))
        for number, chance in found.items():
            chances[number][source.name] = chance
    told = [CanFire(rule, own) for rule, own in zip(rules.rules, chances, strict=True)]
    for one in rules.correlations:
        told[one.number] = CanFire(rules.rules[one.number], _least([told[number] for number in one.rules]))
    return told


def _chances(rules: LoadedRules, carried: Sequence[Carried]) -> dict[int, Chance]:
    """Return the best chance of each rule among kinds of records."""
    best: dict[int, tuple[Chance, Carried]] = {}
    for one in carried:
        present = one.fields.union(one.route.given)
        bound = rules.bind(one.route.views, given=one.route.given)
        for number in bound.rules:
            lacking = _lacking(rules, number, one)
            if lacking:
                impossible = bound.missing(number, present) or _undone(rules, number, one)
                verdict = "missing" if impossible else _able(rules.conditions[number], lacking)
            else:
                verdict = _whole(rules, number, one)
            chance = Chance(verdict, one.route.name, lacking)
            if number not in best or chance.rank < best[number][0].rank:
                best[number] = chance, one
    return {number: _over_kinds(rules, number, best[number], carried) for number in best}


def _undone(rules: LoadedRules, number: int, one: Carried) -> bool:
    """Say whether no branch about this kind of record can be true, though one about another kind could."""
    view = next((view for view in one.route.views if view.logsource.serves(rules.rules[number].logsource)), None)
    if not one.given or view is None:
        return False
    condition = narrowed(rules.conditions[number], view, {**one.given, **one.route.given})
    return bool(FastBound([(number, condition, view)], Memory()).missing(number, one.fields.union(one.route.given)))


def _lacking(rules: LoadedRules, number: int, one: Carried) -> tuple[str, ...]:
    """Return the fields that a rule names and a kind of record does not carry."""
    present = one.fields.union(one.route.given)
    return tuple(sorted(name for name, place in rules.places(number, one.route.views).items() if is_absent(place, present)))


def _whole(rules: LoadedRules, number: int, one: Carried) -> str:
    """Return the verdict of a rule of which every field is carried."""
    return "native" if all(place == (name or None) for name, place in rules.places(number, one.route.views).items()) else "mapped"


def _over_kinds(rules: LoadedRules, number: int, best: tuple[Chance, Carried], carried: Sequence[Carried]) -> Chance:
    """Leave out of what a rule lacks on its best kind of record what stands in branches about other kinds, which carry it."""
    chance, one = best
    if chance.verdict not in {"unfiltered", "in-part"} or not one.given:
        return chance
    condition, asked = rules.conditions[number], rules.rules[number].logsource
    elsewhere: set[str] = set()
    for other in carried:
        view = next((view for view in other.route.views if view.logsource.serves(asked)), None)
        given = {**other.given, **other.route.given}
        if other.given and view is not None and truth(condition, view, given) is not False:
            elsewhere |= names_of(narrowed(condition, view, given)).difference(_lacking(rules, number, other))
    lacking = tuple(name for name in chance.lacking if name not in elsewhere)
    return Chance(_able(condition, lacking) if lacking else _whole(rules, number, one), chance.route, lacking)


def _able(condition: Node, lacking: Sequence[str]) -> str:
    """Return the verdict of a rule that can be true although its records lack fields."""
    wanted = names_of(AllOf(tuple(positive_tests(condition))))
    return "unfiltered" if wanted.isdisjoint(lacking) else "in-part"


def _least(named: Sequence[CanFire]) -> Mapping[str, Chance]:
    """Return the chances of the rule that fares worst; none where some rule has no source."""
    if any(one.best is None for one in named):
        return {}
    return max(named, key=lambda one: one.best[1].rank if one.best is not None else (0, 0)).chances
