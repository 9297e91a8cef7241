"""Make what every process of a hunt needs: the rules and the sources."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bartizan.collect.catalogue import catalogue
from bartizan.detect.hunt.judge import Judge
from bartizan.rules import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from bartizan.detect.hunt.request import Request
    from bartizan.rules.contract import RuleSet
    from bartizan.rules.ruleset import LoadedRules

__all__ = ["judge_for", "rest_collector", "rules_for"]

COLLECT_AFTER: Final = (1_000_000, 20, 50)
"""Objects made but not freed before the collector looks for cycles: about a batch. Python's own 700 is reached many times in each."""


def rest_collector() -> None:
    """Let Python look for reference cycles seldom: records, columns and findings have none, and looking took a tenth of the time."""
    gc.set_threshold(*COLLECT_AFTER)


def rules_for(request: Request, progress: Callable[[int, int], None] | None = None) -> LoadedRules:
    """Load the rules of a request; ``progress`` is told how many files of how many are compiled, where they are not cached."""
    today = datetime.fromtimestamp(request.now // 1_000_000_000, UTC).date()
    return load(request.rules, cache=request.cache, placeholders=request.placeholders, progress=progress, today=today)


def judge_for(request: Request, rules: RuleSet | None = None) -> Judge:
    """Make a judge for a request."""
    return Judge(rules_for(request) if rules is None else rules, catalogue(request.mappings), request)
