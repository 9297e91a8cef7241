"""Score findings against the truth of a simulated day: what was seen, what was missed, and what the false alarms came from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from bartizan.simulate.truth import Action, Truth

__all__ = ["Score", "Share", "score"]

_OTHER = "(everyday activity)"
_LINES = 10
"""How many causes a reader wants to see at once."""


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole``."""

    part: int
    whole: int

    @property
    def ratio(self) -> float | None:
        """Return the share as a number from 0 to 1; None where there is no whole."""
        return self.part / self.whole if self.whole else None

    def __str__(self) -> str:
        """Return the share with its numbers, ``31 of 62 (50.0 %)``."""
        return f"{self.part} of {self.whole}" + (f" ({self.part / self.whole:.1%})".replace("%", " %") if self.whole else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well findings tell what happened.

    An action is seen where any of its records has a finding; a technique or a tactic where any action of it is seen. A finding
    is one rule on one record, and true where that record is of the attack; a group is true where any of its records is.
    """

    actions: Share
    techniques: Share
    tactics: Share
    findings: Share
    groups: Share
    missed: tuple[Action, ...]
    causes: Mapping[str, int]
    """False findings by the noise family of their record, most first; what has no family is everyday activity."""
    rules: Mapping[str, int]
    """False findings by rule, most first."""

    def lines(self) -> list[str]:
        """Return the score as text, a line each."""
        told = [
            f"actions seen     {self.actions}",
            f"techniques seen  {self.techniques}",
            f"tactics seen     {self.tactics}",
            f"true findings    {self.findings}",
            f"true groups      {self.groups}",
        ]
        told += [
            f"missed           {action.time[11:19]} {action.host}: {action.what}{' (quiet)' if action.quiet else ''}"
            for action in self.missed
        ]
        told += [f"false findings   {count:>6} from {cause}" for cause, count in list(self.causes.items())[:_LINES]]
        return told


def score(findings_by_record: Mapping[str, Collection[str]], truth: Truth, *, groups: Iterable[Collection[str]] = ()) -> Score:
    """Score findings (record id, 32 hexadecimal digits -> ids of the rules that fired on it) against the truth.

    ``groups`` are the findings as shown to a reader: the record ids of each group, or of each entity.
    """
    found = {record: rules for record, rules in findings_by_record.items() if rules}
    seen = {truth.malicious[record] for record in found if record in truth.malicious}
    false = {record: rules for record, rules in found.items() if record not in truth.malicious}
    shown = [any(record in truth.malicious for record in group) for group in groups]
    causes: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for record, rules in false.items():
        causes[truth.causes.get(record, _OTHER)] += len(rules)
        names.update(rules)
    total = sum(len(rules) for rules in found.values())
    return Score(
        actions=Share(len(seen), len(truth.actions)),
        techniques=_reached(truth, seen, lambda action: action.techniques),
        tactics=_reached(truth, seen, lambda action: (action.tactic,)),
        findings=Share(total - sum(causes.values()), total),
        groups=Share(sum(shown), len(shown)),
        missed=tuple(action for action in truth.actions if action.id not in seen),
        causes=dict(causes.most_common()),
        rules=dict(names.most_common()),
    )


def _reached(truth: Truth, seen: Collection[str], names: Callable[[Action], Iterable[str]]) -> Share:
    wanted = {name for action in truth.actions for name in names(action)}
    return Share(len({name for action in truth.actions if action.id in seen for name in names(action)}), len(wanted))
