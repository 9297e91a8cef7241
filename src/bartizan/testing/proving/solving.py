"""Solve a rule for one kind of record: which fields to set to what, so that its condition is true."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from bartizan.rules.match.binding import place_of
from bartizan.rules.plan import Reference
from bartizan.schema.columns import ABSENT, Cell, text_of
from bartizan.testing.proving.inverting import assignments, computed
from bartizan.testing.proving.values import satisfying, values_for
from bartizan.testing.proving.ways import ways

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.rules.logic.proof import Fact
    from bartizan.rules.match.binding import Place
    from bartizan.rules.plan import Node
    from bartizan.schema.expressions import Expression
    from bartizan.schema.logsource import View
    from bartizan.testing.proving.skeletons import Skeleton

__all__ = ["Setting", "Solver", "Written"]

Setting: TypeAlias = "Mapping[str, Cell]"
"""Native fields, and what each is to be."""
_ALIKE: Final = ("C:\\bartizan.exe", "bartizan")
_MOST: Final = 6
"""Values of one place that are tried before another way is looked for."""
_MOST_BESIDE: Final = 200
"""Settings that are held against those of other places."""
_LONGEST: Final = 120
"""Characters of a reason."""
_MOST_HOSTS: Final = 20
"""Fields that words are put into, one after the other."""


@dataclass(frozen=True, slots=True)
class Written:
    """Records with a solution written into them, and the native fields that it sets."""

    raw: tuple[bytes, ...]
    names: frozenset[str]


class Solver:
    """Solve one rule on one model of a record, whose cells are ``row``."""

    def __init__(self, node: Node, view: View, skeleton: Skeleton, row: Mapping[str, Cell]) -> None:
        """Take the rule's condition, and the view through which it sees the record."""
        self._node, self._view, self._skeleton, self._row = node, view, skeleton, row
        self._known: dict[tuple[Place, frozenset[Fact]], list[Setting]] = {}
        self.stuck: dict[str, None] = {}
        """Fields for which no value was found."""

    def solutions(self) -> Iterator[Mapping[Place, Sequence[Fact]]]:
        """Yield ways to make the condition true: for each place that it reads, the facts that must hold of it."""
        for facts in ways(self._node, self._fits):
            yield self._by_place(facts)

    def written(self, found: Mapping[Place, Sequence[Fact]], whys: dict[str, None]) -> Written | None:
        """Write a solution into the model's records; None where a field cannot be written, with the reason in ``whys``."""
        raw: tuple[bytes, ...] = self._skeleton.raw
        taken: dict[str, Cell] = {}
        for place, facts in sorted(found.items(), key=lambda item: _turn(item[0])):
            settings = self._beside(place, found, taken)
            drafts = ((setting, self._set(raw, setting)) for setting in settings)
            setting, draft = next((one for one in drafts if one[1] is not None), ({}, None))
            if draft is None:
                name, cell = next(iter((settings or self._settings(place, facts))[0].items()), ("", ABSENT))
                whys[_short(f"{name} cannot be written as {text_of(cell) or cell!r}")] = None
                return None
            taken.update(setting)
            raw = draft
        return Written(raw, frozenset(taken))

    def _beside(self, place: Place, found: Mapping[Place, Sequence[Fact]], taken: Mapping[str, Cell]) -> Sequence[Setting]:
        """Return the settings of a place that leave alone what was set for others; where it is computed of that too, what suits all."""
        settings = self._settings(place, found[place])
        if place is None or isinstance(place, str):
            return settings if place is not None else [setting for setting in settings if taken.keys().isdisjoint(setting)]
        if taken.keys().isdisjoint(place.inputs):
            return settings
        row = {**self._row, **taken}
        others = [(one, facts) for one, facts in found.items() if one is not None and not taken.keys().isdisjoint(_inputs(one))]
        again = islice(assignments(place, found[place], row, self._may), _MOST_BESIDE)
        return [
            setting
            for setting in again
            if all(satisfying(facts, [_value(one, {**row, **setting})]) for one, facts in others if one != place)
        ]

    def _set(self, raw: tuple[bytes, ...], setting: Setting) -> tuple[bytes, ...] | None:
        draft: tuple[bytes, ...] | None = raw
        for name, cell in setting.items():
            draft = None if draft is None else self._skeleton.with_(draft, name, cell)
        return draft

    def _fits(self, facts: Sequence[Fact], new: Sequence[Fact]) -> bool:
        touched = {place_of(fact.test.field, self._view) for fact in new}
        return all(self._settings(place, some) for place, some in self._by_place(facts).items() if place in touched)

    def _by_place(self, facts: Sequence[Fact]) -> Mapping[Place, list[Fact]]:
        found: dict[Place, list[Fact]] = {}
        for fact in facts:
            found.setdefault(place_of(fact.test.field, self._view), []).append(fact)
        return found

    def _settings(self, place: Place, facts: Sequence[Fact]) -> list[Setting]:
        key = (place, frozenset(facts))
        if key not in self._known:
            self._known[key] = list(islice(self._solved(place, facts), _MOST if place is not None else 3 * _MOST_HOSTS))
            if not self._known[key]:
                self.stuck.update(dict.fromkeys(fact.test.field for fact in facts))
        return self._known[key]

    def _solved(self, place: Place, facts: Sequence[Fact]) -> Iterator[Setting]:
        if place is None:
            yield from self._keywords(facts)
        elif isinstance(place, str):
            now = self._row.get(place, ABSENT)
            if others := [one.field for fact in facts if fact.wanted for one in fact.test.of if isinstance(one, Reference)]:
                yield from self._alike(place, others[0], facts)
            elif self._may(place):
                yield from ({place: cell} for cell in values_for(facts, now))
            elif satisfying(facts, [now]):
                yield {}
        else:
            yield from assignments(place, facts, self._row, self._may)

    def _alike(self, place: str, name: str, facts: Sequence[Fact]) -> Iterator[Setting]:
        """Yield settings that give a field and the one that it is compared with the same text."""
        other = place_of(name, self._view)
        if isinstance(other, str) and self._may(place):
            told = self._row.get(other, ABSENT)
            yield from ({place: cell, other: cell} for cell in satisfying(facts, [told, *_ALIKE]) if cell is not ABSENT)

    def _may(self, name: str) -> bool:
        """Say whether a field may be set: its kind of record is known to carry it, and it is not what makes the kind."""
        carried = self._skeleton.carried
        return name in carried.fields and name not in carried.given and name not in carried.route.given

    def _keywords(self, facts: Sequence[Fact]) -> Iterator[Setting]:
        """Yield settings that put words anywhere into the record, into its longest texts first."""
        hosts = [name for name, cell in self._row.items() if isinstance(cell, str) and self._may(name)]
        hosts.sort(key=lambda name: -len(str(self._row[name])))
        if not any(fact.wanted for fact in facts):
            yield {}
            return
        for cell in islice(values_for(facts, ABSENT), 3):
            yield from ({host: cell} for host in hosts[:_MOST_HOSTS])


def _turn(place: Place) -> int:
    """Say when a place is written: what is computed of fields after these, words that may stand anywhere last."""
    return 2 if place is None else 0 if isinstance(place, str) else 1


def _inputs(place: str | Expression) -> tuple[str, ...]:
    return (place,) if isinstance(place, str) else place.inputs


def _value(place: str | Expression, row: Mapping[str, Cell]) -> Cell:
    return row.get(place, ABSENT) if isinstance(place, str) else computed(place, row)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
