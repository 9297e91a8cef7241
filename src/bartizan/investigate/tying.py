"""Make links of what records beside the findings say: who reached whom, and whose credentials lay where."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.contract import DAY, HOUR, MINUTE
from bartizan.investigate.contract import UNUSUAL_BITS, Link
from bartizan.investigate.linking import acting, weight_of
from bartizan.investigate.ties import Asked
from bartizan.schema.entities import EntityKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.investigate.contract import Named, Signal, Tie
    from bartizan.schema.entities import Entity

__all__ = ["asked_of", "links_from"]

_DEGREE: Final = 5
"""What is reached by, or reaches, more than so many of the things that findings name is a hub: a public server, a scanner."""
_SECOND: Final = 1_000_000_000
_SLACK: Final = MINUTE
_AFTER_LOGON: Final = HOUR
"""What an account does on a host within so long of its logon is thought to be of that logon."""
_BEFORE_LOGON: Final = 4 * HOUR
_AFTER_REACH: Final = 2 * HOUR
"""Credentials that lay on a host are thought to be used within so long of the intruder's coming there."""
_FLOW, _LOGON, _EXPOSED = 5.0, 6.0, 3.0


def asked_of(signals: Sequence[Signal]) -> Asked:
    """Return what unusual signals name and records are to be asked about."""
    found: defaultdict[EntityKind, set[str]] = defaultdict(set)
    for one in _named([signal for signal in signals if signal.bits >= UNUSUAL_BITS]):
        found[one.entity.kind].add(one.entity.value)
    return Asked(addresses=found[EntityKind.IP], hosts=found[EntityKind.HOST], processes=found[EntityKind.PROCESS])


def links_from(signals: Sequence[Signal], ties: Sequence[Tie]) -> list[Link]:
    """Return the links that ties give between unusual signals, sorted."""
    unusual = sorted((signal for signal in signals if signal.bits >= UNUSUAL_BITS), key=lambda signal: (signal.first, signal.id))
    index = _Index(unusual)
    found = {link.a + link.b + link.type: link for link in (*_flows(index, ties), *_logons(index, ties), *_exposed(index, ties))}
    return sorted(found.values())


class _Index:
    """Signals by what acts in them, and by everything that they name."""

    def __init__(self, signals: Sequence[Signal]) -> None:
        self.acting: defaultdict[str, list[Signal]] = defaultdict(list)
        self.naming: defaultdict[str, list[Signal]] = defaultdict(list)
        self.names: dict[str, frozenset[str]] = {}
        for signal in signals:
            for place in acting(signal):
                self.acting[str(place)].append(signal)
            self.names[signal.id] = frozenset(str(one.entity) for one in _named([signal]))
            for name in self.names[signal.id]:
                self.naming[name].append(signal)
        self.first_uses = _first_uses(signals)

    def of(self, name: str) -> Sequence[Signal]:
        """Return the signals of a thing: where it is a host those in which it acts."""
        return self.acting[name] if name.startswith("host:") else self.naming[name]


def _named(signals: Sequence[Signal]) -> Iterator[Named]:
    return (one for signal in signals for finding in signal.findings for one in finding.named)


def _first_uses(signals: Sequence[Signal]) -> dict[str, list[Signal]]:
    """Return, by the last part of its name, the first signal of each cloud identity from each place."""
    found: dict[tuple[Entity, Entity], Signal] = {}
    for signal in signals:
        who = {one.entity for one in _named([signal]) if one.entity.kind is EntityKind.CLOUD_PRINCIPAL}
        for pair in itertools.product(sorted(who, key=str), acting(signal)):
            found.setdefault(pair, signal)
    uses: defaultdict[str, list[Signal]] = defaultdict(list)
    for (principal, _), signal in found.items():
        uses[principal.value.rpartition("/")[2].lower()].append(signal)
    return uses


def _flows(index: _Index, ties: Sequence[Tie]) -> Iterator[Link]:
    flows = [tie for tie in ties if tie.type == "flow"]
    out, into = Counter(tie.left for tie in flows), Counter(tie.right for tie in flows)
    for tie in flows:
        if out[tie.left] > _DEGREE or into[tie.right] > _DEGREE:
            continue
        one, other = _nearest(index.of(tie.left), tie.time), _nearest(index.of(tie.right), tie.time)
        if one is not None and other is not None and one.id != other.id:
            yield _link("flow", one, other, tie, _FLOW)


def _nearest(signals: Sequence[Signal], time: int) -> Signal | None:
    near = [(abs(signal.first - time), signal.id, signal) for signal in signals if abs(signal.first - time) <= DAY]
    return min(near)[2] if near else None


def _logons(index: _Index, ties: Sequence[Tie]) -> Iterator[Link]:
    """Link what is unusual on a host after a logon to what came before it where the logon came from.

    What comes after is done by the same account, or by a process that began within a minute of the logon.
    """
    begun: defaultdict[str, list[Tie]] = defaultdict(list)
    for tie in ties:
        if tie.type == "began":
            begun[tie.left].append(tie)
    for tie in ties:
        kind, _, account = tie.type.partition(" ")
        before = [signal for signal in index.of(tie.left) if -_SLACK <= tie.time - signal.first <= _BEFORE_LOGON] if kind == "logon" else []
        if not before:
            continue
        names = {one.right for one in begun[tie.right] if 0 <= one.time - tie.time <= _SLACK}
        after = [
            signal
            for signal in index.acting[tie.right]
            if (f"user:{account}" in index.names[signal.id] and -_SLACK <= signal.first - tie.time <= _AFTER_LOGON)
            or (names & index.names[signal.id] and signal.first >= tie.time)
        ]
        if after and (first := _gravest(before)).id != after[0].id:
            yield _link("logon", first, after[0], tie, _LOGON)


def _exposed(index: _Index, ties: Sequence[Tie]) -> Iterator[Link]:
    """Link a cloud identity's first use from an address to the host, reached before, that held a session of its namesake."""
    for tie in ties:
        if tie.type != "session":
            continue
        local = tie.right.removeprefix("user:").rpartition("\\")[2]
        for used in index.first_uses.get(local, ()):
            reached = [
                signal for signal in index.naming[tie.left] if 0 <= used.first - signal.first <= _AFTER_REACH and signal.id != used.id
            ]
            if reached and tie.time <= used.first:
                yield _link("exposed", _gravest(reached), used, tie, _EXPOSED)


def _gravest(signals: Sequence[Signal]) -> Signal:
    """Return the signal that tells most: the gravest rule, then the most bits, then the latest."""
    return max(signals, key=lambda signal: (signal.severity_id, signal.bits, signal.first, signal.id))


def _link(kind: str, one: Signal, other: Signal, tie: Tie, strength: float) -> Link:
    first, second = sorted((one, other), key=lambda signal: (signal.first, signal.id))
    apart = min((second.first - first.first) / DAY, 1.0)
    later = f"{(second.first - first.first) / MINUTE:.0f} minutes after that host was reached"
    at = datetime.fromtimestamp(tie.time // _SECOND, UTC).isoformat(sep=" ")[:19]
    reason = f"{tie.reason} at {at} UTC" + (f", and an identity of the same name is used {later}" if kind == "exposed" else "")
    weight = weight_of(strength, share=1 / 2, apart=apart)
    return Link(
        first.id, second.id, kind, f"{tie.left} -> {tie.right}", weight, second.first, reason, records=(tie.record,), since=tie.time
    )
