"""Simulate a day, hunt through it, and score what was found by the day's truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Self

from bartizan.workbench.hunting import Asked, hunt
from bartizan.workbench.loading import STARTER

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.simulate import Truth
    from bartizan.simulate.score import Score
    from bartizan.workbench.hunting import Hunt

__all__ = ["DEMO_EVENTS", "TRUTH_FILE", "Demo", "demo"]

TRUTH_FILE: Final = "truth.json"
DEMO_EVENTS: Final = 220_000


@dataclass(frozen=True)
class Demo:
    """A simulated day, what the hunt through it found, and how well that is."""

    truth: Truth
    hunt: Hunt
    score: Score

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the hunt."""
        self.hunt.close()


def demo(out: Path, *, seed: int = 7, workers: int = 1, events: int = DEMO_EVENTS) -> Demo:
    """Simulate a company's day under ``out/logs``, hunt through it with our own content, score the result by the day's truth."""
    from bartizan.simulate import company_day  # noqa: PLC0415 - `import bartizan` stays cheap
    from bartizan.simulate.score import score  # noqa: PLC0415 - as above

    day = date(2026, 3, 17)
    truth = company_day(out / "logs", seed=seed, day=day, events=events)
    # The truth moves out of the way: it must not be hunted through.
    (out / "logs" / TRUTH_FILE).rename(out / TRUTH_FILE)
    found = hunt(out / "logs", rules=[STARTER], out=out / "result", workers=workers, asked=Asked(exceptions=()))
    rules_by_record: dict[str, set[str]] = {}
    for rule, record in zip(*found.findings().select("rule_id", "record_id").to_dict(as_series=False).values(), strict=True):
        rules_by_record.setdefault(record, set()).add(rule)
    groups = [[sample.record_id for sample in group.samples] for group in found.outcome.groups]
    return Demo(truth, found, score(rules_by_record, truth, groups=groups))
