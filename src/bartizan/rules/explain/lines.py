"""Write an explanation, or what a rule asks, as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.rules.explain.steps import Explanation, Group, Step, asked_words, leaf_asks, link_of, name_of
from bartizan.rules.explain.words import field_words
from bartizan.rules.reference.tree import AllOf, Ask, Node, Not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.rules.reference.reading import ReferenceRule

__all__ = ["describe", "lines"]

REASONS = 8
"""Reasons that are written before the rest is counted: the tree below shows them all."""


def lines(explanation: Explanation) -> list[str]:
    """Write why a rule fired on a record or did not: a verdict, the reasons, and the condition step by step."""
    verdict = "fires" if explanation.fires else "does not fire"
    name = f"{explanation.title} ({explanation.id})" if explanation.id else explanation.title
    reasons = [f"  {reason}" for reason in explanation.why[:REASONS]]
    if len(explanation.why) > REASONS:
        reasons.append(f"  and {len(explanation.why) - REASONS} more")
    return [f"{name} {verdict}:", *reasons, "", *_tree(explanation.tree, 0)]


def describe(rule: ReferenceRule) -> list[str]:
    """Write what a rule asks of a record, in plain words."""
    return [f"{rule.title} fires on a record of {rule.logsource} where", *_asked(rule.tree, 1)]


def _tree(step: Step, depth: int) -> Iterator[str]:
    mark = f"{'true' if step.true else 'false':7}{'  ' * depth}"
    if isinstance(step, Group):
        yield f"{mark}{_title(step.name, step.joint, len(step.parts))}"
        for part in step.parts:
            yield from _tree(part, depth + 1)
    else:
        yield f"{mark}{step.field} {step.asked}: found {step.found}"


def _asked(node: Node, depth: int) -> Iterator[str]:
    indent = "  " * depth
    asks = leaf_asks(node)
    if asks and name_of(node):
        yield f"{indent}{name_of(node)}"
        indent += "  "
    if asks or isinstance(node, Ask):
        yield f"{indent}{field_words(asks[0])} {asked_words(asks, link_of(node))}"
    elif isinstance(node, Not):
        yield f"{indent}not"
        yield from _asked(node.part, depth + 1)
    else:
        yield f"{indent}{_title(node.name, 'all of' if isinstance(node, AllOf) else 'any of', len(node.parts))}"
        for part in node.parts:
            yield from _asked(part, depth + 1)


def _title(name: str, joint: str, parts: int) -> str:
    """Write the head of a group; how a single part is joined says nothing."""
    if parts == 1 and name:
        return name
    return f"{name}: {joint}" if name else joint
