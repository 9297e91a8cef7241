"""Say of a single finding whether people have asked not to be told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.decisions import silences_of, understood
from bartizan.detect.alerts.grouping import identity
from bartizan.detect.alerts.reading import Reader
from bartizan.detect.alerts.severity import severity

if TYPE_CHECKING:
    from bartizan.detect.alerts.shared import DecisionTable
    from bartizan.detect.alerts.silences import Silence

__all__ = ["Silencer"]

_FRESH: Final = 5.0
"""Seconds for which silences are taken to be as they were read."""


class Silencer:
    """The silences that stand in a watch's database."""

    def __init__(self, decisions: DecisionTable) -> None:
        """Read silences from a table, when they are asked for."""
        self._decisions = decisions
        self._known: list[Silence] = []
        self._read = float("-inf")

    def silence_of(self, line: bytes, now: float) -> str | None:
        """Return the id of a silence that covers a finding, an OCSF Detection Finding as JSON; None where somebody is to be told.

        ``now``: seconds of any clock that only goes forward. What is no finding is covered by none. What assets are worth is not
        known here, so that a silence of a severity means the one that the rule gives.
        """
        if now - self._read > _FRESH:
            self._known, self._read = silences_of(understood(self._decisions.read().records)[0]), now
        if not self._known:
            return None
        for portion in Reader().portions([line], "the watch"):
            for subject, rule in zip(portion.subjects, portion.rules, strict=True):
                alert, time = identity("alert", subject.rule, subject.key), int(portion.times[0])
                covering = (one for one in self._known if one.covers(time) and one.matches(alert, rule, severity(rule, None)[0], subject))
                return next((one.id for one in covering), None)
        return None
