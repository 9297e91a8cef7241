"""Read the patterns of STIX 2.1 that name values, and say why of the others.

Source: STIX 2.1 section 9. An indicator here is a value that is bad by itself, so what is carried over is: comparisons with
``=``, ``IN`` and ``ISSUBSET``, joined by ``OR``; ``AND`` only where all of it are hashes, of which each names the file. The rest
(negation, order, regular expressions, qualifiers) would lose its meaning and is refused. The reader looks at each character once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.detect.indicators.contract import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST_VALUES", "NotCarried", "values_of"]

MOST_VALUES: Final = 10_000
"""Values of one pattern."""
_MOST_TEXT: Final = 1 << 20
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<path>[A-Za-z][\w-]*:[\w-]+(?:\.(?:'(?:[^'\\]|\\.)*'|[\w-]+)|\[(?:\*|\d+)\])*)"
    r"|(?P<sign>!=|<=|>=|[=<>\[\](),])|(?P<word>[A-Za-z]\w*)|(?P<number>-?\d[\d.]*))",
    re.DOTALL,
)
_KINDS: Final = {
    "ipv4-addr:value": Kind.IP,
    "ipv6-addr:value": Kind.IP,
    "domain-name:value": Kind.DOMAIN,
    "url:value": Kind.URL,
    "email-addr:value": Kind.EMAIL,
    "email-message:from_ref.value": Kind.EMAIL,
    "email-message:sender_ref.value": Kind.EMAIL,
    "network-traffic:dst_ref.value": Kind.IP,
    "network-traffic:src_ref.value": Kind.IP,
}
_HASHES: Final = re.compile(r"(?:file|artifact):(?:content_ref\.)?hashes\.'?(?:md5|sha-?1|sha-?256|sha-?512)'?", re.IGNORECASE)
_JA: Final = re.compile(r"network-traffic:.*ja(?P<digit>[34])(?:s)?(?:_?hash)?'?", re.IGNORECASE)
_REFUSED: Final = {
    "FOLLOWEDBY": "it asks for an order of events, which is a correlation rule",
    "WITHIN": "it asks for a span of time, which is a correlation rule",
    "REPEATS": "it asks for a number of events, which is a correlation rule",
    "START": "it is limited to a time: use valid_from and valid_until",
    "NOT": "it says what must not be",
    "MATCHES": "it is a regular expression, not a value: write a rule",
    "LIKE": "it is a pattern of text, not a value: write a rule",
    "ISSUPERSET": "it asks for a network around a network",
    "EXISTS": "it asks whether there is something, not for a value",
}


class NotCarried(Exception):  # noqa: N818 - names what the pattern is; it never leaves this room
    """The pattern cannot be looked for by its values; the text says why."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def values_of(pattern: str) -> list[tuple[Kind, str]]:
    """Return the values that a pattern names, as they are written there; NotCarried says why not."""
    if len(pattern) > _MOST_TEXT:
        message = f"a pattern of {len(pattern)} characters: more than {_MOST_TEXT} are not read"
        raise NotCarried(message)
    tokens = list(_tokens(pattern))
    found: list[tuple[Kind, str]] = []
    joined = False
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "path":
            at, values = _comparison(tokens, at)
            found.extend(values)
            if len(found) > MOST_VALUES:
                message = f"a pattern of more than {MOST_VALUES} values"
                raise NotCarried(message)
            continue
        _allowed(token)
        joined = joined or token.text == "AND"
        at += 1
    if joined and any(kind is not Kind.HASH for kind, _ in found):
        message = "AND: its values are bad only together"
        raise NotCarried(message)
    if not found:
        message = "it names no value"
        raise NotCarried(message)
    return found


def _tokens(pattern: str) -> Iterator[_Token]:
    at, depth = 0, 0
    while at < len(pattern):
        match = _TOKEN.match(pattern, at)
        if match is None:
            if pattern[at:].isspace():
                break
            message = f"it is no STIX pattern: character {at + 1} ({pattern[at : at + 20]!r}) is not understood"
            raise NotCarried(message)
        at = match.end()
        token = _Token(match.lastgroup or "", match[match.lastgroup or 0])
        depth += {"[": 1, "]": -1}.get(token.text, 0) if token.kind == "sign" else 0
        yield token
    if depth:
        message = "it is no STIX pattern: a bracket is not closed"
        raise NotCarried(message)


def _allowed(token: _Token) -> None:
    """Pass what joins comparisons; refuse the rest."""
    if (token.kind == "sign" and token.text in "[]()") or (token.kind == "word" and token.text in {"OR", "AND"}):
        return
    message = _REFUSED.get(token.text, f"it is no STIX pattern: '{token.text[:40]}' is not expected there")
    raise NotCarried(message if token.text not in _REFUSED else f"{token.text}: {message}")


def _comparison(tokens: list[_Token], at: int) -> tuple[int, list[tuple[Kind, str]]]:
    """Read one comparison; return where it ends and what it names."""
    path = tokens[at].text
    kind = _kind(path)
    operator = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if kind is None:
        message = f"{path}: no record is looked through for this property"
        raise NotCarried(message)
    if operator not in {"=", "IN", "ISSUBSET"}:
        why = _REFUSED.get(operator, "only =, IN and ISSUBSET name values")
        message = f"{operator}: {why}"
        raise NotCarried(message)
    end, texts = (at + 3, tokens[at + 2 : at + 3]) if operator != "IN" else _set(tokens, at + 2)
    if not texts or any(text.kind != "text" for text in texts):
        message = f"{path}: what it is compared with is no text in quotes"
        raise NotCarried(message)
    if operator == "ISSUBSET" and kind is not Kind.IP:
        message = "ISSUBSET: only addresses are in networks"
        raise NotCarried(message)
    return end, [_valued(kind, _unquoted(text.text)) for text in texts]


def _set(tokens: list[_Token], at: int) -> tuple[int, list[_Token]]:
    end = next((place for place in range(at, len(tokens)) if tokens[place].text == ")" and tokens[place].kind == "sign"), len(tokens))
    return end + 1, [token for token in tokens[at + 1 : end] if token.text != "," or token.kind != "sign"]


def _kind(path: str) -> Kind | None:
    if path in _KINDS:
        return _KINDS[path]
    if _HASHES.fullmatch(path):
        return Kind.HASH
    match = _JA.fullmatch(path)
    return None if match is None else (Kind.JA3 if match["digit"] == "3" else Kind.JA4)


def _valued(kind: Kind, text: str) -> tuple[Kind, str]:
    """Take an address with a prefix for the network that it is."""
    return (Kind.NETWORK, text) if kind is Kind.IP and "/" in text else (kind, text)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
