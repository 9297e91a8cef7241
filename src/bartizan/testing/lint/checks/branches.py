"""Parts of a condition that can never matter, proved: the proof holds in the reference matcher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.rules.logic import dead_branches, impossible
from bartizan.rules.logic.proof import Known
from bartizan.rules.plan import Node, Not, Test
from bartizan.testing.lint.words import asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bartizan.rules.logic import Dead
    from bartizan.testing.lint.contract import Lint, LintRule

__all__ = ["check"]

_WHAT: Final[Mapping[str, tuple[str, str, str]]] = {
    "whole": ("impossible-condition", "the condition can never be true", "mend what contradicts itself: the rule never fires"),
    "branch": ("dead-branch", "can never be true beside the rest of the condition", "take it out, or mend what excludes it"),
    "filter": ("idle-filter", "is negated, and cannot be true beside the rest anyway", "take it out, or mend what it should hold back"),
}
_SINGLE: Final = ", where each field holds one value"


def check(rules: Sequence[LintRule]) -> Iterable[Lint]:
    """Find what can never matter, and conditions that are always true."""
    for rule in rules:
        if impossible(rule.condition, Known(), wanted=False):
            fix = "mend it: it fires on every record"
            yield rule.lint("always-true-condition", "error", "the condition is true of every record", fix, "detection", "condition")
        for one in dead_branches(rule.condition):
            yield _lint(rule, one)
        yield from _unused(rule)


def _lint(rule: LintRule, dead: Dead) -> Lint:
    identity, what, fix = _WHAT[dead.kind]
    level = "warning" if dead.single or dead.kind != "whole" else "error"
    name = _selection(rule, dead.node)
    subject = "" if dead.kind == "whole" else f"{_called(rule, dead.node, name)}: "
    keys = ("detection", name) if name and dead.kind != "whole" else ("detection", "condition")
    return rule.lint(identity, level, f"{subject}{what}{_SINGLE if dead.single else ''}", fix, *keys)


def _called(rule: LintRule, node: Node, name: str) -> str:
    if name and rule.selections[name] is node:
        return name
    return f"{name}: {asked(node)}" if name else asked(node)


def _selection(rule: LintRule, node: Node) -> str:
    """Return the selection that a node is or is a part of, "" where it is put together from several."""
    return next((name for name, whole in rule.selections.items() if any(part is node for part in _parts(whole))), "")


def _unused(rule: LintRule) -> Iterator[Lint]:
    used = {id(part) for part in _parts(rule.condition)}
    for name, node in rule.selections.items():
        if id(node) not in used:
            fix = "name it in the condition, or take it out"
            yield rule.lint("unused-selection", "warning", f"{name}: the condition does not name it", fix, "detection", name)


def _parts(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Not):
        yield from _parts(node.part)
    elif not isinstance(node, Test):
        for part in node.parts:
            yield from _parts(part)
