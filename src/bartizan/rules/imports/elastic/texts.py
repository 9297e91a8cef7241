"""Write values of Elastic's queries as Sigma does: what is a wildcard there is one here, and letter case counts as it does there."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from bartizan.rules.imports.asked import Is, plain

__all__ = ["Parts", "cut", "equal", "matching", "named", "parts_of", "pattern_of", "unescaped"]

Parts: TypeAlias = tuple[str, ...]
"""A value: plain texts with a wildcard between each two, ``*`` (any run of characters) or ``?`` (any one)."""
_SIGN: Final = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
_SIGMA: Final = re.compile(r"\\[*?\\]|.", re.DOTALL)
_SPOKEN: Final = {"t": "\t", "r": "\r", "n": "\n"}
_SPECIAL: Final = re.compile(r"[\\^$.|?*+()\[\]{}\-&~#]")


def parts_of(text: str, wildcards: str) -> Parts:
    """Cut a value as it is written at its wildcards; a backslash takes what a sign means."""
    pieces = [""]
    for met in _SIGN.finditer(text):
        if met[0] in wildcards:
            pieces += [met[0], ""]
        else:
            pieces[-1] += _spoken(met[0])
    return tuple(pieces)


def cut(pattern: str) -> Parts:
    """Cut a text of Sigma at its wildcards, as ``pattern_of`` joined it."""
    pieces = [""]
    for met in _SIGMA.finditer(pattern):
        if met[0] in {"*", "?"}:
            pieces += [met[0], ""]
        else:
            pieces[-1] += met[0][-1]
    return tuple(pieces)


def unescaped(text: str) -> str:
    """Read a text in which a backslash takes what a sign means, and nothing is a wildcard."""
    return "".join(map(_spoken, _SIGN.findall(text)))


def equal(field: str, parts: Parts) -> Is:
    """Ask that a field is a value, letter for letter: a keyword of Elastic is compared so. A lone wildcard asks that it is there."""
    return Is(field, pattern_of(parts), "cased" if any(part.lower() != part.upper() for part in parts[::2]) else "")


def matching(field: str, expression: str) -> Is:
    """Ask that a regular expression is found in a field."""
    return Is(field, expression, "re")


def named(field: str, parts: Parts, separator: str) -> Is:
    """Ask that the last part of a path is a value; a wildcard in it does not reach beyond that part."""
    if len(parts) == 1:
        text = pattern_of((separator + parts[0],))
        return Is(field, text, "endswith|cased" if parts[0].lower() != parts[0].upper() else "endswith")
    one = f"[^{_escaped(separator)}]"
    texts = (_escaped(part) if place % 2 == 0 else one + part.replace("?", "") for place, part in enumerate(parts))
    return matching(field, f"(?:^|{_escaped(separator)}){''.join(texts)}$")


def pattern_of(parts: Parts) -> str:
    """Return the value as a text of Sigma."""
    return "".join(plain(part) if place % 2 == 0 else part for place, part in enumerate(parts))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda met: "\\" + met[0], text)


def _spoken(sign: str) -> str:
    if len(sign) == 1:
        return sign
    return chr(int(sign.removeprefix("\\u"), 16)) if sign[2:] else _SPOKEN.get(sign[1], sign[1])
