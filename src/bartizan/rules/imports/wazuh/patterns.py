r"""Translate the pattern dialects of Wazuh 4: OS_Match (sregex), OS_Regex and PCRE2.

OS_Match: plain text; ``|`` parts alternatives, ``^`` and ``$`` bind the first and last character of one, ``!`` in front
negates the whole; there is no escape. OS_Regex: classes with a backslash, ``+`` and ``*`` behind those only, ``(`` and
``)`` take out, ``|`` parts alternatives. Both disregard the case of ASCII letters. (Wazuh documentation, "Regular
Expression Syntax", "Limitations" there.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bartizan.rules.imports.asked import ANY, Asked, Is, never, plain, some

__all__ = ["GREEDY", "Pattern", "UnknownPatternError", "asked_by", "match_alternatives", "os_regex"]

_CLASSES: Final = {
    "w": r"[A-Za-z0-9@_\-]",
    "W": r"[^A-Za-z0-9@_\-]",
    "d": "[0-9]",
    "D": "[^0-9]",
    "s": " ",
    "S": "[^ ]",
    "t": r"\t",
    "p": r"""[()*+,\-.:;<=>?\[\]!"'#$%&|{}]""",
    ".": r"[\s\S]",
}
_LITERALS: Final = "$()\\|<"
_ESCAPES: Final = re.compile(r"[.^$*+?{}\[\]\\|()]")
GREEDY: Final = "OS_Regex takes as much as it can for a repeated class and does not go back over two of them; a regular expression does"


class UnknownPatternError(ValueError):
    """A pattern is none of its dialect: why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern as a regular expression; ``doubtful`` where it may be found in more than the original is."""

    regex: str
    doubtful: bool = False


def asked_by(field: str, kind: str, text: str) -> tuple[Asked, bool]:
    """Return what a pattern asks of a field, and whether it may match more than the original."""
    if kind == "osmatch":
        return _asked_by_match(field, text), False
    if kind == "osregex":
        pattern = os_regex(text)
        return (Is(field, pattern.regex, "re|i") if pattern.regex else ANY), pattern.doubtful
    if kind == "string":
        return Is(field, plain(text), "cased"), False
    return Is(field, text, "re"), False


def match_alternatives(text: str) -> tuple[bool, list[tuple[bool, str, bool]]]:
    """Take a pattern of OS_Match apart: whether it is negated; of each alternative whether it is bound in front, its text, its end."""
    negated = text.startswith("!")
    parts = []
    for part in text[negated:].split("|"):
        front = part.startswith("^")
        rest = part[front:]
        end = rest.endswith("$")
        parts.append((front, rest[: len(rest) - end], end))
    return negated, parts


def _asked_by_match(field: str, text: str) -> Asked:
    negated, parts = match_alternatives(text)
    asked = some(_alternative(field, *part) for part in parts)
    return never(asked) if negated else asked


def _alternative(field: str, front: bool, text: str, end: bool) -> Asked:  # noqa: FBT001 - the three parts of an alternative
    if not text:
        return Is(field, "") if front and end else ANY
    how = {(True, True): "", (True, False): "startswith", (False, True): "endswith", (False, False): "contains"}[front, end]
    return Is(field, plain(text), how)


def os_regex(text: str) -> Pattern:
    """Return a pattern of OS_Regex as a Python regular expression; raises UnknownPatternError with the reason."""
    pieces: list[str] = []
    at, group, start = 0, False, True
    repeated = doubtful = False
    while at < len(text):
        letter = text[at]
        if letter == "\\":
            piece, step = _class(text, at)
            doubtful |= repeated and piece.endswith("*")
            repeated = piece[-1:] in ("+", "*") and step == 3  # noqa: PLR2004 - backslash, letter, modifier
            pieces.append(piece)
            at, start = at + step, False
            continue
        group = _grouping(letter, group=group)
        bound = (letter == "^" and start) or (letter == "$" and (at + 1 == len(text) or text[at + 1] in "|)"))
        pieces.append(r"\Z" if bound and letter == "$" else letter if bound or letter in "()|" else _literal(letter))
        repeated &= letter in "()"
        start = letter == "|" or (start and letter == "(")
        at += 1
    if group:
        message = "a bracket is open at its end"
        raise UnknownPatternError(message)
    return Pattern("".join(pieces), doubtful)


def _class(text: str, at: int) -> tuple[str, int]:
    """Return what a backslash and the letter behind it mean, and how many characters that takes."""
    letter = text[at + 1 : at + 2]
    if letter and letter in _LITERALS:
        return _literal(letter), 2
    if letter not in _CLASSES or not letter:
        message = f"'\\{letter}' is nothing in OS_Regex"
        raise UnknownPatternError(message)
    modifier = text[at + 2 : at + 3]
    return (_CLASSES[letter] + modifier, 3) if modifier and modifier in "+*" else (_CLASSES[letter], 2)


def _grouping(letter: str, *, group: bool) -> bool:
    """Say whether a group is open behind this character."""
    if letter in "+*":
        message = f"'{letter}' stands behind a plain character, which OS_Regex does not repeat"
        raise UnknownPatternError(message)
    if letter == "|" and group:
        message = "it has '|' in a group, which OS_Regex does not know"
        raise UnknownPatternError(message)
    if (letter == "(" and group) or (letter == ")" and not group):
        message = "its brackets do not fit together"
        raise UnknownPatternError(message)
    return letter == "(" or (group and letter != ")")


def _literal(letter: str) -> str:
    return _ESCAPES.sub(lambda met: "\\" + met[0], letter)
