"""Draw a case over time: a lane for each of its entities, marks where signals tell of it, lines where one place reached another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.severity import NAMES
from bartizan.explain.html.axis import lay_out
from bartizan.explain.text import moment, shorten, visible
from bartizan.investigate.contract import CORE
from bartizan.investigate.linking import acting
from bartizan.schema.entities import EntityKind

if TYPE_CHECKING:
    from bartizan.explain.cases.page import CasePage
    from bartizan.explain.html.axis import Tick
    from bartizan.investigate.contract import Signal

__all__ = ["Chart", "Lane", "Mark", "Move", "chart_of"]

_LANES: Final = 16
_LEFT: Final = 250.0
_RIGHT: Final = 1180.0
_TOP: Final = 34.0
_LANE: Final = 26.0
_LABEL: Final = 32
_MARKS: Final = 600
_SHOWN: Final = frozenset({EntityKind.HOST, EntityKind.USER, EntityKind.CLOUD_PRINCIPAL, EntityKind.IP, EntityKind.DOMAIN})
_LEVELS: Final = ("informational", "informational", "low", "medium", "high", "critical")
_MOVES: Final = frozenset({"flow", "logon", "exposed", "domain"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A signal in a lane; ``title`` says what it is."""

    x: float
    level: str
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """An entity's line."""

    y: float
    label: str
    kind: str
    core: bool
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A line from one lane to another, for a link that records tell."""

    x1: float
    y1: float
    x2: float
    y2: float
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that is drawn; ``more`` is the number of entities without a lane."""

    height: float
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    moves: tuple[Move, ...]
    more: int


def chart_of(page: CasePage) -> Chart:
    """Return the chart of a case, its first entities first."""
    claims = [claim for claim in page.claims if claim.entity.kind in _SHOWN and claim.signals]
    shown = sorted(claims, key=lambda claim: (claim.ring != CORE, -claim.signals, str(claim.entity)))[:_LANES]
    shown.sort(key=lambda claim: (claim.first, str(claim.entity)))
    axis = lay_out([(signal.first, signal.last) for signal in page.case.signals], _LEFT, _RIGHT)
    rows = {str(claim.entity): _TOP + _LANE * (number + 0.5) for number, claim in enumerate(shown)}
    named = {signal.id: _names(signal) for signal in page.case.signals}
    budget = _MARKS
    lanes = []
    for claim in shown:
        name = str(claim.entity)
        marks = [
            Mark(axis.at(signal.first), _LEVELS[signal.severity_id], _title(signal))
            for signal in page.case.signals
            if name in named[signal.id]
        ]
        lanes.append(
            Lane(
                rows[name], shorten(visible(claim.entity.value), _LABEL), claim.entity.kind.value, claim.ring == CORE, tuple(marks[:budget])
            )
        )
        budget -= len(marks[:budget])
    by_id = {signal.id: signal for signal in page.case.signals}
    places = {signal.id: [rows[str(place)] for place in acting(signal) if str(place) in rows] for signal in page.case.signals}
    moves = [
        Move(axis.at(by_id[link.a].first), places[link.a][0], axis.at(by_id[link.b].first), places[link.b][0], visible(link.reason))
        for link in page.case.links
        if link.type in _MOVES and places[link.a] and places[link.b] and places[link.a][0] != places[link.b][0]
    ]
    height = _TOP + _LANE * len(shown) + 8
    return Chart(height, axis.ticks(), tuple(lanes), tuple(moves), len(claims) - len(shown))


def _names(signal: Signal) -> set[str]:
    return {str(entity) for entity in signal.entities} | {str(one.entity) for finding in signal.findings for one in finding.named}


def _title(signal: Signal) -> str:
    return visible(f"{moment(signal.first)} {NAMES[signal.severity_id].lower()}: {signal.title or signal.rule}")
