"""Follow a rule over one record, every branch of it, and note what came out where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bartizan.rules.explain.words import cell_words, field_words, listed, question, quoted
from bartizan.rules.reference.matcher import Texts, answers_in, keyword_text, true_of
from bartizan.rules.reference.tree import AllOf, AnyOf, Ask, Node, Not
from bartizan.schema.columns import ABSENT, Cell

if TYPE_CHECKING:
    from bartizan.rules.reference.reading import ReferenceRule
    from bartizan.rules.reference.values import Look

__all__ = ["Explanation", "Group", "Leaf", "Step", "asked_words", "explain", "leaf_asks", "link_of", "name_of"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """What was asked of one field (or of any text), what was found there, and whether that is what was asked."""

    true: bool
    field: str
    asked: str
    found: str


@dataclass(frozen=True, slots=True)
class Group:
    """Steps that are joined: ``all of``, ``any of`` or ``not``; ``name`` as the rule has it, "" where it has none."""

    true: bool
    joint: str
    name: str
    parts: tuple[Step, ...]


Step: TypeAlias = Leaf | Group


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a rule fired on a record, or did not: the tree of its condition and, in ``why``, the steps that decided."""

    title: str
    id: str
    fires: bool
    tree: Step
    why: tuple[str, ...]


def explain(rule: ReferenceRule, row: Mapping[str, Cell] | Look, texts: Texts = tuple) -> Explanation:
    """Say why a rule fires on a row or does not; ``row`` gives a cell by the rule's name of a field."""
    look = (lambda name: row.get(name, ABSENT)) if isinstance(row, Mapping) else row
    tree = _step(rule.tree, look, texts)
    return Explanation(rule.title, rule.id, tree.true, tree, tuple(_reasons(tree)))


def leaf_asks(node: Node) -> tuple[Ask, ...]:
    """Return the questions of a node that asks about one field only, () for any other: those are one line to a reader."""
    if isinstance(node, Ask):
        return (node,)
    if isinstance(node, Not) or not node.parts:
        return ()
    asks = [part for part in node.parts if isinstance(part, Ask)]
    alike = {(ask.field, ask.modifiers) for ask in asks}
    return tuple(asks) if len(asks) == len(node.parts) > 1 and len(alike) == 1 else ()


def asked_words(asks: tuple[Ask, ...], joint: str) -> str:
    r"""Return what questions about one field ask: ``ends with '\\\\a.exe' or '\\\\b.exe'``."""
    questions = [question(ask) for ask in asks]
    verbs = {verb for verb, _ in questions}
    if len(verbs) == 1:
        return f"{questions[0][0]} {listed([thing for _, thing in questions], joint)}".strip()
    return listed([f"{verb} {thing}".strip() for verb, thing in questions], joint)


def _step(node: Node, look: Look, texts: Texts) -> Step:
    asks = leaf_asks(node)
    if asks or isinstance(node, Ask):
        true = true_of(node, answers_in(look, texts))
        leaf = Leaf(true, field_words(asks[0]), asked_words(asks, link_of(node)), _found(asks, look, texts))
        return Group(leaf.true, "all of", name, (leaf,)) if (name := name_of(node)) else leaf
    if isinstance(node, Not):
        part = _step(node.part, look, texts)
        return Group(not part.true, "not", "", (part,))
    parts = tuple(_step(part, look, texts) for part in node.parts)
    every = isinstance(node, AllOf)
    return Group(all(part.true for part in parts) if every else any(part.true for part in parts), _joint(node), node.name, parts)


def name_of(node: Node) -> str:
    """Return the search identifier that a node stands for, "" where it is none."""
    return node.name if isinstance(node, AllOf | AnyOf) else ""


def link_of(node: Node) -> str:
    """Return the word between the questions of one line."""
    return "and" if isinstance(node, AllOf) else "or"


def _joint(node: AllOf | AnyOf) -> str:
    return "all of" if isinstance(node, AllOf) else "any of"


def _found(asks: tuple[Ask, ...], look: Look, texts: Texts) -> str:
    ask = asks[0]
    if ask.field is not None:
        return cell_words(look(ask.field))
    found = [keyword_text(one.value, texts()) for one in asks]
    shown = [quoted(text) for text in dict.fromkeys(found) if text is not None]
    return listed(shown, "and") if shown else "no such text"


def _reasons(step: Step) -> list[str]:
    """Name the steps that made the whole come out as it did."""
    return list(dict.fromkeys(_decisive(step, "")))


def _decisive(step: Step, name: str) -> list[str]:
    if isinstance(step, Leaf):
        return [f"{name or 'the condition'} is {str(step.true).lower()}, because {_sentence(step)}"]
    name = step.name or name
    parts = step.parts if step.joint == "not" else tuple(part for part in step.parts if part.true is step.true)
    return [reason for part in parts for reason in _decisive(part, name)]


def _sentence(leaf: Leaf) -> str:
    return f"{leaf.field} {leaf.asked}: found {leaf.found}" if leaf.true else f"{leaf.field} {leaf.asked} was wanted, found {leaf.found}"
