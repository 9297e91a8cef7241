"""Watch for indicators in mapped records: distinct values first, then the rows that hold those that meet one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from bartizan.detect.indicators.contract import Kind
from bartizan.detect.indicators.decay import FLOOR, Decay, score
from bartizan.detect.indicators.files import read_indicators
from bartizan.detect.indicators.index import Index
from bartizan.detect.indicators.known_good import KnownGood, known_good
from bartizan.detect.indicators.observed import observed_in, readers_of
from bartizan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.detect.indicators.contract import Indicator, Read
    from bartizan.schema.columns import Frame

__all__ = ["Asked", "Meeting", "Quiet", "Watch", "watch_for"]

_EXPIRED: Final = "indicators that had expired"
_FADED: Final = f"indicators whose score had decayed below {FLOOR:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which lists to watch for, and how; a value that can be sent to worker processes."""

    paths: tuple[str, ...]
    columns: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    built_in: bool = True
    """Whether our own warning lists hold matches back."""
    decay: Decay = Decay.HALVING
    exact: bool = False
    """Whether a domain stands for itself only, and not for the names below it."""


class Meeting(NamedTuple):
    """An observable of a record (row) that met an indicator: the attribute, its value, what the indicator is worth at that time."""

    row: int
    attribute: str
    value: str
    indicator: Indicator
    score: float


class Quiet(NamedTuple):
    """A meeting that is not told, and why."""

    row: int
    why: str
    value: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Indicators and what is known to be good."""

    read: Read
    good: KnownGood
    index: Index
    decay: Decay = Decay.HALVING
    _known: dict[tuple[Kind, str], str] = field(default_factory=dict)

    def look(self, mapped: Frame, times: Sequence[int]) -> tuple[list[Meeting], list[Quiet]]:
        """Look through mapped records; ``times`` in nanoseconds UTC, one per row. In the order of rows, then of attributes."""
        observed: list[tuple[Kind, str]] = []
        places: list[tuple[str, int]] = []
        for name, read in readers_of(mapped).items():
            for at, cell in enumerate(mapped.columns[name].values):
                for one in read(cell):
                    observed.append(one)
                    places.append((name, at))
        met: dict[str, dict[int, list[tuple[str, Indicator]]]] = {}
        for place, indicators in self.index.match(observed).items():
            name, at = places[place]
            met.setdefault(name, {}).setdefault(at, []).extend((observed[place][1], one) for one in indicators)
        told: list[Meeting] = []
        quiet: list[Quiet] = []
        for name, by_value in met.items():
            for row, value, indicator in _rows(mapped, name, by_value):
                self.judge(Meeting(row, name, value, indicator, 0.0), times[row], told, quiet)
        return sorted(told, key=lambda one: one.row), sorted(quiet)

    def judge(self, meeting: Meeting, time: int, told: list[Meeting], quiet: list[Quiet]) -> None:
        """Put a meeting where it belongs, with its score at a time."""
        one = meeting.indicator
        why = self._good(one, meeting.value)
        worth = score(one, time, self.decay)
        if not why and worth < FLOOR:
            why = _EXPIRED if one.until is not None and time >= one.until else _FADED
        if why:
            quiet.append(Quiet(meeting.row, why, meeting.value))
        else:
            told.append(meeting._replace(score=worth))

    def _good(self, one: Indicator, value: str) -> str:
        """Say which warning list knows the indicator or what was seen; "" where none does."""
        why = ""
        seen = Kind.IP if one.kind is Kind.NETWORK else one.kind
        for kind, text in dict.fromkeys(((one.kind, one.value), *observed_in(seen, value))):
            key = kind, text
            if key not in self._known:
                if len(self._known) > 1 << 16:
                    self._known.clear()
                self._known[key] = self.good.of(kind, text)
            why = why or self._known[key]
        return f"the warning list '{why}'" if why else ""


def watch_for(asked: Asked) -> Watch:
    """Read what a hunt shall watch for. InputError where a path names nothing, UsageError where a list is to come from standard input."""
    if "-" in (*asked.paths, *asked.warnings):
        message = "--indicators: '-' cannot be read, because every worker reads the lists: name a file"
        raise UsageError(message)
    read = read_indicators(asked.paths, columns=asked.columns)
    good = known_good(asked.warnings, built_in=asked.built_in)
    return Watch(read, good, Index(read.indicators, subdomains=not asked.exact), asked.decay)


def _rows(mapped: Frame, name: str, by_value: dict[int, list[tuple[str, Indicator]]]) -> Iterator[tuple[int, str, Indicator]]:
    """Yield the rows of a column whose value met something."""
    column = mapped.columns[name]
    hit = np.zeros(len(column.values), np.bool_)
    hit[list(by_value)] = True
    codes = np.frombuffer(column.codes, np.int32)
    for row in np.flatnonzero(hit[codes]).tolist():
        yield from ((row, value, indicator) for value, indicator in by_value[column.codes[row]])
