"""Lay findings out on the ATT&CK matrix: which tactics and techniques the rules that fired are tagged with."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bartizan.explain.risk import LEVELS, level_of
from bartizan.schema.attack import Tactic, Technique, attacks_of, tactics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.detect.contract import Group

__all__ = ["Cell", "Lane", "matrix_of"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A technique under a tactic: how many findings and rules name it, and their gravest level."""

    technique: Technique
    findings: int
    rules: int
    level: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A tactic and its techniques, most findings first. ``findings`` counts each finding once. ``tactic`` None: no tactic is known."""

    tactic: Tactic | None
    findings: int
    cells: tuple[Cell, ...]


@dataclass(slots=True)
class _Tally:
    findings: int
    rules: set[str]
    level: str


def matrix_of(groups: Iterable[Group]) -> tuple[Lane, ...]:
    """Return the tactics in kill-chain order, all of them, then techniques without a known tactic if there are any."""
    cells: defaultdict[Tactic | None, dict[Technique, _Tally]] = defaultdict(dict)
    totals: defaultdict[Tactic | None, int] = defaultdict(int)
    for group in groups:
        pairs = attacks_of(group.rule.tags)
        for tactic in {pair.tactic for pair in pairs}:
            totals[tactic] += group.count
        for pair in pairs:
            if pair.technique:
                _count(cells[pair.tactic], pair.technique, group)
    columns: list[Tactic | None] = [*tactics(), *([None] if None in totals else [])]
    return tuple(Lane(tactic, totals[tactic], _sorted(cells[tactic])) for tactic in columns)


def _count(tallies: dict[Technique, _Tally], technique: Technique, group: Group) -> None:
    tally = tallies.setdefault(technique, _Tally(0, set(), LEVELS[-1]))
    tally.findings += group.count
    tally.rules.add(group.rule.id)
    tally.level = min(tally.level, level_of(group.rule), key=LEVELS.index)


def _sorted(tallies: dict[Technique, _Tally]) -> tuple[Cell, ...]:
    cells = [Cell(technique, tally.findings, len(tally.rules), tally.level) for technique, tally in tallies.items()]
    return tuple(sorted(cells, key=lambda cell: (-cell.findings, cell.technique.uid)))
