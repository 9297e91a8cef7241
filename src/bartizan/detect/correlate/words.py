"""Say what a correlation asks and what it found in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.detect.correlate.contract import Match
    from bartizan.rules.plan import Correlation, Limit

__all__ = ["asked_words", "group_words", "limit_words", "match_words", "measure_words", "span_words"]

_UNITS: Final = (("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))
_SIGNS: Final[Mapping[str, str]] = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "eq": "=", "neq": "!="}


def span_words(nanoseconds: int) -> str:
    """Return a timespan as a rule writes it."""
    seconds = nanoseconds // 1_000_000_000
    return next(f"{seconds // size}{unit}" for unit, size in _UNITS if seconds % size == 0)


def limit_words(limits: Sequence[Limit]) -> str:
    """Return limits: ``>= 10 and < 20``."""
    return " and ".join(f"{_SIGNS[limit.how]} {limit.value}" for limit in limits)


def group_words(plan: Correlation, group: Sequence[str]) -> str:
    """Return a group: ``user = alice, host = web-01``."""
    return ", ".join(f"{name} = {text}" for name, text in zip(plan.group_by, group, strict=True))


def measure_words(plan: Correlation) -> str:
    """Return what is measured."""
    fields = ", ".join(plan.fields)
    named = [name for name, _ in plan.rules]
    words = {
        "event_count": "number of events",
        "value_count": f"number of distinct values of {fields}",
        "value_sum": f"sum of {fields}",
        "value_avg": f"mean of {fields}",
        "value_percentile": f"percentile {plan.percentile} of {fields}",
        "value_median": f"median of {fields}",
        "temporal": "number of rules seen",
        "bartizan_ratio": f"events of {named[0]} for each of {named[-1]}",
        "bartizan_new_value": f"a value of {fields} not seen before, number of earlier events",
    }
    return words[plan.kind]


def asked_words(plan: Correlation) -> str:
    """Return what is measured and what is asked of it."""
    named = [name for name, _ in plan.rules]
    if plan.kind == "bartizan_absence":
        return f"{named[0]} not followed by {named[-1]}"
    if plan.kind == "temporal_ordered":
        return f"{', then '.join(named)}"
    if plan.presence is not None:
        return f"what is seen of {', '.join(named)}"
    return f"{measure_words(plan)} {limit_words(plan.limits)}"


def match_words(plan: Correlation, match: Match) -> str:
    """Return what a match found: ``12 events within 5m for user = alice (number of events >= 10)``."""
    events = "1 event" if match.count == 1 else f"{match.count} events"
    group = f" for {group_words(plan, match.group)}" if plan.group_by else ""
    measure = (
        f": {match.value:.10g}" if match.value is not None and plan.kind not in {"event_count", "temporal", "temporal_ordered"} else ""
    )
    end = "; the input ended before the time had passed" if match.undecided else ""
    return f"{events} in windows of {span_words(plan.timespan)}{group} ({asked_words(plan)}{measure}){end}"
