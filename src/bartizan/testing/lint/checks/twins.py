"""Rules that say what another says already, proved: the same condition, or one that implies the other's."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.rules.logic import fields_of, impossible
from bartizan.rules.logic.proof import Known, parts_of
from bartizan.rules.plan import AllOf, AnyOf, Not, Test, Text

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from bartizan.rules.plan import Node
    from bartizan.testing.lint.contract import Lint, LintRule

__all__ = ["check"]

_FIX_SAME: Final = "keep one of them"
_FIX_NARROW: Final = "it fires only where the other does: keep it for its level or words, or take it out"


def check(rules: Sequence[LintRule]) -> Iterable[Lint]:
    """Find duplicates, and rules that fire only where another one fires."""
    first: dict[Hashable, LintRule] = {}
    kept: list[LintRule] = []
    for rule in rules:
        if rule.part:
            continue
        other = first.setdefault((rule.logsource, _normal(rule.condition)), rule)
        if other is rule:
            kept.append(rule)
            continue
        what = f"asks the same of {rule.logsource} as '{other.meta.title}' ({other.path}:{other.document.line})"
        yield rule.lint("duplicate-rule", "warning", what, _FIX_SAME, "detection")
    yield from _subsumed(kept)


def _normal(node: Node) -> Hashable:
    """Return what two parts share that say the same in another order."""
    if isinstance(node, Test):
        return (node.field, node.every and len(node.of) > 1, frozenset(node.of))
    if isinstance(node, Not):
        return ("not", _normal(node.part))
    parts = frozenset(_normal(part) for part in _flat(node))
    return next(iter(parts)) if len(parts) == 1 else (type(node).__name__, parts)


def _flat(node: AllOf | AnyOf) -> Iterator[Node]:
    for part in node.parts:
        if isinstance(part, type(node)):
            yield from _flat(part)
        else:
            yield part


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a rule surely asks of one field: some of these texts must stand in it."""

    field: str
    texts: tuple[str, ...]


def _subsumed(rules: Sequence[LintRule]) -> Iterator[Lint]:
    """Compare rules of log sources of which one serves the other.

    A rule can only imply another's condition where its own texts hold those that the other must find: that is looked for
    first, and costs a substring search per pair; only what passes is proved.
    """
    by_field: defaultdict[str, list[tuple[LintRule, str]]] = defaultdict(list)
    for rule in rules:
        for field, texts in _texts(rule.condition).items():
            by_field[field].append((rule, "\0".join(texts)))
    for wide in rules:
        asked = _least(wide.condition)
        if asked is None:
            continue
        read = set(fields_of(wide.condition))
        for narrow, written in by_field[asked.field]:
            if narrow is wide or not narrow.logsource.serves(wide.logsource) or not any(text in written for text in asked.texts):
                continue
            if read <= set(fields_of(narrow.condition)) and _implied(narrow, wide):
                yield _lint(narrow, wide)


def _implied(narrow: LintRule, wide: LintRule) -> bool:
    """Prove that one rule is true only where another is, and that it is ever true: what is never true implies everything."""
    both = AllOf((narrow.condition, Not(wide.condition)))
    return impossible(both, Known()) and not impossible(narrow.condition, Known(single=True))


def _lint(narrow: LintRule, wide: LintRule) -> Lint:
    what = f"fires only where '{wide.meta.title}' ({wide.path}:{wide.document.line}, {wide.meta.level}) does"
    return narrow.lint("subsumed-rule", "note", what, _FIX_NARROW, "detection")


def _least(node: Node) -> _Asked | None:
    """Return the field of which a rule surely asks for the fewest texts; None where it surely asks for none."""
    facts = [fact.test for fact in parts_of(node).facts if fact.wanted and fact.test.field]
    asked = [_Asked(test.field, tuple(one.text.lower() for one in test.of if isinstance(one, Text))) for test in facts if _only_texts(test)]
    return min(asked, key=lambda one: len(one.texts), default=None)


def _only_texts(test: Test) -> bool:
    return all(isinstance(one, Text) for one in test.of)


def _texts(node: Node) -> Mapping[str, list[str]]:
    """Return every text that a rule asks for, wanted or not, by field."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Test):
            for predicate in one.of:
                text = getattr(predicate, "text", None)
                parts = [text] if isinstance(text, str) else [part for part in getattr(predicate, "parts", ()) if isinstance(part, str)]
                found[one.field].extend(part.lower() for part in parts)
        elif isinstance(one, Not):
            waiting.append(one.part)
        else:
            waiting.extend(one.parts)
    return found
