"""Take in what a list holds, value by value, and keep its balance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.detect.indicators.contract import UNSAID, Indicator, ListBalance, Refused
from bartizan.detect.indicators.values import LONGEST, guess, normal, refanged

if TYPE_CHECKING:
    from bartizan.detect.indicators.contract import Kind

__all__ = ["Keeper", "Said"]

_EXAMPLES: Final = 20
_SHOWN: Final = 120
_REASONS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a list says of a value beside the value; times in nanoseconds UTC."""

    source: str
    confidence: int = UNSAID
    since: int | None = None
    until: int | None = None
    uid: str = ""
    name: str = ""


@dataclass(slots=True)
class Keeper:
    """One list while it is read."""

    path: str
    form: str = ""
    found: dict[tuple[Kind, str], Indicator] = field(default_factory=dict)
    read: int = 0
    duplicate: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[Refused] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def take(self, place: int, text: str, said: Said, kind: Kind | None = None) -> None:
        """Take in one value; without a ``kind`` it is told from the value."""
        if len(text) > LONGEST:
            self.refuse(place, text[:_SHOWN], f"longer than {LONGEST} characters")
            return
        plain = refanged(text)
        known = guess(plain) if kind is None else kind
        value = None if known is None else normal(known, plain)
        if known is None or value is None:
            self.refuse(place, text, "nothing that can be looked for" if known is None else f"is no {known.value}")
            return
        self.read += 1
        key = known, value
        if key in self.found:
            self.duplicate += 1
            return
        self.found[key] = Indicator(
            known, value, said.source, self.path, place, said.confidence, said.since, said.until, said.uid, said.name
        )

    def refuse(self, place: int, text: str, why: str) -> None:
        """Count what cannot be looked for."""
        self.read += 1
        self.reasons[why if why in self.reasons or len(self.reasons) < _REASONS else "other reasons"] += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(Refused(place, text[:_SHOWN], why))

    def balance(self) -> ListBalance:
        """Return what became of the list."""
        return ListBalance(
            path=self.path,
            form=self.form,
            read=self.read,
            kept=len(self.found),
            duplicate=self.duplicate,
            refused=self.reasons.total(),
            reasons=tuple(self.reasons.most_common()),
            examples=tuple(self.examples),
            problems=tuple(self.problems),
        )
