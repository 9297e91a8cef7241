"""Say in plain words what a rule asks and what a record holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from bartizan.schema.columns import ABSENT, Cell, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.rules.reference.tree import Ask

__all__ = ["cell_words", "field_words", "listed", "question", "quoted"]

LONGEST: Final = 120
"""Characters of a value that are shown: what a line of a wide terminal holds beside the name of its field."""
MOST: Final = 12
"""Values of a list that are named before the rest is counted; nine of ten published lists are shorter."""
_COMPARE: Final[Mapping[CompareOperators, str]] = {
    CompareOperators.LT: "is less than",
    CompareOperators.LTE: "is at most",
    CompareOperators.GT: "is greater than",
    CompareOperators.GTE: "is at least",
    CompareOperators.NEQ: "is not",
}
_ENCODED: Final[Mapping[str, str]] = {
    "windash": "with any kind of dash",
    "utf16le": "in UTF-16",
    "wide": "in UTF-16",
    "utf16": "in UTF-16 with its byte order mark",
    "utf16be": "in big-endian UTF-16",
    "base64": "in Base64",
    "base64offset": "in Base64 at any offset",
    "expand": "with each value of the placeholder",
    "cased": "in this letter case",
}
_PLACED: Final = (("re", "matches the expression"), ("contains", "contains"), ("startswith", "starts with"), ("endswith", "ends with"))
_FLAGS: Final = (("i", "in any letter case"), ("m", "line by line"), ("s", "over line breaks"))


def question(ask: Ask) -> tuple[str, str]:
    r"""Return the verb and the object of what is asked: ``("ends with", "'\\\\cmd.exe'")``."""
    notes = [words for modifier, words in _ENCODED.items() if modifier in ask.modifiers]
    if isinstance(ask.value, SigmaString | SigmaExpansion) and notes:
        verb = next((words for modifier, words in _PLACED if modifier in ask.modifiers), "is")
        return _keyword_verb(ask, verb), f"{quoted(ask.written)} ({', '.join(notes)})"
    verb, thing = _plain_question(ask.value)
    return _keyword_verb(ask, verb), thing


def listed(things: Sequence[str], joint: str) -> str:
    """Name some things, the rest counted: ``'a', 'b' or 'c'``."""
    if len(things) > MOST:
        return f"{', '.join(things[:MOST])} {joint} {len(things) - MOST} more"
    return f" {joint} ".join(filter(None, [", ".join(things[:-1]), things[-1]]))


def field_words(ask: Ask) -> str:
    """Return what a question is about: the name of the field, or any text of the record."""
    return "any text" if ask.field is None else ask.field


def cell_words(cell: Cell) -> str:
    """Return what a field holds, fit to be read."""
    if cell is ABSENT:
        return "no such field"
    if cell is None:
        return "null"
    if isinstance(cell, tuple):
        return f"the list {listed([cell_words(item) for item in cell], 'and')}" if cell else "an empty list"
    text = text_of(cell)
    if text is None:
        return "a mapping"
    return quoted(text) if isinstance(cell, str) else text


def quoted(text: str) -> str:
    """Return a text in quotes, shortened in the middle, with whatever cannot be printed written as an escape."""
    shown = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
    if len(shown) > LONGEST:
        half = LONGEST // 2
        shown = f"{shown[:half]}…{shown[-half:]}"
    return f"'{shown}'"


def _keyword_verb(ask: Ask, verb: str) -> str:
    return "contains" if ask.field is None and verb in ("is", "matches", "starts with", "ends with") else verb


def _plain_question(value: SigmaType) -> tuple[str, str]:
    if isinstance(value, SigmaString):
        return _string_question(value)
    if isinstance(value, SigmaNull):
        return "is", "null or missing"
    if isinstance(value, SigmaExists):
        return ("is", "there") if value.exists else ("is", "not there")
    if isinstance(value, SigmaRegularExpression):
        flags = "".join(flag.name[0].lower().replace("d", "s") for flag in value.flags)
        notes = ", ".join(words for letter, words in _FLAGS if letter in flags)
        return "matches the expression", f"{quoted(str(value.regexp))}{f' ({notes})' if notes else ''}"
    return _typed_question(value)


def _typed_question(value: SigmaType) -> tuple[str, str]:
    if isinstance(value, SigmaCIDRExpression):
        return "is an address in", str(value.network)
    if isinstance(value, SigmaCompareExpression):
        verb = _COMPARE[value.op]
        if isinstance(value.number, SigmaTimestampPart):
            verb = f"has {_part(value.number)} that {verb}"
        return verb, str(value.number.number)
    if isinstance(value, SigmaFieldReference):
        places = {(True, True): "contains", (True, False): "starts with", (False, True): "ends with", (False, False): "is"}
        return places[value.starts_with, value.ends_with], f"what the field {value.field} holds"
    if isinstance(value, SigmaTimestampPart):
        return f"has {_part(value)}", str(value.number)
    if isinstance(value, SigmaNumber):
        return "is", str(value.number)
    return "is", str(value.boolean).lower() if isinstance(value, SigmaBool) else type(value).__name__


def _part(value: SigmaTimestampPart) -> str:
    part = value.timestamp_part.name.lower()
    return f"{'an' if part == 'hour' else 'a'} {part}"


def _string_question(value: SigmaString) -> tuple[str, str]:
    parts = list(value.s)
    stars = [part is SpecialChars.WILDCARD_MULTI for part in parts]
    inner = parts[bool(stars[:1] == [True]) : len(parts) - bool(stars[-1:] == [True])]
    if len(parts) > 1 and all(isinstance(part, str) for part in inner):
        verbs = {(True, True): "contains", (True, False): "ends with", (False, True): "starts with", (False, False): "is"}
        return verbs[stars[0], stars[-1]], quoted("".join(str(part) for part in inner))
    if stars == [True]:
        return "is", "any text"
    if any(not isinstance(part, str) for part in parts):
        return "matches", quoted(str(value))
    return ("is", quoted(str(parts[0]))) if parts else ("is", "empty")
