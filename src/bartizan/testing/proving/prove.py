"""Prove of each rule that is said to be able to fire that it does: write what it asks for, and hunt through it.

Nothing of a source's format is known here. A record of its examples is taken, each field that the condition asks about is
set where the source is seen to read it back, and what comes out stands in a file that is hunted through like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from bartizan.detect.can_fire import ABLE, Proof
from bartizan.rules.contract import Records
from bartizan.rules.match import FastBound, Memory
from bartizan.rules.match.binding import names_of
from bartizan.rules.narrowing import truth
from bartizan.schema.columns import Column, Frame
from bartizan.schema.expressions import inputs_of
from bartizan.testing.proving.hunting import hunted
from bartizan.testing.proving.skeletons import made, shown_by, skeletons_of
from bartizan.testing.proving.solving import Solver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.catalogue import Catalogue
    from bartizan.collect.contract import Source
    from bartizan.detect.can_fire import CanFire
    from bartizan.rules.ruleset import LoadedRules
    from bartizan.schema.logsource import View
    from bartizan.testing.proving.skeletons import Skeleton

__all__ = ["prove"]

_MOST_SOURCES: Final = 6
"""Sources on which a rule is tried, those on which it fares best first."""
_MOST_WAYS: Final = 12
"""Ways to make a condition true that are written for one model of a record."""
_MOST_REASONS: Final = 3


def prove(rules: LoadedRules, told: Sequence[CanFire], known: Catalogue, *, now: int) -> list[Proof]:
    """Return what came of each rule that is said to be able to fire, in order.

    ``told`` is what ``can_fire`` says of all ``rules`` on some sources of those ``known``; ``now``, in nanoseconds UTC, is when the
    hunt is.
    """
    task = _Task(rules, {source.name: source for source in known.sources})
    return hunted(rules, [task.drafted(number, one) for number, one in enumerate(told) if one.verdict in ABLE], known, now=now)


@dataclass(frozen=True, slots=True)
class _Draft:
    """Records that were written for a rule. ``doubt``: why it seems not to fire on them all the same."""

    raw: tuple[bytes, ...]
    names: frozenset[str]
    doubt: str = ""


@dataclass(slots=True)
class _Task:
    rules: LoadedRules
    sources: Mapping[str, Source]
    models: dict[str, list[Skeleton | None]] = field(default_factory=dict)
    shown: dict[str, frozenset[str]] = field(default_factory=dict)

    def drafted(self, number: int, one: CanFire) -> Proof:
        """Write records for one rule, in the form of the best source that takes them."""
        if one.rule.correlation:
            return Proof(one.rule, "left-out", why="a correlation asks for several records")
        if number in self.rules.silent:
            return Proof(one.rule, "left-out", why="a correlation names it: it raises no findings of its own")
        ranked = sorted((chance.rank, name) for name, chance in one.chances.items() if chance.verdict in ABLE)
        whys: dict[str, None] = {}
        doubtful: Proof | None = None
        for _, name in ranked[:_MOST_SOURCES]:
            for skeleton, view in self._fitting(number, name):
                draft = self._written(number, skeleton, view, whys)
                if draft is None:
                    continue
                found = Proof(one.rule, "silent", name, draft.doubt, (*skeleton.head, *draft.raw), self._told(name, draft.names))
                if not draft.doubt:
                    return found
                doubtful = doubtful or found
        if doubtful is not None:
            return doubtful
        why = "; ".join(islice(whys, _MOST_REASONS)) or f"no example of {ranked[0][1]} is a record that it asks for"
        return Proof(one.rule, "unwritten", ranked[0][1], why)

    def _told(self, name: str, names: frozenset[str]) -> tuple[str, ...]:
        if name not in self.shown:
            # Five ways to write Windows events share their routes, and what the example of one shows the others write too.
            alike = (source for source in self.sources.values() if source.routes is self.sources[name].routes)
            self.shown[name] = frozenset[str]().union(*(shown_by(source, self.rules.fields) for source in alike))
        return tuple(sorted(names - self.shown[name]))

    def _fitting(self, number: int, name: str) -> Iterator[tuple[Skeleton, View]]:
        """Yield the models of a source's records on which a rule may be true, with the view through which it sees them."""
        if name not in self.models:
            self.models[name] = [*skeletons_of(self.sources[name], self.rules.fields)]
        models, condition, asked = self.models[name], self.rules.conditions[number], self.rules.rules[number].logsource
        for place, model in enumerate(models):
            if model is None:
                continue
            view = next((view for view in model.carried.route.views if view.logsource.serves(asked)), None)
            if view is None or truth(condition, view, {**model.carried.given, **model.carried.route.given}) is False:
                continue
            ready = models[place] = made(model) if model.fresh else model
            if ready is not None:
                yield ready, view

    def _written(self, number: int, skeleton: Skeleton, view: View, whys: dict[str, None]) -> _Draft | None:
        """Return records on which a rule should fire; None where none can be written, with the reasons in ``whys``."""
        condition = self.rules.conditions[number]
        bound = FastBound([(number, condition, view)], Memory())
        wanted = bound.fields | inputs_of(skeleton.carried.route.ocsf)
        seen = skeleton.read(skeleton.raw, None if "" in names_of(condition) else wanted)
        if seen is None:
            return None
        solver = Solver(condition, view, skeleton, seen.row)
        doubtful: _Draft | None = None
        for solution in islice(solver.solutions(), _MOST_WAYS):
            written = solver.written(solution, whys)
            again = None if written is None else skeleton.read(written.raw, wanted)
            if written is None or again is None or again.route != skeleton.carried.route.name:
                continue
            frame = Frame(1, {name: Column.constant(cell, 1) for name, cell in again.row.items()})
            line = written.raw[skeleton.at]
            if bound.match(Records(frame, [line], structured=line.lstrip()[:1] == b"{")):
                return _Draft(written.raw, written.names)
            doubtful = doubtful or _Draft(written.raw, written.names, "every field is as it asks")
        whys.update(dict.fromkeys(f"no value was found that is all it asks of {name or 'the record'}" for name in solver.stuck))
        return doubtful
