"""Hold what was translated to our own loader: a document that it refuses is reported as refused, not written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bartizan.rules.compile import compiled
from bartizan.rules.imports.contract import Translated, refused
from bartizan.rules.imports.writing import text_of
from bartizan.rules.plan import Refuse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["proved"]


class _AnyList(dict[str, list[str]]):
    """Every list that a placeholder names: which values it has is for the user to say."""

    def __contains__(self, _name: object) -> bool:
        return True

    def __missing__(self, _name: str) -> list[str]:
        return ["x"]


def proved(rules: Sequence[Translated]) -> list[Translated]:
    """Return the rules, those without their documents that cannot be run, and those that count them."""
    checked = [_checked(rule) for rule in rules]
    while True:
        names = {document["name"] for rule in checked for document in rule.documents if "name" in document}
        again = [_with_all(rule, names) for rule in checked]
        if again == checked:
            return checked
        checked = again


def _checked(rule: Translated) -> Translated:
    if not rule.documents:
        return rule
    wrong = [outcome for outcome in compiled(text_of(rule.documents).encode(), _AnyList()) if isinstance(outcome, Refuse)]
    return _without(rule, "rule", wrong[0].why) if wrong else rule


def _with_all(rule: Translated, names: set[str]) -> Translated:
    lost = sorted({name for document in rule.documents for name in _counted(document)} - names)
    return _without(rule, "rule", f"it counts {lost[0]}, which is not there") if lost else rule


def _counted(document: Mapping[str, Any]) -> list[str]:
    return list(document.get("correlation", {}).get("rules", []))


def _without(rule: Translated, part: str, why: str) -> Translated:
    return replace(rule, pieces=[*rule.pieces, refused(part, why)], documents=(), place="")
