"""Hold the sightings of one correlation as columns, and put them in order."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from bartizan.detect.correlate.contract import BY_RULE, ID_BYTES, Key, Shown, Sighting, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.rules.plan import Correlation

__all__ = ["Events", "Ordered", "Rows"]

Rows: TypeAlias = npt.NDArray[np.int64]


class Events:
    """Sightings as they come, some 40 bytes each beside what is distinct of their groups and values."""

    def __init__(self, sightings: Iterable[Sighting] = ()) -> None:
        """Take in sightings."""
        self.times = array("q")
        self.ids = bytearray()
        self.rules = array("h")
        self.groups = array("i")
        self.values = array("i")
        self.keys: list[Key] = []
        """The distinct groups, by their codes."""
        self.measured: list[Value] = []
        """The distinct values, by their codes."""
        self._group_codes: dict[Key, int] = {}
        self._value_codes: dict[Value, int] = {}
        for one in sightings:
            self.add(one)

    def __len__(self) -> int:
        """Return how many sightings there are."""
        return len(self.times)

    def add(self, one: Sighting) -> None:
        """Take in a sighting."""
        time, uid, rule, group, value = one
        code = self._group_codes.get(group)
        if code is None:
            code = self._group_codes[group] = len(self.keys)
            self.keys.append(group)
        number = self._value_codes.get(value)
        if number is None:
            number = self._value_codes[value] = len(self.measured)
            self.measured.append(value)
        self.times.append(time)
        self.ids += uid
        self.rules.append(rule)
        self.groups.append(code)
        self.values.append(number)

    def sighting(self, row: int) -> Sighting:
        """Return a sighting."""
        return Sighting(*self.shown(row), self.keys[self.groups[row]], self.measured[self.values[row]])

    def shown(self, row: int) -> Shown:
        """Return a sighting as a match shows it."""
        return self.times[row], bytes(self.ids[row * ID_BYTES : (row + 1) * ID_BYTES]), self.rules[row]


class Ordered:
    """Distinct sightings by group, time, id and rule, with their windows.

    A window is named by the place of its last sighting; ``ends`` are those places, ``starts`` the places where the windows
    begin. ``run_first`` and ``run_last`` give for each sighting the first and the last that are simultaneous with it.
    """

    def __init__(self, plan: Correlation, events: Events) -> None:
        """Sort the sightings of a correlation."""
        times = np.frombuffer(events.times, np.int64)
        groups = np.frombuffer(events.groups, np.int32)
        rules = np.frombuffer(events.rules, np.int16)
        ids = np.frombuffer(bytes(events.ids), ">u8").reshape(-1, 2).astype(np.uint64)
        order = np.lexsort((rules, ids[:, 1], ids[:, 0], times, groups))
        self.rows: Rows = order[_first_of_each(plan, (groups[order], times[order], ids[order, 0], ids[order, 1], rules[order]))]
        self.times: Rows = times[self.rows]
        self.groups = groups[self.rows].astype(np.int64)
        self.rules = rules[self.rows]
        self.values = np.frombuffer(events.values, np.int32)[self.rows]
        self._moments, ranks = np.unique(self.times, return_inverse=True)
        self._keys: Rows = self.groups * len(self._moments) + ranks
        changes = np.flatnonzero(np.diff(self._keys)) + 1
        firsts = np.concatenate(([0], changes))
        self.ends: Rows = np.concatenate((changes, [len(self.rows)])) - 1
        lengths = self.ends - firsts + 1
        self.run_first: Rows = np.repeat(firsts, lengths)
        self.run_last: Rows = np.repeat(self.ends, lengths)
        self.first_in_window: Rows = self._place(self.times - plan.timespan)
        """For each sighting the first of its group that is in the window which ends with it."""
        self.starts: Rows = self.first_in_window[self.ends]

    def __len__(self) -> int:
        """Return how many distinct sightings there are."""
        return len(self.rows)

    def _place(self, since: Rows) -> Rows:
        """Return, for each sighting, the place of the first of its group that is not before a time."""
        ranks = np.searchsorted(self._moments, since, "left")
        return np.searchsorted(self._keys, self.groups * len(self._moments) + ranks, "left")


def _first_of_each(plan: Correlation, columns: tuple[npt.NDArray[np.generic], ...]) -> npt.NDArray[np.bool_]:
    """Mark what is not the same sighting as the one before it."""
    same = np.ones(max(len(columns[0]) - 1, 0), dtype=np.bool_)
    for column in columns if plan.kind in BY_RULE else columns[:-1]:
        same &= column[1:] == column[:-1]
    return np.concatenate((np.ones(min(len(columns[0]), 1), dtype=np.bool_), ~same))
