"""Watch for indicators while a hunt runs: their findings follow the rules' own, and what is held back is counted by why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bartizan.detect.contract import RuleVerdict
from bartizan.detect.indicators.contract import HeldQuiet, Watched
from bartizan.detect.indicators.finding import RULES, IndicatorEncoder, by_finding, rule_place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.detect.hunt.request import Request
    from bartizan.detect.indicators.watch import Meeting, Quiet, Watch
    from bartizan.rules.contract import Rule
    from bartizan.schema.columns import Cell, Frame

__all__ = ["QuietTally", "Watching", "rules_with", "verdicts_of", "watching"]

_EXAMPLES: Final = 5


class Watching:
    """The indicators of a request, and the encoders of their findings."""

    def __init__(self, watch: Watch, request: Request) -> None:
        """Watch; tags choose among rules, the level among these findings too."""
        self.watch = watch
        asked = replace(request, tags=())
        self._wants = [asked.wants(rule) for rule in RULES]
        self._encoders: dict[tuple[int, str], IndicatorEncoder] = {}

    def look(self, mapped: Frame, times: Sequence[int]) -> tuple[list[tuple[int, int, list[Meeting]]], list[Quiet]]:
        """Return row, place in ``RULES`` and meetings of each finding, and what is held back."""
        told, quiet = self.watch.look(mapped, times)
        found = ((row, rule_place(some[0].indicator.kind, some[0].score), some) for row, some in by_finding(told))
        return [one for one in found if self._wants[one[1]]], quiet

    def line(self, source: str, rule: int, record: dict[str, object], about: tuple[list[Meeting], dict[str, Cell]]) -> bytes:
        """Return a finding as a line of JSON."""
        encoder = self._encoders.get((rule, source))
        if encoder is None:
            encoder = self._encoders[rule, source] = IndicatorEncoder(RULES[rule], source=source)
        return encoder.encode(record, *about)


def watching(request: Request) -> Watching | None:
    """Return what watches for the indicators of a request, None where it names none."""
    if request.indicators is None:
        return None
    from bartizan.detect.indicators.watch import watch_for  # noqa: PLC0415 - polars is loaded by who watches for something

    return Watching(watch_for(request.indicators), request)


@dataclass(slots=True)
class QuietTally:
    """What was held back, by why, with a few of the values."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, quiet: Quiet) -> None:
        """Count one."""
        self.counts[quiet.why] += 1
        shown = self.examples.setdefault(quiet.why, {})
        if len(shown) < _EXAMPLES:
            shown[quiet.value] = None

    def told(self, watcher: Watching | None, findings: int) -> Watched | None:
        """Return what a hunt says of its indicators."""
        if watcher is None:
            return None
        held = tuple(HeldQuiet(why, count, tuple(self.examples[why])) for why, count in self.counts.most_common())
        lists = watcher.watch.good.lists
        problems = tuple(
            f"{one.name}: {one.problem or f'{one.refused} values are not read'}" for one in lists if one.problem or one.refused
        )
        return Watched(balance=watcher.watch.read.balance, findings=findings, held=held, problems=problems)


def verdicts_of(findings: Counter[int], first: int) -> Iterator[RuleVerdict]:
    """Yield a verdict for each kind and level of which something was found; ``first`` is the place of the first of ``RULES``."""
    yield from (RuleVerdict(rule, "running", "", findings[first + at]) for at, rule in enumerate(RULES) if findings[first + at])


def rules_with(rules: Sequence[Rule], watcher: Watching | None) -> Sequence[Rule]:
    """Return the rules of a hunt with those of indicators behind them."""
    return rules if watcher is None else (*rules, *RULES)
