"""Correlate correlations: a match is a sighting that has the fields by which it is grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.detect.correlate.contract import Match, Sighting, match_id
from bartizan.detect.correlate.measures import value_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bartizan.rules.contract import Correlating
    from bartizan.rules.plan import Correlation

__all__ = ["NUMERIC", "chained", "inherited"]

NUMERIC = frozenset({"value_sum", "value_avg", "value_percentile", "value_median"})
"""Types that measure numbers; others tell values apart."""


def inherited(outer: Correlating, place: int, inner: Correlating, match: tuple[int, bytes, Sequence[str]]) -> Sighting | None:
    """Return what a match (time, id, group) of ``inner`` is to ``outer`` in its list; None where it has no number to measure."""
    time, uid, group = match
    known = dict(zip(inner.plan.group_by, group, strict=True))
    cells = [known[name] for name in outer.values[place]]
    value = value_in(cells, numeric=outer.plan.kind in NUMERIC) if cells else None
    if cells and value is None:
        return None
    return Sighting(time, uid, place, tuple(known[name] for name in outer.keys[place]), value)


def chained(
    correlations: Sequence[Correlating],
    sightings: Mapping[int, Sequence[Sighting]],
    ids: Sequence[str],
    judge: Callable[[Correlation, Sequence[Sighting]], list[Match]],
) -> dict[int, list[Match]]:
    """Judge correlations, each after those that it names, and return the matches of each by its number.

    ``sightings`` of the rules that judge records, by correlation; ``ids`` of all rules; ``judge`` is one of the ways to the answer.
    """
    held = {one.number: list(sightings.get(one.number, ())) for one in correlations}
    found = {}
    for one in correlations:
        found[one.number] = judge(one.plan, held[one.number])
        told = [(match.time, match_id(ids[one.number], match.group, match.time), match.group) for match in found[one.number]]
        for outer in correlations:
            for place in (place for place, rule in enumerate(outer.rules) if rule == one.number):
                fed = (inherited(outer, place, one, match) for match in told)
                held[outer.number] += [sighting for sighting in fed if sighting is not None]
    return found
