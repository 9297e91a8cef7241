"""What a benchmark reports: a figure, a peer where there is one, and the bar it has to reach."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

__all__ = ["FIELD", "Result", "skipped"]

FIELD = Path(__file__).resolve().parents[2] / "shared" / "field"
"""Real data sets, read in place where they are present."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One figure. ``bar`` is what it must reach in ``unit``; ``higher`` says which side of it is good."""

    name: str
    figure: float
    unit: str
    bar: float
    higher: bool = True
    peer: str = ""
    peer_figure: float | None = None
    ratio: float | None = None
    ratio_bar: float | None = None
    details: dict[str, object] = field(default_factory=dict)
    skipped: str = ""

    @property
    def passed(self) -> bool:
        """Say whether the bar is reached; what could not be measured has not been."""
        reached = self.figure >= self.bar if self.higher else self.figure <= self.bar
        far_enough = self.ratio_bar is None or (self.ratio is not None and self.ratio >= self.ratio_bar)
        return not self.skipped and reached and far_enough

    def lines(self) -> list[str]:
        """Return what a person reads; the last line is a JSON object."""
        if self.skipped:
            told = [f"{self.name}: not measured: {self.skipped}"]
        else:
            told = [f"{self.name}: {self.figure:,.6g} {self.unit} (bar: {'at least' if self.higher else 'at most'} {self.bar:,.6g})"]
        if self.peer_figure is not None and self.ratio is not None:
            told.append(f"  peer: {self.peer}: {self.peer_figure:,.6g} {self.unit}; ratio {self.ratio:,.3g}" + self._ratio_bar())
        told += [f"  {key}: {value}" for key, value in self.details.items()]
        told.append(f"  {'reached' if self.passed else 'MISSED'}")
        told.append(json.dumps({**asdict(self), "passed": self.passed}))
        return told

    def _ratio_bar(self) -> str:
        return "" if self.ratio_bar is None else f" (bar: at least {self.ratio_bar:g})"


def skipped(name: str, why: str) -> Result:
    """Report that a figure could not be measured here; that is a miss, not a pass."""
    return Result(name=name, figure=0, unit="", bar=0, skipped=why)
