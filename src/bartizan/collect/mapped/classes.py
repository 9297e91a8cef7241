"""Give every class of OCSF a route, for records that say they are OCSF: what a mapping file says of some, and of all alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.mapped.plan import Constant, Field, First, Guarded, PlannedRoute, PlannedView, Step, Test, Value
from bartizan.schema import ocsf
from bartizan.schema.required import required_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["with_classes"]

_CLASS: Final = "class_uid"
_MADE: Final = frozenset(
    ("class_name", "category_uid", "category_name", "type_uid", "type_name", "severity", "time_dt", "metadata", "observables", "raw_data")
)
"""Attributes that every record is given: those of the record that comes are kept as they came, in its raw text."""
_NUMBER: Final = (Step("integer"),)
_BELOW: Final = frozenset(("unmapped", "enrichments"))


def with_classes(
    routes: Sequence[PlannedRoute], common: Sequence[tuple[str, Value]], views: Sequence[PlannedView]
) -> tuple[PlannedRoute, ...]:
    """Return routes for all classes: those that are given, completed, and others made of what is common to all.

    Of each class an attribute of which no part is mapped is taken over whole. The last route given is that of records without a class.
    """
    told = {value.value: route for route in routes for name, value in route.ocsf if name == _CLASS and isinstance(value, Constant)}
    *own, rest = routes
    made = [
        PlannedRoute(name=_name(uid), when=((Test(_CLASS, "values", (str(uid),)),),), views=tuple(views), ocsf=tuple(_common(uid, common)))
        for uid in ocsf.class_uids()
        if uid not in told
    ]
    return (*(_completed(route) for route in (*own, *made)), rest)


def _name(uid: int) -> str:
    known = ocsf.class_of(uid)
    return "" if known is None else known.name.replace("_", "-")


def _common(uid: int, common: Sequence[tuple[str, Value]]) -> Iterator[tuple[str, Value]]:
    yield _CLASS, Constant(uid)
    yield from ((name, value) for name, value in common if ocsf.attribute_at(uid, name) is not None)


def _completed(route: PlannedRoute) -> PlannedRoute:
    """Return a route with the attributes of its class of which it maps nothing, and what it cannot be without however little is in it."""
    uid = next((value.value for name, value in route.ocsf if name == _CLASS and isinstance(value, Constant)), None)
    known = ocsf.class_of(uid) if isinstance(uid, int) else None
    if known is None:
        return route
    table = dict(route.ocsf)
    mapped = {name.partition(".")[0] for name in table} | _MADE | _BELOW
    needed = {*known.shape.at_least_one, *known.shape.just_one}
    table.update((path, Field(path)) for path in sorted(needed) if "." in path and path not in table)
    for name, attribute in known.shape.attributes.items():
        if name not in mapped:
            table[name] = Field(name)
        elif attribute.is_object and name not in _MADE and (attribute.requirement == "required" or name in needed):
            table[name] = _at_least(name, table)
    table.update((path, Field(path, _NUMBER)) for path in required_names(known.uid, tuple(table)) if path.partition(".")[0] not in _MADE)
    return PlannedRoute(name=route.name, when=route.when, views=route.views, ocsf=tuple(table.items()))


def _at_least(name: str, table: dict[str, Value]) -> Value:
    """Return what an object is taken over as, whole where no part of it that is mapped is there."""
    if name in table:
        return First((table[name], Field(name)))
    return Guarded(tuple(Test(path, "absent") for path in table if path.startswith(f"{name}.")), Field(name))
