"""Silences: alerts nobody wants to be told of until a stated moment. What they match goes on being counted."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.severity import NAMES
from bartizan.errors import UsageError
from bartizan.schema.entities import EntityKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.detect.alerts.contract import Key, RuleFacts, Subject

__all__ = ["MATCHABLE", "Silence", "parse_matchers"]

MATCHABLE: Final = ("alert", "rule", "title", "severity", *(kind.value for kind in EntityKind))


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Matchers that must all hold, and the time of events (ns UTC) in which they do: from ``start`` on, before ``until``."""

    id: str
    matchers: Key
    owner: str
    reason: str
    start: int
    until: int

    def covers(self, time: int) -> bool:
        """Say whether a moment lies within it."""
        return self.start <= time < self.until

    def matches(self, alert: str, rule: RuleFacts, severity_id: int, subject: Subject) -> bool:
        """Say whether every matcher holds. A pattern may use ``*`` and ``?``; upper and lower case are the same."""
        fixed = {"alert": [alert], "rule": [rule.id], "title": [rule.title], "severity": [NAMES[severity_id]]}
        return all(_any(fixed.get(name) or list(_named(subject, name)), pattern) for name, pattern in self.matchers)


def parse_matchers(texts: Sequence[str]) -> Key:
    """Read matchers like ``host=web-*`` or ``title=*scan*``; UsageError says what is wrong with one."""
    if not texts:
        message = f"a silence needs a matcher like host=web-1; names are {', '.join(MATCHABLE)}"
        raise UsageError(message)
    return tuple(sorted(_matcher(text) for text in texts))


def _matcher(text: str) -> tuple[str, str]:
    name, sign, pattern = text.partition("=")
    if not sign or not pattern or name not in MATCHABLE:
        message = f"'{text}' is no matcher; write NAME=PATTERN, NAME one of {', '.join(MATCHABLE)}"
        raise UsageError(message)
    return name, pattern


def _named(subject: Subject, kind: str) -> Iterator[str]:
    return (entity.value for entity in subject.entities if entity.kind.value == kind)


def _any(values: Sequence[str], pattern: str) -> bool:
    return any(fnmatch.fnmatchcase(value.casefold(), pattern.casefold()) for value in values)
