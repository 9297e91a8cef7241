"""Turn a parsed rule into the tree that its condition says, names kept, nothing optimised.

pySigma parses the text of the condition and applies the modifiers; how conditions, selections, lists and values are
joined is done here from the specification, so that a mistake in one place is not repeated in the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from sigma.conditions import ConditionAND, ConditionIdentifier, ConditionNOT, ConditionOR, ConditionSelector
from sigma.exceptions import SigmaConditionError, SigmaModifierError
from sigma.modifiers import reverse_modifier_mapping
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule
from sigma.types import SigmaFieldReference, SigmaNull, SigmaType

from bartizan.rules.reference.expand import Placeholders, expanded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["AllOf", "AnyOf", "Ask", "Node", "Not", "asks_of", "fields_of", "tree_of"]

_TIME_PARTS: Final = frozenset({"day", "hour", "minute", "month", "week", "year"})
_ENCODINGS: Final = frozenset({"base64", "base64offset", "utf16", "utf16be", "utf16le", "wide"})


@dataclass(frozen=True, slots=True)
class Ask:
    """A question about one field, or about any text of the record (``field`` is None: a keyword).

    ``modifiers`` and ``written``, the value before they were applied, are for people to read.
    """

    field: str | None
    value: SigmaType
    modifiers: tuple[str, ...] = ()
    written: str = ""


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part is. ``name`` is the search identifier, or the words of the condition, "" where there is none."""

    parts: tuple[Node, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when some part is. ``name`` as in ``AllOf``."""

    parts: tuple[Node, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is not."""

    part: Node


Node: TypeAlias = AllOf | AnyOf | Not | Ask


def tree_of(rule: SigmaRule, placeholders: Placeholders | None = None) -> Node:
    """Build the tree of a rule; several conditions are joined with OR. Raises a SigmaError for a condition that is none."""
    named = {name: _named(name, _detection(found, placeholders or {})) for name, found in rule.detection.detections.items()}
    conditions = tuple(_condition(condition.parse(postprocess=False), named) for condition in rule.detection.parsed_condition)
    return conditions[0] if len(conditions) == 1 else AnyOf(conditions, "any condition")


def asks_of(node: Node, *, positive: bool = True) -> Iterator[tuple[Ask, bool]]:
    """List the questions of a tree, each with whether it stands under an even number of negations."""
    if isinstance(node, Ask):
        yield node, positive
    elif isinstance(node, Not):
        yield from asks_of(node.part, positive=not positive)
    else:
        for part in node.parts:
            yield from asks_of(part, positive=positive)


def fields_of(node: Node) -> tuple[str, ...]:
    """Name the fields that a tree reads, those it compares with included, in the order of their first use."""
    found: dict[str, None] = {}
    for ask, _ in asks_of(node):
        if ask.field is not None:
            found[ask.field] = None
        if isinstance(ask.value, SigmaFieldReference):
            found[ask.value.field] = None
    return tuple(found)


def _named(name: str, node: Node) -> Node:
    """Give a selection its name; what has no room for one becomes the single part of a selection that has."""
    if isinstance(node, AllOf | AnyOf) and not node.name:
        return type(node)(node.parts, name)
    return AllOf((node,), name)


def _condition(parsed: object, named: Mapping[str, Node]) -> Node:
    """Follow one parsed condition: or, and, not, an identifier, ``x of`` a pattern."""
    if isinstance(parsed, ConditionIdentifier):
        return _called(parsed.identifier, named)
    if isinstance(parsed, ConditionSelector):
        return _selected(parsed, named)
    if isinstance(parsed, ConditionNOT):
        return Not(_condition(parsed.args[0], named))
    if isinstance(parsed, ConditionAND | ConditionOR):
        parts = tuple(_condition(part, named) for part in parsed.args)
        return AllOf(parts) if isinstance(parsed, ConditionAND) else AnyOf(parts)
    message = f"the condition holds {parsed!r}, which is no name, no 'x of', and no operator"
    raise SigmaConditionError(message)


def _called(name: str, named: Mapping[str, Node]) -> Node:
    if name not in named:
        message = f"the condition names {name!r}, and there is no such selection"
        raise SigmaConditionError(message)
    return named[name]


def _selected(selector: ConditionSelector, named: Mapping[str, Node]) -> Node:
    """Resolve ``1 of sel*``, ``any of them``, ``all of them``: names that start with ``_`` are no part of ``them``."""
    quantifier, pattern = selector.args[0], selector.pattern
    wanted = re.compile(".*" if pattern == "them" else ".*".join(map(re.escape, pattern.split("*"))))
    hidden = not pattern.startswith("_")
    parts = tuple(node for name, node in named.items() if wanted.fullmatch(name) and not (hidden and name.startswith("_")))
    words = f"{quantifier} of {pattern}"
    if not parts:
        message = f"no selection fits {words!r}"
        raise SigmaConditionError(message, source=selector.source)
    return AllOf(parts, words) if quantifier == "all" else AnyOf(parts, words)


def _detection(detection: SigmaDetection, placeholders: Placeholders) -> Node:
    """Follow one selection: the items of a map are joined with AND, the maps of a list with OR."""
    parts = tuple(
        _item(item, placeholders) if isinstance(item, SigmaDetectionItem) else _detection(item, placeholders)
        for item in detection.detection_items
    )
    if len(parts) == 1:
        return parts[0]
    is_map = isinstance(detection.detection_items[0], SigmaDetectionItem)
    return AllOf(parts) if is_map else AnyOf(parts)


def _item(item: SigmaDetectionItem, placeholders: Placeholders) -> Node:
    """Follow one line of a map: its values are joined with OR, with AND under ``all``; ``neq`` negates the whole."""
    modifiers = tuple(reverse_modifier_mapping[modifier.__name__] for modifier in item.modifiers)
    values: Sequence[SigmaType] = item.value or (SigmaNull(),)
    _check(item, modifiers, values)
    written = [str(value) for value in item.original_value or ()] or [""]
    asks = tuple(Ask(item.field, expanded(value, placeholders), modifiers, text) for value, text in zip(values, written, strict=True))
    joined: Node = asks[0] if len(asks) == 1 else AllOf(asks) if item.value_linking is ConditionAND else AnyOf(asks)
    return Not(joined) if item.negated else joined


def _check(item: SigmaDetectionItem, modifiers: tuple[str, ...], values: Sequence[SigmaType]) -> None:
    """Refuse what pySigma lets through and nobody could match as it was meant."""
    if item.field is None and any(isinstance(value, SigmaFieldReference | SigmaNull) for value in values):
        message = "a keyword is a text, a number or a regular expression; give null and fieldref a field"
        raise SigmaConditionError(message, source=item.source)
    _check_order(item, modifiers)
    if "expand" in modifiers and _ENCODINGS.intersection(modifiers):
        message = "the values of a placeholder cannot be encoded; write the encoded values into the list"
        raise SigmaModifierError(message, source=item.source)


def _check_order(item: SigmaDetectionItem, modifiers: tuple[str, ...]) -> None:
    """Refuse orders in which pySigma forgets what a modifier said before."""
    changing = _ENCODINGS | {"windash"}
    if len(_TIME_PARTS.intersection(modifiers)) > 1 or any(modifiers.count(part) > 1 for part in _TIME_PARTS):
        message = "a value is of one part of a time; write a line for each part"
        raise SigmaModifierError(message, source=item.source)
    if "fieldref" in modifiers and (changing | {"cased", "expand"}).intersection(modifiers[: modifiers.index("fieldref")]):
        message = "the name of a field is taken as it stands; nothing may stand before fieldref that changes it"
        raise SigmaModifierError(message, source=item.source)
    if "utf16" in modifiers and {"contains", "endswith"}.intersection(modifiers[: modifiers.index("utf16")]):
        message = "utf16 puts its mark before a text; contains and endswith stand behind it"
        raise SigmaModifierError(message, source=item.source)
    if "cased" in modifiers and changing.intersection(modifiers[modifiers.index("cased") :]):
        message = "what stands behind cased makes another text; write cased last"
        raise SigmaModifierError(message, source=item.source)
