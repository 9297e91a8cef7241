"""Follow the search identifiers of a rule: maps are joined with AND, lists with OR, each line has its modifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sigma.conditions import ConditionAND
from sigma.exceptions import SigmaError
from sigma.modifiers import modifier_mapping
from sigma.policy.profiles import TrustedPolicy
from sigma.rule import SigmaDetectionItem
from sigma.types import SigmaCompareExpression, SigmaFieldReference, SigmaNull, SigmaNumber, SigmaType

from bartizan.documents import Map, Seq
from bartizan.rules.compile.values import Placeholders, predicates_of
from bartizan.rules.plan import AllOf, AnyOf, Node, Not, Predicate, Test
from bartizan.rules.refusals import Refused, suggestion

__all__ = ["detection"]

_ENCODINGS: Final = frozenset({"base64", "base64offset", "utf16", "utf16be", "utf16le", "wide"})
_REWRITING: Final = frozenset({*_ENCODINGS, "windash"})
"""Modifiers that make other texts of a value."""
_TIME_PARTS: Final = frozenset({"minute", "hour", "day", "week", "month", "year"})
_MODIFIERS: Final = (*modifier_mapping, "utf16le")
_PLAIN: Final = (str, int, float, bool, type(None))


def detection(name: str, definition: object, line: int, placeholders: Placeholders) -> Node:
    """Return what one search identifier asks; ``line`` is where its name stands."""
    if isinstance(definition, Map):
        if not definition:
            message = f"selection '{name}' is empty"
            raise Refused(message, line)
        parts = [_item(name, key, value, definition.lines.get(key, line), placeholders) for key, value in definition.items()]
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))
    if isinstance(definition, Seq):
        if not definition:
            message = f"selection '{name}' is empty"
            raise Refused(message, line)
        if any(isinstance(item, list | dict) for item in definition):
            choices = [detection(name, item, getattr(item, "line", line), placeholders) for item in definition]
            return choices[0] if len(choices) == 1 else AnyOf(tuple(choices))
    return _item(name, None, definition, line, placeholders)


def _item(name: str, key: object, value: object, line: int, placeholders: Placeholders) -> Node:
    """Return what one line of a map asks, or a list of keywords (``key`` is None)."""
    if key is not None and not isinstance(key, str):
        message = f"{name}: field name '{key}' is no text: quote it"
        raise Refused(message, line)
    where = f"{name}: {key}" if key else name
    values = _values(where, value, line)
    _check_modifiers(where, key or "", values, line)
    try:
        item = SigmaDetectionItem.from_mapping(_known_to_pysigma(key), values, policy=TrustedPolicy)
        _make_exact(item, values)
        return _joined(item, placeholders)
    except SigmaError as error:
        message = f"{where}: {_sentence(error)}"
        raise Refused(message, line) from error
    except Refused as refused:
        message = f"{where}: {refused.why}"
        raise Refused(message, line) from refused


def _known_to_pysigma(key: str | None) -> str | None:
    """Write ``wide`` for ``utf16le``, of which the specification makes it an alias: pySigma knows no other name."""
    if key is None or "|" not in key:
        return key
    field, *modifiers = key.split("|")
    return "|".join([field, *("wide" if modifier == "utf16le" else modifier for modifier in modifiers)])


def _make_exact(item: SigmaDetectionItem, written: Any) -> None:  # noqa: ANN401 - as in YAML
    """Put whole numbers back in that pySigma took through a float, as far as 64 bits hold them."""
    for value, number in zip(item.value, written if isinstance(written, list) else [written], strict=False):
        held = value.number if isinstance(value, SigmaCompareExpression) else value
        if type(number) is int and isinstance(held, SigmaNumber) and -(2**63) <= number < 2**64:
            held.number = number


def _joined(item: SigmaDetectionItem, placeholders: Placeholders) -> Node:
    """Join the values of a line with OR, with AND under ``all``; ``neq`` negates the whole."""
    keyword = item.field is None
    values: list[SigmaType] = item.value or [SigmaNull()]
    if keyword:
        _check_keywords(values)
    choices = [predicates_of(value, placeholders, keyword=keyword) for value in values]
    node = _test(item.field or "", choices, every=item.value_linking is ConditionAND)
    return Not(node) if item.negated else node


def _test(field: str, choices: list[tuple[Predicate, ...]], *, every: bool) -> Node:
    if not every:
        return Test(field, tuple(dict.fromkeys(one for choice in choices for one in choice)))
    single = [choice[0] for choice in choices if len(choice) == 1]
    several = [Test(field, choice) for choice in choices if len(choice) != 1]
    parts: list[Node] = [Test(field, tuple(dict.fromkeys(single)), every=True), *several] if single else list(several)
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _values(where: str, value: object, line: int) -> Any:  # noqa: ANN401 - pySigma takes what YAML holds
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, Mapping | list):
            message = f"{where}: a value is a text, a number, true, false or null, not a list or a mapping"
            raise Refused(message, line)
        if isinstance(one, date):
            message = f"{where}: {one} is read as a date: quote it"
            raise Refused(message, line)
        if not isinstance(one, _PLAIN):
            message = f"{where}: a value is a text, a number, true, false or null, not {type(one).__name__}"
            raise Refused(message, line)
    return value


def _check_modifiers(where: str, key: str, value: Any, line: int) -> None:  # noqa: ANN401 - as in YAML
    """Refuse modifiers that do not exist, and those that say two things at once."""
    modifiers = key.split("|")[1:]
    for modifier in modifiers:
        if modifier not in _MODIFIERS:
            message = f"{where}: '{modifier}' is no modifier{suggestion(modifier, _MODIFIERS)}"
            raise Refused(message, line)
    if "expand" in modifiers and _ENCODINGS & set(modifiers):
        message = f"{where}: the values of a placeholder cannot be encoded: write encoded values into its list"
        raise Refused(message, line)
    _check_order(where, modifiers, line)
    values = value if isinstance(value, list) else [value]
    if "re" in modifiers and {"startswith", "endswith"} & set(modifiers):
        message = f"{where}: a regular expression is found anywhere: write ^ or $ in it instead of startswith or endswith"
        raise Refused(message, line)
    if "re" in modifiers and not all(isinstance(one, str) for one in values):
        message = f"{where}: a regular expression is a text: quote it"
        raise Refused(message, line)
    if not values:
        message = f"{where}: the list of values is empty"
        raise Refused(message, line)


def _check_order(where: str, modifiers: Sequence[str], line: int) -> None:
    """Refuse chains of which a part would be lost without a word."""
    for place, modifier in enumerate(modifiers):
        before = modifiers[:place]
        if modifier == "fieldref" and (lost := next((one for one in before if one in _REWRITING or one in {"cased", "expand"}), "")):
            message = f"{where}: fieldref names a field, which '{lost}' would change: leave '{lost}' out"
            raise Refused(message, line)
        if modifier in _REWRITING and "cased" in before:
            message = f"{where}: '{modifier}' makes another text, which 'cased' before it says nothing of: write cased last"
            raise Refused(message, line)
        if modifier == "utf16" and not {"contains", "endswith"}.isdisjoint(before):
            message = f"{where}: utf16 puts a mark before the text, which no text inside another begins with: write wide, or utf16 first"
            raise Refused(message, line)
        if modifier in _TIME_PARTS and (other := next((one for one in before if one in _TIME_PARTS), "")):
            message = f"{where}: a value is of one part of a time, not of '{other}' and '{modifier}': write two lines"
            raise Refused(message, line)


def _check_keywords(values: list[SigmaType]) -> None:
    for value in values:
        if isinstance(value, SigmaFieldReference | SigmaNull) or (isinstance(value, SigmaNumber) and type(value) is not SigmaNumber):
            message = "a keyword is a text, a number or a regular expression: name a field before the modifiers"
            raise Refused(message)


def _sentence(error: SigmaError) -> str:
    text = str(error)
    return text[:1].lower() + text[1:]
