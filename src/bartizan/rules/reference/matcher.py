"""Judge one row by one rule: recursion over the condition, no short cuts, no state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sigma.rule import SigmaRule
from sigma.types import SigmaBool, SigmaExpansion, SigmaNumber, SigmaString, SigmaType

from bartizan.rules.reference.globs import within
from bartizan.rules.reference.tree import AllOf, AnyOf, Ask, Node, Not, tree_of
from bartizan.rules.reference.values import Look, holds, text_in
from bartizan.schema.columns import ABSENT, Cell

__all__ = ["KEYWORD", "Answers", "Texts", "Verdict", "answers_in", "keyword_text", "matches", "true_of", "verdict_of"]

KEYWORD = "keyword"
"""Under this name a verdict holds the text that a keyword was found in."""
EXCERPT = 200
"""Characters of a text that are kept around a keyword: two lines of a terminal, enough to see what surrounds it."""

Texts = Callable[[], Sequence[str]]
"""Give all texts of the record that is judged, for keywords."""
Answers = Callable[[Ask], bool]
"""Answer a question about the row that is judged."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule fires on a row and, if so, the fields that made it, with the values found there."""

    fires: bool
    matched: Mapping[str, Cell] = field(default_factory=dict)


def matches(rule: SigmaRule | Node, row: Mapping[str, Cell] | Look, texts: Texts = tuple) -> Verdict:
    """Judge a row by a rule; ``row`` gives a cell by the rule's name of a field, as a mapping or as a function."""
    tree = tree_of(rule) if isinstance(rule, SigmaRule) else rule
    look = _look_in(row) if isinstance(row, Mapping) else row
    return verdict_of(tree, answers_in(look, texts), look, texts)


def answers_in(look: Look, texts: Texts) -> Answers:
    """Return the function that answers questions about a row."""

    def answers(ask: Ask) -> bool:
        if ask.field is None:
            return keyword_text(ask.value, texts()) is not None
        return holds(ask.value, look(ask.field), look)

    return answers


def verdict_of(tree: Node, answers: Answers, look: Look, texts: Texts) -> Verdict:
    """Judge a row by the answers to a tree's questions."""
    if not true_of(tree, answers):
        return Verdict(fires=False)
    found: dict[str, Cell] = {}
    for ask in _supporting(tree, answers):
        if ask.field is None:
            found.setdefault(KEYWORD, keyword_text(ask.value, texts()))
        elif look(ask.field) is not ABSENT:
            found[ask.field] = look(ask.field)
    return Verdict(fires=True, matched=found)


def true_of(node: Node, answers: Answers) -> bool:
    """Say whether a tree is true, given the answers to its questions."""
    if isinstance(node, Ask):
        return answers(node)
    if isinstance(node, AllOf):
        return all(true_of(part, answers) for part in node.parts)
    if isinstance(node, AnyOf):
        return any(true_of(part, answers) for part in node.parts)
    return not true_of(node.part, answers)


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
                return _excerpt(text, place)
        elif text_in(value, text):
            return _excerpt(text, 0)
    return None


def _supporting(node: Node, answers: Answers) -> Iterator[Ask]:
    """List the positive questions that are true, of the parts that are true."""
    if isinstance(node, Ask):
        yield node
    elif not isinstance(node, Not):
        for part in node.parts:
            if true_of(part, answers):
                yield from _supporting(part, answers)


def _excerpt(text: str, at: int) -> str:
    start = max(0, min(at - EXCERPT // 4, len(text) - EXCERPT))
    return text[start : start + EXCERPT]


def _look_in(row: Mapping[str, Cell]) -> Look:
    return lambda name: row.get(name, ABSENT)
