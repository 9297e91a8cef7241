"""Judge one row by one rule: recursion over the condition, no short cuts, no state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sigma.rule import SigmaRule
from sigma.types import SigmaBool, SigmaExpansion, SigmaNumber, SigmaString, SigmaType

from bartizan.rules.reference.globs import within
from bartizan.rules.reference.tree import AllOf, AnyOf, Ask, Node, Not, tree_of
from bartizan.rules.reference.values import Look, holds, text_in
from bartizan.schema.columns import ABSENT, Cell

__all__ = ["KEYWORD", "Texts", "Verdict", "keyword_text", "matches", "true_of"]

KEYWORD = "keyword"
"""Under this name a verdict holds the text that a keyword was found in."""
EXCERPT = 200
"""Characters of a text that are kept around a keyword: two lines of a terminal, enough to see what surrounds it."""

Texts = Callable[[], Sequence[str]]
"""Give all texts of the record that is judged, for keywords."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule fires on a row and, if so, the fields that made it, with the values found there."""

    fires: bool
    matched: Mapping[str, Cell] = field(default_factory=dict)


def matches(rule: SigmaRule | Node, row: Mapping[str, Cell] | Look, texts: Texts = tuple) -> Verdict:
    """Judge a row by a rule; ``row`` gives a cell by the rule's name of a field, as a mapping or as a function."""
    tree = tree_of(rule) if isinstance(rule, SigmaRule) else rule
    look = _look_in(row) if isinstance(row, Mapping) else row
    return Verdict(fires=True, matched=_supporting(tree, look, texts)) if true_of(tree, look, texts) else Verdict(fires=False)


def true_of(node: Node, look: Look, texts: Texts) -> bool:
    """Say whether a tree is true of a row."""
    if isinstance(node, AllOf):
        return all(true_of(part, look, texts) for part in node.parts)
    if isinstance(node, AnyOf):
        return any(true_of(part, look, texts) for part in node.parts)
    if isinstance(node, Not):
        return not true_of(node.part, look, texts)
    if node.field is None:
        return keyword_text(node.value, texts()) is not None
    return holds(node.value, look(node.field), look)


def keyword_text(value: SigmaType, texts: Sequence[str]) -> str | None:
    """Return the text in which a keyword is found, shortened around it; None where there is none.

    A string is looked for anywhere in a text, a number or boolean as it is written; other values hold for a whole text.
    """
    if isinstance(value, SigmaExpansion):
        found = (keyword_text(choice, texts) for choice in value.values)
        return next((text for text in found if text is not None), None)
    if type(value) in (SigmaNumber, SigmaBool):
        value = SigmaString(str(value))
    for text in texts:
        if isinstance(value, SigmaString):
            place = within(value, text)
            if place is not None:
                return _excerpt(text, place.start())
        elif text_in(value, text):
            return _excerpt(text, 0)
    return None


def _supporting(node: Node, look: Look, texts: Texts) -> dict[str, Cell]:
    """Collect the positive questions that are true, of the parts that are true."""
    if isinstance(node, Ask):
        if node.field is not None:
            cell = look(node.field)
            return {} if cell is ABSENT else {node.field: cell}
        text = keyword_text(node.value, texts())
        return {} if text is None else {KEYWORD: text}
    found: dict[str, Cell] = {}
    for part in () if isinstance(node, Not) else node.parts:
        if true_of(part, look, texts):
            for name, cell in _supporting(part, look, texts).items():
                found.setdefault(name, cell)
    return found


def _excerpt(text: str, at: int) -> str:
    start = max(0, min(at - EXCERPT // 4, len(text) - EXCERPT))
    return text[start : start + EXCERPT]


def _look_in(row: Mapping[str, Cell]) -> Look:
    return lambda name: row.get(name, ABSENT)
