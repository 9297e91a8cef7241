"""Choose the moments that decide a case: what began it, what moved it to other places, and what was worst.

A signal is worth its bits times the weight of its severity. Signals are taken one by one, the worthiest first; what is about a
place or a rule that was told already is worth half for each time, and a tactic told for the first time counts double.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.severity import weight
from bartizan.investigate.linking import acting, targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.investigate.contract import Case, Finding, Signal

__all__ = ["MOMENTS", "Moment", "detail_of", "moment_of", "moments_of", "places_of", "who_of"]

MOMENTS: Final = 10
"""What one reads in a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened. ``time`` in nanoseconds UTC."""

    time: int
    title: str
    severity_id: int
    tactics: tuple[str, ...]
    techniques: tuple[str, ...]
    where: str
    who: str
    detail: str
    count: int
    signal: str
    findings: tuple[str, ...]
    records: tuple[str, ...]
    core: bool


def moments_of(case: Case, most: int = MOMENTS) -> list[Moment]:
    """Return the moments that decide a case, by time; its first signal of the core is always one."""
    core = [signal for signal in case.signals if signal.id in case.core]
    told: Counter[str] = Counter()
    tactics: set[str] = set()
    chosen: list[Signal] = []
    waiting = list(core)

    def worth(signal: Signal) -> tuple[float, int, str]:
        told_before = told[signal.rule] + max((told[str(place)] for place in acting(signal)), default=0) / 2
        fresh = 2.0 if set(signal.tactics) - tactics else 1.0
        return (-signal.bits * weight(signal.severity_id or 3) * fresh * 0.5**told_before, signal.first, signal.id)

    while waiting and len(chosen) < most:
        one = waiting[0] if not chosen else min(waiting, key=worth)
        waiting.remove(one)
        chosen.append(one)
        tactics.update(one.tactics)
        told.update([one.rule, *map(str, acting(one))])
    return [moment_of(case, signal) for signal in sorted(chosen, key=lambda signal: (signal.first, signal.id))]


def moment_of(case: Case, signal: Signal) -> Moment:
    """Return a signal as a moment."""
    first = signal.findings[0] if signal.findings else None
    return Moment(
        time=signal.first,
        title=signal.title or signal.rule,
        severity_id=signal.severity_id,
        tactics=signal.tactics,
        techniques=tuple(dict.fromkeys(one for finding in signal.findings for one in finding.techniques)),
        where=places_of(signal),
        who=who_of(signal),
        detail=detail_of(first) if first is not None else "",
        count=signal.count,
        signal=signal.id,
        findings=tuple(finding.uid for finding in signal.findings),
        records=tuple(dict.fromkeys(record for finding in signal.findings for record in finding.records)),
        core=signal.id in case.core,
    )


def places_of(signal: Signal) -> str:
    """Return where a signal happened, and from where where that is another place."""
    hosts = sorted(one.value for one in targets(signal)) or sorted(one.value for one in acting(signal) if one.kind.value == "host")
    sources = [one.value for one in acting(signal) if one.value not in hosts]
    return " ".join(filter(None, (f"on {', '.join(hosts)}" if hosts else "", f"from {', '.join(sources)}" if sources else "")))


def who_of(signal: Signal) -> str:
    """Return who acted, "" where no record says so: a cloud identity by its name, as it stands beside its ARN."""
    who = sorted(one.value for one in signal.entities if one.kind.value in {"user", "cloud-principal"})
    return ", ".join(f"user number {one}" if one.isdigit() else one for one in who)


def detail_of(finding: Finding) -> str:
    """Return the value that tells most of what matched: the longest."""
    values: Sequence[tuple[str, str]] = [pair for pair in finding.matched if pair[1]]
    name, value = max(values, key=lambda pair: (len(pair[1]), pair[0]), default=("", ""))
    return f"{name}: {value}" if name else ""
