"""Turn the patterns of decoders into Python expressions whose named groups are the fields that they take out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.rules.imports.wazuh.patterns import UnknownPatternError, match_alternatives, os_regex

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Names", "located", "located_match"]

_GROUP: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?!\?)", re.DOTALL)
_NO_NAME: Final = re.compile(r"\W")
_SOME: Final = r"[\s\S]*?"


@dataclass(slots=True)
class Names:
    """Gives a group a name that no other group of the pattern has, and remembers which field it stands for."""

    fields: dict[str, list[str]] = field(default_factory=dict)

    def group(self, name: str) -> str:
        """Return the name of a new group for a field."""
        plain = _NO_NAME.sub("_", name)
        taken = {group for groups in self.fields.values() for group in groups}
        fresh = next(one for one in (plain, *(f"{plain}__{number}" for number in range(2, 1_000))) if one not in taken)
        self.fields.setdefault(name, []).append(fresh)
        return fresh


def located(pattern: str, kind: str, *, order: Sequence[str] = (), names: Names | None = None) -> str:
    """Return an expression that goes from where it begins to the end of the first place where a pattern is found.

    A pattern bound by ``^`` must be found where the expression begins. Groups take the names of ``order``.
    """
    known = names if names is not None else Names()
    if kind == "pcre2":
        found = _named(pattern, order, known)
        return f"{'' if pattern.startswith('^') else _SOME}(?:{found.removeprefix('^')})"
    if kind == "osmatch":
        return located_match(pattern)
    parts = []
    for alternative in _alternatives(pattern):
        translated = os_regex(alternative).regex
        bound = translated.startswith("^")
        # Each alternative counts its groups anew.
        parts.append(f"{'' if bound else _SOME}{_named(translated[bound:], order, known)}")
    return f"(?i:{'|'.join(parts)})"


def located_match(pattern: str) -> str:
    """Return the same for a pattern of OS_Match."""
    negated, parts = match_alternatives(pattern)
    if negated:
        message = "is negated, so it is found nowhere in particular"
        raise UnknownPatternError(message)
    found = [f"{'' if front else _SOME}{re.escape(text)}{chr(92) + 'Z' if end else ''}" for front, text, end in parts]
    return f"(?i:{'|'.join(found)})"


def _named(pattern: str, order: Sequence[str], names: Names) -> str:
    """Give the groups of a pattern the names of fields, in their order; those beyond it take nothing out."""
    left = list(order)

    def name(met: re.Match[str]) -> str:
        if met[0] != "(":
            return met[0]
        return f"(?P<{names.group(left.pop(0))}>" if left else "(?:"

    return _GROUP.sub(name, pattern)


def _alternatives(pattern: str) -> list[str]:
    """Part a pattern of OS_Regex at each ``|`` that no backslash stands before."""
    return [part.replace("\0", "\\|").replace("\1", "\\\\") for part in pattern.replace("\\\\", "\1").replace("\\|", "\0").split("|")]
