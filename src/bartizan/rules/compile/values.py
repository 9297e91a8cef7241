"""Turn pySigma's values, modifiers applied, into predicates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Final, TypeAlias

from sigma.types import (
    CompareOperators,
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from bartizan.rules.plan import AnyText, Compare, Exists, Glob, Network, Null, Number, Predicate, Reference, Regex, Text, TimePart
from bartizan.rules.refusals import Refused
from bartizan.rules.regexes import checked

__all__ = ["Placeholders", "predicates_of"]

Placeholders: TypeAlias = Mapping[str, Sequence[str]]

RUN: Final = 0
ONE: Final = 1
_HOW: Final[Mapping[str, str]] = {"t": "is", "t*": "start", "*t": "end", "*t*": "in"}
"""What a text asks by where its wildcards stand beside its plain part."""
_FLAGS: Final = (
    (SigmaRegularExpressionFlag.IGNORECASE, "i"),
    (SigmaRegularExpressionFlag.MULTILINE, "m"),
    (SigmaRegularExpressionFlag.DOTALL, "s"),
)
_COMPARE: Final[Mapping[CompareOperators, str]] = {
    CompareOperators.LT: "lt",
    CompareOperators.LTE: "lte",
    CompareOperators.GT: "gt",
    CompareOperators.GTE: "gte",
}
MAX_EXPANSION: Final = 100_000
"""Values that placeholder lists may multiply one value to: a list of 10,000 servers fits, lists of lists do not run away."""


def predicates_of(value: SigmaType, placeholders: Placeholders, *, keyword: bool = False) -> tuple[Predicate, ...]:
    """Return the predicates of which one must hold; a keyword's wildcards reach to both ends of a text."""
    if isinstance(value, SigmaExpansion):
        return tuple(one for inner in value.values for one in predicates_of(inner, placeholders, keyword=keyword))
    if isinstance(value, SigmaString):
        cased = isinstance(value, SigmaCasedString)
        return tuple(_text(parts, cased=cased, keyword=keyword) for parts in _expanded(value.s, placeholders))
    if isinstance(value, SigmaRegularExpression):
        return tuple(_regexes(value, placeholders))
    if keyword and type(value) in (SigmaNumber, SigmaBool):
        return (_text([str(value)], cased=False, keyword=True),)
    return (_CONVERT[type(value)](value),)


def _text(parts: Sequence[object], *, cased: bool, keyword: bool) -> Predicate:
    """Return the simplest predicate that says the same as a text with wildcards."""
    pieces: list[str | int] = []
    for part in [SpecialChars.WILDCARD_MULTI, *parts, SpecialChars.WILDCARD_MULTI] if keyword else parts:
        if isinstance(part, SpecialChars):
            _add_wildcard(pieces, part)
        elif part:
            plain = str(part) if cased else str(part).lower()
            pieces[-1:] = [str(pieces[-1]) + plain] if pieces and isinstance(pieces[-1], str) else [*pieces[-1:], plain]
    if not pieces:
        return Text("is", "", cased)
    if pieces == [RUN]:
        return AnyText()
    how = _HOW.get("".join("t" if isinstance(piece, str) else "*?"[piece] for piece in pieces))
    if how is None:
        return Glob(tuple(pieces), cased)
    return Text(how, next(piece for piece in pieces if isinstance(piece, str)), cased)


def _add_wildcard(pieces: list[str | int], wildcard: SpecialChars) -> None:
    """Add a wildcard; a run beside a run says nothing more."""
    if wildcard is SpecialChars.WILDCARD_SINGLE:
        pieces.append(ONE)
    elif pieces[-1:] != [RUN]:
        pieces.append(RUN)


def _regexes(value: SigmaRegularExpression, placeholders: Placeholders) -> Iterator[Predicate]:
    flags = "".join(letter for flag, letter in _FLAGS if flag in value.flags)
    for parts in _expanded(value.regexp.s, placeholders):
        copy = SigmaString()
        copy.s = list(parts)
        yield Regex(checked(copy.to_plain(), flags), flags)


def _expanded(parts: Sequence[Any], placeholders: Placeholders) -> Iterator[Sequence[Any]]:
    """Put the values of a list in the place of each placeholder; a listed value may hold wildcards, as if written in the rule."""
    if not any(isinstance(part, Placeholder) for part in parts):
        yield parts
        return
    choices = [_choices(part, placeholders) for part in parts]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MAX_EXPANSION:
        message = f"its placeholders stand for {count} values, more than {MAX_EXPANSION}: give shorter lists"
        raise Refused(message)
    for chosen in product(*choices):
        yield [part for some in chosen for part in some]


def _choices(part: object, placeholders: Placeholders) -> Sequence[Sequence[object]]:
    if not isinstance(part, Placeholder):
        return [[part]]
    if part.name not in placeholders:
        message = f"placeholder %{part.name}% has no list: give --placeholders"
        raise Refused(message)
    return [SigmaString(text).s for text in placeholders[part.name]]


def _number(value: SigmaNumber) -> Predicate:
    return Number(value.number)


def _bool(value: SigmaBool) -> Predicate:
    return Text("is", "true" if value.boolean else "false")


def _null(_value: SigmaNull) -> Predicate:
    return Null()


def _exists(value: SigmaExists) -> Predicate:
    return Exists(value.exists)


def _compare(value: SigmaCompareExpression) -> Predicate:
    number = value.number
    if isinstance(number, SigmaTimestampPart):
        return TimePart(number.timestamp_part.name.lower(), _COMPARE[value.op], number.number)
    return Compare(_COMPARE[value.op], number.number)


def _time(value: SigmaTimestampPart) -> Predicate:
    return TimePart(value.timestamp_part.name.lower(), "is", value.number)


def _network(value: SigmaCIDRExpression) -> Predicate:
    return Network(str(value.network))


def _reference(value: SigmaFieldReference) -> Predicate:
    how = {(True, True): "in", (True, False): "start", (False, True): "end", (False, False): "is"}
    return Reference(value.field, how[value.starts_with, value.ends_with])


_CONVERT: Final[Mapping[type, Callable[[Any], Predicate]]] = {
    SigmaNumber: _number,
    SigmaBool: _bool,
    SigmaNull: _null,
    SigmaExists: _exists,
    SigmaCompareExpression: _compare,
    SigmaTimestampPart: _time,
    SigmaCIDRExpression: _network,
    SigmaFieldReference: _reference,
}
