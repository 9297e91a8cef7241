"""Read and judge the conditions of role assignments (attribute-based access control).

Three values: what hangs on an attribute of which nothing is known is neither true nor false. The names in a resource id are known.
Source: Azure RBAC documentation, "Azure role assignment condition format and syntax".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.permission.azure.comparing import compared
from bartizan.review.cloud.permission.azure.operations import matches
from bartizan.review.cloud.permission.propositions import Propositions, Tokens, tokens_of
from bartizan.review.cloud.permission.truth import NO, YES, Truth, depends_on, no

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Asked", "condition_holds"]

_TOKENS: Final = re.compile(
    r"\s*(?:(?P<matches>(?:Sub)?(?:Action|Operation)Matches\s*\{[^}]*\})|(?P<attribute>@\w+\s*\[[^\]]*\])|(?P<set>\{[^}]*\})|(?P<text>'[^']*')"
    r"|(?P<sign>\(|\)|!|&&|\|\|)|(?P<word>[A-Za-z][A-Za-z:]*)|(?P<number>-?[0-9][0-9.]*))",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"'([^']*)'|([^\s,{}']+)")
_LONGEST: Final = 8192
"""The longest condition that Azure takes."""
_NAMES: Final = {
    "microsoft.storage/storageaccounts:name": "storageaccounts",
    "microsoft.storage/storageaccounts/blobservices/containers:name": "containers",
    "microsoft.storage/storageaccounts/blobservices/containers/blobs:path": "blobs",
    "microsoft.storage/storageaccounts/queueservices/queues:name": "queues",
}
"""Attributes that a resource id tells, and the name in it behind which they stand."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a request: what it does to what, and attributes by name in lower case."""

    action: str
    resource: str
    attributes: Mapping[str, Sequence[str]]

    def values(self, source: str, name: str) -> Sequence[str] | None:
        """Return the values of an attribute; () where it is known not to be there, None where nothing is known."""
        key = name.strip().lower()
        told = self.attributes.get(f"@{source}[{key}]".lower(), self.attributes.get(key))
        if told is not None or source.lower() != "resource" or key not in _NAMES:
            return told
        parts = self.resource.split("/")
        places = [at for at, part in enumerate(parts) if part.lower() == _NAMES[key]]
        if not places or places[-1] + 1 >= len(parts):
            return None
        rest = parts[places[-1] + 1 :]
        return ("/".join(rest) if _NAMES[key] == "blobs" else rest[0],)


def condition_holds(expression: str, asked: Asked) -> Truth:
    """Say whether a condition holds; one that cannot be read cannot be told."""
    return _Reader(tokens_of(_TOKENS, expression, _LONGEST), asked).judged(expression)


class _Reader(Propositions):
    """A place in a condition's tokens, and what it is judged by."""

    either = ("||", "or")
    both = ("&&", "and")
    negation = ("!", "not")
    words = ("sign", "word")

    def __init__(self, tokens: Tokens, asked: Asked) -> None:
        super().__init__(tokens)
        self._asked = asked

    def _test(self) -> Truth:
        kind, text = self._next()
        if kind == "matches":
            return self._matches(text)
        if kind == "word" and text.lower() in ("exists", "notexists"):
            values = self._values(*self._next())
            truth = depends_on(self._told(-1)) if values is None else YES if values else NO
            return no(truth) if text.lower() == "notexists" else truth
        left, told = self._values(kind, text), self._told(-1)
        operator = self._next()
        if operator[0] != "word":
            raise ValueError
        right = self._values(*self._next())
        if left is None or right is None:
            return depends_on(told if left is None else self._told(-1))
        return compared(operator[1], left, right, told)

    def _matches(self, text: str) -> Truth:
        patterns = [first or second for first, second in _QUOTED.findall(text.partition("{")[2])]
        if not text.lower().startswith("sub"):
            return YES if any(matches(pattern, self._asked.action) for pattern in patterns) else NO
        told = self._asked.attributes.get("suboperation")
        if told is None:
            return depends_on("SubOperation")
        return YES if any(one.lower() == pattern.lower() for one in told for pattern in patterns) else NO

    def _values(self, kind: str, text: str) -> Sequence[str] | None:
        if kind == "attribute":
            source, _, name = text[1:].partition("[")
            return self._asked.values(source.strip(), name.rstrip("]"))
        if kind == "set":
            return [first or second for first, second in _QUOTED.findall(text)]
        if kind in ("text", "number") or text.lower() in ("true", "false"):
            return [text.strip("'")]
        raise ValueError

    def _told(self, back: int) -> str:
        return self._tokens[self._at + back][1]
