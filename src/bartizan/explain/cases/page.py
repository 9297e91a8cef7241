"""Make the page of a case: what every face shows of it, in the order in which an analyst reads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bartizan.explain.cases.moments import Moment, moments_of
from bartizan.explain.cases.summary import Sentence, plain_of, summary_of
from bartizan.explain.text import amount, moment
from bartizan.investigate.contract import CORE, SUSPECTED
from bartizan.investigate.lineage.cases import lineages_of
from bartizan.investigate.paths import Bridge, bridges_of
from bartizan.investigate.reaching import Reach, reach_of
from bartizan.investigate.scope import Claim, scope_of
from bartizan.schema.attack import tactics as all_tactics
from bartizan.schema.attack import technique
from bartizan.schema.entities import EntityKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.investigate.contract import Case
    from bartizan.investigate.coverage import Blind
    from bartizan.investigate.decisions import Standing
    from bartizan.investigate.desk import CaseDesk
    from bartizan.investigate.journal import Entry
    from bartizan.investigate.proposals import Proposal

__all__ = ["CasePage", "Step", "page_of"]

_BRIDGES: Final = 5
_RECORDS: Final[dict[str, str]] = {
    "process_activity": "process starts (Sysmon 1, Security 4688, auditd execve, an EDR)",
    "authentication": "logons (Security 4624 and 4625, sshd, PAM, the identity provider)",
    "network_activity": "connections (Zeek, flow records, Sysmon 3, the firewall)",
    "file_activity": "file events (Sysmon 11, auditd, an EDR)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One tactic of the path: since when (ns UTC), by which techniques (id and name), and the first record of it."""

    tactic: str
    uid: str
    since: int
    techniques: tuple[tuple[str, str], ...]
    signals: int
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """Everything that is told of a case. Times in nanoseconds UTC."""

    case: Case
    standing: Standing
    headline: str
    summary: tuple[Sentence, ...]
    plain: tuple[Sentence, ...]
    moments: tuple[Moment, ...]
    claims: tuple[Claim, ...]
    path: tuple[Step, ...]
    blind: tuple[Blind, ...]
    collect: tuple[str, ...]
    notes: tuple[Entry, ...]
    bridges: tuple[Bridge, ...]
    proposals: tuple[Proposal, ...]
    records: tuple[str, ...]
    """Ids of all records that its findings are about, and of those that its links rest on."""
    reach: tuple[Reach, ...] = ()
    """What its entities can reach next, by what reviews of the cloud found."""

    @property
    def core(self) -> list[Claim]:
        """Return the claims of the core ring."""
        return [claim for claim in self.claims if claim.ring == CORE]


def page_of(desk: CaseDesk, case: Case, *, follow: bool = True) -> CasePage:
    """Return the page of a case; without ``follow`` what its processes caused is left out, for who only wants a list."""
    lineages = [lineage for _, lineage in lineages_of(desk.place, case)] if follow else []
    claims = [_cleared(desk, case, claim) for claim in scope_of(case, desk.ties, lineages)]
    blind = tuple(_blind(desk, case, claims))
    return CasePage(
        case=case,
        standing=desk.standing(case),
        headline=_headline(case, claims),
        summary=tuple(summary_of(case, claims)),
        plain=tuple(plain_of(case, claims, blind)),
        moments=tuple(moments_of(case)),
        claims=tuple(claims),
        path=tuple(_path(case)),
        blind=blind,
        collect=tuple(_collect(claims, blind)),
        notes=tuple(entry for entry in desk.decided.by_case.get(case.id, ()) if entry.type == "note"),
        bridges=tuple(bridges_of(case))[:_BRIDGES],
        proposals=tuple(one for one in desk.kept.proposals if case.id in {one.one, one.other}),
        records=_records(case),
        reach=reach_of(desk.place, claims) if follow else (),
    )


def _cleared(desk: CaseDesk, case: Case, claim: Claim) -> Claim:
    entry = desk.decided.cleared.get((case.id, str(claim.entity)))
    return claim if entry is None else replace(claim, ring="cleared", why=f"{entry.by} cleared it: {entry.body['comment']}")


def _headline(case: Case, claims: Sequence[Claim]) -> str:
    counts = Counter(claim.entity.kind for claim in claims if claim.ring == CORE)
    accounts = counts[EntityKind.USER] + counts[EntityKind.CLOUD_PRINCIPAL]
    parts = [amount(counts[EntityKind.HOST], "host"), amount(accounts, "account"), amount(counts[EntityKind.IP], "address", "addresses")]
    first = next((signal for signal in case.signals if signal.id in case.core), case.signals[0])
    return f"{first.title or first.rule}, and what followed on {', '.join(parts)}"


def _path(case: Case) -> Iterator[Step]:
    """Yield the tactics of a case in the order of the kill chain, with what findings tell of each."""
    for tactic in all_tactics():
        held = [signal for signal in case.signals if tactic.name in signal.tactics]
        if not held:
            continue
        found = {
            one
            for signal in held
            for finding in signal.findings
            for one in finding.techniques
            if tactic.shortname in technique(one).tactics
        }
        records = [record for signal in held for finding in signal.findings for record in finding.records]
        yield Step(
            tactic=tactic.name,
            uid=tactic.uid,
            since=held[0].first,
            techniques=tuple((uid, technique(uid).name) for uid in sorted(found)),
            signals=len(held),
            record=records[0] if records else held[0].sample,
        )


def _blind(desk: CaseDesk, case: Case, claims: Sequence[Claim]) -> Iterator[Blind]:
    for claim in claims:
        if claim.entity.kind is EntityKind.HOST and claim.ring != "cleared":
            yield from desk.coverage.blind(claim.entity.value, case.signals[0].first, case.signals[-1].last)


def _collect(claims: Sequence[Claim], blind: Sequence[Blind]) -> Iterator[str]:
    """Yield what to collect next: what nobody logged first, then what the entities held ask for."""
    missing: dict[str, list[str]] = {}
    for one in blind:
        missing.setdefault(one.table, []).append(one.host)
    for table, hosts in missing.items():
        yield f"{_RECORDS[table]} of {', '.join(dict.fromkeys(hosts))}: without them nobody can tell {blind_question(blind, table)}"
    core = {kind: [claim.entity.value for claim in claims if claim.ring == CORE and claim.entity.kind is kind] for kind in EntityKind}
    if outside := [*core[EntityKind.IP], *core[EntityKind.DOMAIN]]:
        yield f"every connection and name lookup of all hosts to {', '.join(outside)}, before and after the case, too"
    if people := core[EntityKind.USER]:
        since = moment(min(claim.first for claim in claims))
        yield f"every logon of {', '.join(people)} since {since} UTC; ask the owners which were theirs"
    if files := core[EntityKind.FILE]:
        yield f"the files {', '.join(files)} and their hashes, from every host of the core"
    suspected = [claim.entity.value for claim in claims if claim.ring == SUSPECTED and claim.entity.kind is EntityKind.HOST]
    if suspected:
        yield f"memory and a triage image of {', '.join(suspected)}, so that each can be confirmed or cleared"


def blind_question(blind: Sequence[Blind], table: str) -> str:
    """Return the question that records of a table would answer."""
    return next(one.question for one in blind if one.table == table)


def _records(case: Case) -> tuple[str, ...]:
    told = [record for signal in case.signals for finding in signal.findings for record in finding.records]
    return tuple(dict.fromkeys([*told, *(record for link in case.links for record in link.records)]))
