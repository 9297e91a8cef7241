"""Put together what findings, cases, identity facts and records say of one entity."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.detect.identities.contract import CONTESTED
from bartizan.detect.identities.stored import Chosen, kept_facts
from bartizan.errors import UsageError
from bartizan.investigate.linking import hubs_of
from bartizan.investigate.scope import scope_of
from bartizan.schema.entities import Entity, EntityKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.detect.identities.contract import Fact
    from bartizan.investigate.contract import Finding, Tie
    from bartizan.investigate.coverage import Blind
    from bartizan.investigate.desk import CaseDesk
    from bartizan.investigate.scope import Claim

__all__ = ["Profile", "profile_of"]

_MOST: Final = 200
_DOUBTFUL: Final = ("inbound-address", "session-", "process-")
"""Facts by the thousand that say little of whose a name is: every listener's peer, every logon and every process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Everything that is told of an entity. ``findings`` by time."""

    entity: Entity
    findings: Sequence[Finding]
    names: Sequence[tuple[str, str]]
    """Rules by which other names in records were brought into this one, and how often."""
    facts: Sequence[Fact]
    """Identity facts that tie it to another name, at most 200."""
    cases: Sequence[tuple[str, Claim]]
    """Ids of the cases it is part of, and what each claims of it."""
    neighbours: Sequence[tuple[Entity, int]]
    """What findings name together with it, most often first."""
    ties: Sequence[Tie]
    blind: Sequence[Blind]
    hub: bool
    """Whether it is a hub, which ties nothing."""


def profile_of(desk: CaseDesk, name: str) -> Profile:
    """Return what there is of an entity by ``kind:value`` or by its value. UsageError where nothing names it, or several do."""
    named = {one.entity for finding in desk.findings.values() for one in finding.named}
    named |= {claim.entity for case in desk.cases for claim in scope_of(case, desk.ties)}
    entity = _chosen(name, named)
    findings = sorted(
        (finding for finding in desk.findings.values() if any(one.entity == entity for one in finding.named)),
        key=lambda finding: (finding.time, finding.uid),
    )
    rules = Counter(one.rule for finding in findings for one in finding.named if one.entity == entity and one.rule)
    beside = Counter(other for finding in findings for other in {one.entity for one in finding.named} if other != entity)
    short = entity.value.partition(".")[0] if entity.kind is EntityKind.HOST else entity.value
    told, _ = kept_facts(desk.place.facts, Chosen(of=sorted({entity.value, short})))
    facts = [fact for fact in told if fact.ends != CONTESTED and not fact.rule.startswith(_DOUBTFUL)][:_MOST]
    claims = [(case.id, claim) for case in desk.cases for claim in scope_of(case, desk.ties) if claim.entity == entity]
    return Profile(
        entity=entity,
        findings=findings,
        names=[(rule, str(count)) for rule, count in rules.most_common()],
        facts=facts,
        cases=claims,
        neighbours=sorted(beside.items(), key=lambda pair: (-pair[1], str(pair[0]))),
        ties=[tie for tie in desk.ties if str(entity) in {tie.left, tie.right}],
        blind=list(desk.coverage.blind(entity.value, *_span(desk, findings))) if entity.kind is EntityKind.HOST else [],
        hub=entity in hubs_of(desk.signals),
    )


def _span(desk: CaseDesk, findings: Sequence[Finding]) -> tuple[int, int]:
    """Return the stretch asked about: that of its findings, else that of all."""
    times = [finding.time for finding in findings or desk.findings.values()]
    return (min(times), max(times)) if times else (0, 0)


def _chosen(name: str, named: set[Entity]) -> Entity:
    wanted = name.lower()
    found = sorted((one for one in named if wanted in {str(one).lower(), one.value.lower()}), key=str)
    if len(found) == 1:
        return found[0]
    if found:
        message = f"'{name}' is {', '.join(map(str, found))}: write the kind, too"
    else:
        bare = wanted.partition(":")[2] or wanted
        near = sorted(str(one) for one in named if bare in one.value.lower())[:5]
        message = f"no finding names '{name}'" + (f"; did you mean {', '.join(near)}?" if near else "")
    raise UsageError(message)
