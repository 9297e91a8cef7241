"""Say of every entity of a case how certain it is that it is part of it, since when, and why.

Core: a signal of the core tells of it as who acted or as what was acted on. Suspected: only named in words, told of by a signal
that is suspected itself, or reached by a logon or connection from the core, after the core was there, of which no rule spoke.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.contract import HOUR
from bartizan.investigate.contract import CORE, SUSPECTED
from bartizan.investigate.linking import acting, names_one
from bartizan.schema.entities import Entity, EntityKind, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from bartizan.investigate.contract import Case, Finding, Named, Signal, Tie
    from bartizan.investigate.lineage.contract import Lineage, Step

__all__ = ["Claim", "scope_of"]

_TOLD: Final = frozenset(
    {EntityKind.HOST, EntityKind.USER, EntityKind.CLOUD_PRINCIPAL, EntityKind.IP, EntityKind.DOMAIN, EntityKind.FILE, EntityKind.HASH}
)
_EVIDENCE: Final = 3
_OF_SYSTEM: Final = re.compile(r"(?i)[a-z]:\\windows\\(?:system32|syswow64|winsxs)\\.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What is claimed of an entity. Times in nanoseconds UTC; ``records`` are ids of records that say so."""

    entity: Entity
    ring: str
    first: int
    last: int
    why: str
    signals: int
    records: tuple[str, ...]


@dataclass(slots=True)
class _Draft:
    first: int
    last: int
    core: list[Finding] = field(default_factory=list)
    other: list[Finding] = field(default_factory=list)
    signals: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)


def scope_of(case: Case, ties: Sequence[Tie] = (), lineages: Sequence[Lineage] = ()) -> list[Claim]:
    """Return a claim for every entity of a case: core first, by kind, then by time.

    ``ties`` and ``lineages`` widen the suspected ring: hosts that were reached, addresses that processes of the case
    connected to and programs that they wrote and started.
    """
    drafts: dict[Entity, _Draft] = {}
    for signal in case.signals:
        for entity in signal.entities if not signal.findings else ():
            _note(drafts, entity, signal, None, core=signal.id in case.core)
        for finding in signal.findings:
            for one in finding.named:
                if one.entity.kind in _TOLD and names_one(one.entity):
                    _note(drafts, one.entity, signal, (finding, one), core=signal.id in case.core and _is_part(one))
    claims = [_claim(entity, draft, case) for entity, draft in drafts.items()]
    known = {str(claim.entity) for claim in claims if claim.ring == CORE}
    cloud = {claim.entity.value.rpartition("/")[2] for claim in claims if claim.entity.kind is EntityKind.CLOUD_PRINCIPAL}
    # The user of a cloud identity is that identity, which its ARN names better.
    claims = [claim for claim in claims if not (claim.entity.kind is EntityKind.USER and claim.entity.value in cloud)]
    claims = [claim for claim in claims if not (claim.entity.kind is EntityKind.HASH and claim.ring == SUSPECTED)]
    claims += _reached(case, ties, {str(claim.entity) for claim in claims}, known)
    claims += _caused(lineages, {str(claim.entity) for claim in claims})
    return sorted(claims, key=lambda claim: (claim.ring != CORE, _ORDER.index(claim.entity.kind), claim.first, str(claim.entity)))


_ORDER: Final = (
    EntityKind.HOST,
    EntityKind.USER,
    EntityKind.CLOUD_PRINCIPAL,
    EntityKind.IP,
    EntityKind.DOMAIN,
    EntityKind.FILE,
    EntityKind.HASH,
)


def _is_part(one: Named) -> bool:
    """Say whether a finding tells of a thing as part of what happened: a host that is only written of is none."""
    return not (one.role is Role.OBJECT and one.rule == "named-in-text" and one.entity.kind is EntityKind.HOST)


def _note(drafts: dict[Entity, _Draft], entity: Entity, signal: Signal, told: tuple[Finding, Named] | None, *, core: bool) -> None:
    first, last = (signal.first, signal.last) if told is None else (told[0].time, told[0].time)
    draft = drafts.setdefault(entity, _Draft(first, last))
    draft.first, draft.last = min(first, draft.first), max(last, draft.last)
    draft.signals.add(signal.id)
    if told is not None:
        (draft.core if core else draft.other).append(told[0])
        draft.roles.add(_role(told[1]))
    elif core:
        draft.roles.add("rules fired on it")


def _role(one: Named) -> str:
    if one.rule == "named-in-text":
        return "written of"
    return {
        Role.DEVICE: "it happened there",
        Role.ACTOR: "it acted",
        Role.SOURCE: "it came from there",
        Role.TARGET: "it was acted on",
    }.get(one.role, "it took part")


def _claim(entity: Entity, draft: _Draft, case: Case) -> Claim:
    core = bool(draft.core) or (not draft.other and bool(draft.signals & case.core))
    findings = sorted(draft.core or draft.other, key=lambda one: (-one.severity_id, one.time, one.uid))
    records = tuple(dict.fromkeys(record for one in findings for record in one.records[:1]))[:_EVIDENCE]
    titles = list(dict.fromkeys(one.title for one in findings))
    others = f" and {len(titles) - 1} more" if titles[1:] else ""
    rules = f"{titles[0]}{others}" if titles else ""
    roles = ", ".join(sorted(draft.roles))
    return Claim(
        entity=entity,
        ring=CORE if core else SUSPECTED,
        first=draft.first,
        last=draft.last,
        why=f"{roles}: {rules}" if rules else roles,
        signals=len(draft.signals),
        records=records,
    )


def _caused(lineages: Sequence[Lineage], there: Collection[str]) -> Iterator[Claim]:
    """Yield the addresses that processes of the case connected to, and the files that they wrote and that were run."""
    steps = sorted({step for one in lineages for step in one.steps})
    run = {step.cause for step in steps if step.verb == "ran"}
    found: defaultdict[tuple[EntityKind, str], list[Step]] = defaultdict(list)
    for step in steps:
        if step.verb == "connected":
            found[EntityKind.IP, _address(step.effect.name)].append(step)
        elif step.verb == "wrote" and step.effect in run and not _OF_SYSTEM.fullmatch(step.effect.name):
            found[EntityKind.FILE, step.effect.name].append(step)
    for (kind, value), held in found.items():
        entity = Entity(kind, value)
        if str(entity) in there or not names_one(entity):
            continue
        what = "connected to it" if kind is EntityKind.IP else "wrote it, and it was run"
        yield Claim(
            entity=entity,
            ring=SUSPECTED,
            first=held[0].time,
            last=held[-1].time,
            why=f"a process of the case {what}" + (f", {len(held)} times" if len(held) > 1 else ""),
            signals=0,
            records=tuple(dict.fromkeys(step.record for step in held))[:_EVIDENCE],
        )


def _address(endpoint: str) -> str:
    """Return the address of ``address:port``; one with more colons than one is an IPv6 address, whose last part is the port."""
    address, colon, port = endpoint.rpartition(":")
    return address if colon and port.isdigit() and address else endpoint


def _reached(case: Case, ties: Sequence[Tie], there: Collection[str], core: Collection[str]) -> Iterator[Claim]:
    """Yield hosts to which accounts of the core logged on from its places, from their first signal to an hour after the last."""
    since: dict[str, int] = {}
    for signal in case.signals:
        for place in acting(signal) if signal.id in case.core else ():
            since.setdefault(str(place), signal.first)
    end = case.signals[-1].last + HOUR
    found: defaultdict[str, list[Tie]] = defaultdict(list)
    for tie in ties:
        kind, _, account = tie.type.partition(" ")
        if kind == "logon" and f"user:{account}" in core and since.get(tie.left, end) <= tie.time <= end and tie.right not in there:
            found[tie.right].append(tie)
    for name, held in sorted(found.items()):
        why = f"reached, and no rule spoke of it: {held[0].reason}"
        records = tuple(tie.record for tie in held[:_EVIDENCE])
        entity = Entity(EntityKind.HOST, name.removeprefix("host:"))
        yield Claim(entity=entity, ring=SUSPECTED, first=held[0].time, last=held[-1].time, why=why, signals=0, records=records)
