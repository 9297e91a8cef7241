"""Say which native fields the records of a source carry, as far as somebody wrote it down.

What counts: the fields of the source's examples, which are records in the true form; the fields that its mapping to OCSF
and its log sources' names read; and, where a vendor publishes it, which fields each kind of event has. That records may
hold any other field counts for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bartizan.collect.contract import Carried, Context
from bartizan.schema.columns import ABSENT
from bartizan.schema.expressions import Expression, inputs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.collect.contract import Route, Source
    from bartizan.schema.columns import Column

__all__ = ["carried_by"]


def carried_by(source: Source, asked: frozenset[str]) -> Sequence[Carried]:
    """Return, for each kind of record of a source, its route and the native fields that it is known to carry.

    ``asked`` are fields that somebody wants to know of: a path that leads through lists has no name of its own until it is.
    """
    if source.documented is not None:
        return source.documented()
    shown: defaultdict[str, set[str]] = defaultdict(set)
    for example in source.examples:
        for context in (Context(head=example.head), Context(head=example.head, wanted=lambda _route: asked)):
            for part in source.parse(list(example.raw), context).parts:
                shown[part.route.name].update(name for name, column in part.frame.columns.items() if _has_value(column))
    return [Carried(route, _read(route).union(shown[route.name])) for route in source.routes]


def _read(route: Route) -> frozenset[str]:
    """Return the fields that a route's mapping and the names of its log sources are made of."""
    places = [place for view in route.views for place in view.aliases.values()]
    inner = [place.inputs for place in places if isinstance(place, Expression)]
    return inputs_of(route.ocsf).union(route.given, (place for place in places if isinstance(place, str)), *inner)


def _has_value(column: Column) -> bool:
    return any(value is not ABSENT and value is not None for value in column.values)
