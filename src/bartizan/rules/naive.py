"""Hand rules over to the reference matcher: read again, from the same bytes, with the same filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bartizan.rules.reference import ReferenceBound, reference_bound
from bartizan.rules.reference.reading import ReferenceRule, documents_in, reference_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.rules.origins import Read
    from bartizan.schema.logsource import View

__all__ = ["naive_bound", "reference_rules"]


def naive_bound(rules: Read, numbers: Sequence[int], views: Sequence[View]) -> ReferenceBound:
    """Bind the numbered rules with the reference matcher."""
    return reference_bound(reference_rules(rules, numbers), views)


def reference_rules(rules: Read, numbers: Sequence[int]) -> dict[int, ReferenceRule]:
    """Read the numbered rules as the reference matcher judges them."""
    parsed: dict[str, list[dict[str, Any]]] = {}
    found = {}
    for number in numbers:
        origin = rules.origins[number]
        document = _documents(origin.path, rules, parsed)[origin.document]
        applied = [rules.filters[place] for place in rules.filtered.get(number, ())]
        filters = [_documents(path, rules, parsed)[one.document] for path, one in applied]
        found[number] = reference_rule(document, placeholders=rules.placeholders, filters=filters)
    return found


def _documents(path: str, rules: Read, parsed: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    if path not in parsed:
        parsed[path] = documents_in(rules.contents[path])
    return parsed[path]
