"""Say what a stored record must have for one of some rules to fire on it.

Rules ask for native fields, a lake has attributes of OCSF: where an attribute is a native field as it stands, what a rule asks
of the field it asks of the attribute. The rest of a rule is passed over, so that too many records are looked at, never too few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.lake.declared import table_of
from bartizan.lake.needs import ALWAYS, NEVER, Has, Need, OneOf, each, some
from bartizan.lake.values import is_text
from bartizan.rules.match.binding import place_of
from bartizan.rules.plan import AllOf, AnyOf, Glob, Regex, Test, Text
from bartizan.rules.regexes import required
from bartizan.schema import ocsf
from bartizan.schema.cells import hostname, lower, present, text
from bartizan.schema.expressions import Expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.collect.catalogue import Catalogue
    from bartizan.collect.contract import Route, Source
    from bartizan.rules.plan import Node, Predicate
    from bartizan.rules.ruleset import LoadedRules
    from bartizan.schema.expressions import Table
    from bartizan.schema.logsource import View

__all__ = ["needs_of"]

_PROVIDER: Final = "metadata.log_provider"
_KEEPING: Final = frozenset({text, present, lower})
"""Functions that give the text as it is, in whichever case, or nothing for the ways logs write nothing."""
_TRIMMING: Final = frozenset({hostname})
"""Functions that also take some of these characters from the ends."""
_TRIMMED: Final = "\\. \t\r\n\v\f\x1c\x1d\x1e\x1f"
_NOTHING: Final = frozenset({"", "-", "n/a", "(null)", "null"})
_OURS: Final = frozenset({"metadata.uid", "raw_data", "unmapped"})
"""Attributes that are the same for every source, whatever its mapping says."""


def needs_of(
    rules: LoadedRules, catalogue: Catalogue, tables: Sequence[str], wanted: Iterable[int]
) -> tuple[dict[str, Need], frozenset[str]]:
    """Return, for each table, what its records must have for one of the ``wanted`` rules (places) to fire on them.

    A table that is not there has no record on which one could. It holds for records as they were mapped when they were stored.
    Beside it the names of sources whose records belong together, so that all of them must be judged.
    """
    asked, found, grouped = frozenset(wanted), dict[str, list[Need]](), set[str]()
    names = tuple(sorted(source.name for source in catalogue.sources))
    for source in catalogue.sources:
        for route in source.routes:
            needed = some(
                [_of_rule(node, view, route) for number, node, view in rules.plans(route.views, given=route.given) if number in asked]
            )
            if source.group is not None and needed != NEVER:
                grouped.add(source.name)
            elif needed != NEVER:
                whole = each([_provided(source, route, names), needed])
                for table in _tables(route, tables):
                    found.setdefault(table, []).append(whole)
    return {table: some(parts) for table, parts in found.items()}, frozenset(grouped)


def _tables(route: Route, tables: Sequence[str]) -> Sequence[str]:
    """Return the tables in which records of a route may stand."""
    uid = route.ocsf.get("class_uid")
    return [name for name in tables if name == table_of(uid)] if isinstance(uid, int) else tables


def _provided(source: Source, route: Route, names: tuple[str, ...]) -> Need:
    """Return what tells records of a source: it names itself, or its records say who provided them. Nobody is everybody."""
    if _PROVIDER in route.ocsf:
        return OneOf(_PROVIDER, names, inside=False)
    return OneOf(_PROVIDER, (source.name, ""))


def _of_rule(node: Node, view: View, route: Route) -> Need:
    uid = route.ocsf.get("class_uid")
    return _need(node, view, _columns(route.ocsf, uid)) if isinstance(uid, int) else ALWAYS


def _columns(table: Table, class_uid: int) -> dict[object, list[tuple[str, bool]]]:
    """Return, by native field or by expression, the attributes that have its text, and whether the ends of it may be missing."""
    found: dict[object, list[tuple[str, bool]]] = {}
    for name, value in table.items():
        attribute = ocsf.attribute_at(class_uid, name)
        if not isinstance(value, Expression) or name in _OURS or attribute is None or attribute.is_array or not is_text(attribute):
            continue
        found.setdefault(_told(value), []).append((name, False))
        if value.choices:
            found.setdefault(_told(value.choices[0]), []).append((name, False))
        elif value.through is not None and not _TRIMMING.isdisjoint(value.through) and set(value.through) <= _KEEPING | _TRIMMING:
            found.setdefault(value.inputs[0], []).append((name, True))
    return found


def _told(place: str | Expression | None) -> object:
    """Return what two expressions that give the same text have in common: a native field, a choice among them, else themselves."""
    if not isinstance(place, Expression):
        return place
    if place.choices:
        return tuple(map(_told, place.choices))
    return place.inputs[0] if place.through is not None and set(place.through) <= _KEEPING else place


def _need(node: Node, view: View, columns: Mapping[object, Sequence[tuple[str, bool]]]) -> Need:
    if isinstance(node, Test):
        places = columns.get(_told(place_of(node.field, view)), ()) if node.field else ()
        return each([_of_test(node, name, trimmed=trimmed) for name, trimmed in places])
    if isinstance(node, AllOf):
        return each([_need(part, view, columns) for part in node.parts])
    if isinstance(node, AnyOf):
        return some([_need(part, view, columns) for part in node.parts])
    return ALWAYS


def _of_test(test: Test, name: str, *, trimmed: bool) -> Need:
    needs = [_of_predicate(one, name, trimmed=trimmed) for one in test.of]
    return each(needs) if test.every else some(needs)


def _of_predicate(one: Predicate, name: str, *, trimmed: bool) -> Need:
    if isinstance(one, Text):
        return _has(name, one.how, one.text.lower(), trimmed=trimmed)
    if isinstance(one, Glob):
        return each([_has(name, "in", part.lower(), trimmed=trimmed) for part in one.parts if isinstance(part, str)])
    if isinstance(one, Regex):
        choices = required(one.pattern, one.flags)
        return some([each([_has(name, "in", part, trimmed=trimmed) for part in choice]) for choice in choices]) if choices else ALWAYS
    return ALWAYS


def _has(name: str, how: str, asked: str, *, trimmed: bool) -> Need:
    """Return that an attribute has a text; where its ends may be missing, that it has the rest of it."""
    if trimmed:
        how, asked = "in", asked.strip(_TRIMMED)
    bare = asked.strip()
    return ALWAYS if not asked.isascii() or any(bare in nothing for nothing in _NOTHING) else Has(name, how, asked)
