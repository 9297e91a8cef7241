"""Log sources that nobody gives, and fields that look like one of the log source and are none.

Most logs are JSON and give whatever field a record has, so that a field in no example may well be there; one that is nearly
a field of the examples is rather misspelt.
"""

from __future__ import annotations

from collections import defaultdict
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Final

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Context
from bartizan.rules.logic import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bartizan.collect.contract import Route
    from bartizan.schema.logsource import Logsource
    from bartizan.testing.lint.contract import Lint, LintRule

__all__ = ["check"]

_NEAR: Final = 0.87
"""Likeness from which a name is taken for a misspelling: one letter in eight."""


def check(rules: Sequence[LintRule]) -> Iterable[Lint]:
    """Find what no source gives."""
    for rule in rules:
        fields = _fields(rule.logsource)
        if fields is None:
            what = f"no source that is read gives {rule.logsource}"
            yield rule.lint("unserved-logsource", "warning", what, "see `bartizan sources list`, or write a source", "logsource")
            continue
        for name, node in rule.selections.items():
            for field in fields_of(node):
                near = [] if field in fields else get_close_matches(field, fields, n=1, cutoff=_NEAR) or _other_case(field, fields)
                if near:
                    what = f"{name}: no example record of {rule.logsource} has the field '{field}' (did you mean '{near[0]}'?)"
                    yield rule.lint(
                        "unknown-field", "note", what, "check the spelling; field names are compared with their case", "detection", name
                    )


def _other_case(field: str, fields: frozenset[str]) -> list[str]:
    return [known for known in sorted(fields) if known.lower() == field.lower()]


@cache
def _fields(logsource: Logsource) -> frozenset[str] | None:
    """Return every field that is known of a log source: of example records, aliases, given ones; None if nobody serves it."""
    found: set[str] = set()
    served = False
    for source in catalogue().sources:
        for route in source.routes:
            view = next((view for view in route.views if view.logsource.serves(logsource)), None)
            if view is not None:
                served = True
                found |= {*view.aliases, *route.given, *_seen()[source.name, route.name]}
    return frozenset(found) if served else None


@cache
def _seen() -> Mapping[tuple[str, str], frozenset[str]]:
    """Return the fields that example records have, by source and route."""
    found: defaultdict[tuple[str, str], frozenset[str]] = defaultdict(frozenset)
    for source in catalogue().sources:
        for example in source.examples:
            for part in source.parse(example.raw, Context(head=example.head)).parts:
                found[source.name, _name(part.route)] |= part.frame.columns.keys()
    return found


def _name(route: Route) -> str:
    return route.name
