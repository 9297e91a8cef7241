"""Put together what there is of cases in a folder: findings, what records say beside them, and what people decided."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from bartizan.detect.identities.stored import Chosen, kept_facts
from bartizan.errors import UsageError
from bartizan.investigate.building import signals_from
from bartizan.investigate.casing import cases_of
from bartizan.investigate.contract import METHOD
from bartizan.investigate.coverage import coverage_of
from bartizan.investigate.custody import answers_of, files_of
from bartizan.investigate.decisions import Standing, decided, standing_of
from bartizan.investigate.findings import Unread, read_findings
from bartizan.investigate.identifying import facts_of_records, hosts_of_records
from bartizan.investigate.journal import CaseJournal
from bartizan.investigate.naming import ADDRESS_RULES, NAME_RULES, Names
from bartizan.investigate.places import place_at
from bartizan.investigate.proposals import proposals_of
from bartizan.investigate.tables import reading
from bartizan.investigate.ties import ties_of
from bartizan.investigate.tying import asked_of, links_from
from bartizan.schema.entities import EntityKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bartizan.investigate.contract import Case, Finding, Link, Signal, Tie
    from bartizan.investigate.coverage import Coverage
    from bartizan.investigate.decisions import Decided
    from bartizan.investigate.journal import Entry
    from bartizan.investigate.places import Place
    from bartizan.investigate.proposals import Proposal
    from bartizan.investigate.signing import Signer

__all__ = ["FOLDER", "JOURNAL", "CaseDesk", "desk_at"]

FOLDER: Final = "cases"
JOURNAL: Final = "journal.ndjson"


@dataclass(frozen=True, slots=True)
class Kept:
    """The journal of a folder, what it comes to, and the merges that wait for somebody to decide."""

    journal: CaseJournal
    entries: Sequence[Entry]
    decided: Decided
    proposals: Sequence[Proposal]


@dataclass(frozen=True)
class CaseDesk:
    """The cases of a folder and everything that they follow from."""

    place: Place
    names: Names
    signals: Sequence[Signal]
    ties: Sequence[Tie]
    links: Sequence[Link]
    """Those that ties give."""
    cases: Sequence[Case]
    """The highest score first."""
    kept: Kept
    problems: Sequence[str]
    """What could not be read, of findings or of the journal; each says where."""

    @property
    def journal(self) -> CaseJournal:
        """Return the journal."""
        return self.kept.journal

    @property
    def entries(self) -> Sequence[Entry]:
        """Return what the journal holds."""
        return self.kept.entries

    @property
    def decided(self) -> Decided:
        """Return what people decided."""
        return self.kept.decided

    @cached_property
    def coverage(self) -> Coverage:
        """Return which kinds of record each host gave, hour by hour."""
        return coverage_of(self.place, self.names)

    @cached_property
    def findings(self) -> Mapping[str, Finding]:
        """Return the findings by id."""
        return {finding.uid: finding for signal in self.signals for finding in signal.findings}

    def standing(self, case: Case) -> Standing:
        """Return where a case stands."""
        return standing_of(case, self.decided.by_case.get(case.id, ()))

    def case(self, name: str) -> Case:
        """Return the case of this id, beginning of an id or place in the list. UsageError where there is none, or several."""
        if name.isdigit() and 0 < int(name) <= len(self.cases) and len(name) < _SHORTEST:
            return self.cases[int(name) - 1]
        found = [case for case in self.cases if case.id.startswith(name)]
        if len(found) != 1:
            message = f"'{name}' means {len(found)} of {len(self.cases)} cases; `bartizan case list` shows their ids"
            raise UsageError(message)
        return found[0]

    def remember(self, *, now: int) -> list[Entry]:
        """Write down which cases there are and what they follow from, where that has changed since it was last written."""
        last = self.last_derived
        files = files_of(self.place, () if last is None else last.body.get("files", ()))
        body = {**self.derived(), "files": files}
        if last is not None and _without_times(last.body) == _without_times(body):
            return []
        return self.journal.append([("derived", body)], by="", now=now)

    @property
    def last_derived(self) -> Entry | None:
        """Return the entry that says last which cases there are."""
        return next((entry for entry in reversed(self.entries) if entry.type == "derived"), None)

    def derived(self) -> dict[str, Any]:
        """Return what the cases follow from and which they are, so that another derivation can be held against it."""
        uids = sorted(self.findings)
        return {
            "method": METHOD,
            "findings": len(uids),
            "findings_sha256": hashlib.sha256("".join(uids).encode()).hexdigest(),
            "answers": answers_of(self.ties),
            "cases": [
                {"id": case.id, "anchor": case.signals[0].id, "signals": len(case.signals), "sha256": digest(case)} for case in self.cases
            ],
        }


_SHORTEST: Final = 4
"""Digits that are taken for the beginning of an id rather than a place in the list."""


def digest(case: Case) -> str:
    """Return a digest of which signals a case holds."""
    return hashlib.sha256("".join(signal.id for signal in case.signals).encode()).hexdigest()


def _without_times(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an entry says, but for when files were changed: a copy of a folder is as good as the folder."""
    files = [{name: value for name, value in one.items() if name != "changed"} for one in body.get("files", ())]
    return {**body, "files": files}


def desk_at(root: Path, signer: Signer | None = None) -> CaseDesk:
    """Return the cases of a folder that ``hunt --out`` wrote, or of a lake. InputError where it is neither.

    ``signer`` signs what is written down about them.
    """
    place, unread = place_at(root), Unread()
    found = [finding for path, lines in place.lines() for finding in read_findings(lines, path, unread)]
    names = _names(place, found)
    signals = signals_from([names.resolve(finding) for finding in found])
    ties = ties_of(place, names, asked_of(signals))
    links = links_from(signals, ties)
    journal = CaseJournal(root / FOLDER / JOURNAL, signer)
    entries, problems = journal.read()
    decisions = decided(entries)
    by_id = {signal.id: signal for signal in signals}
    more = [*links, *decisions.links(by_id)]
    cases = cases_of(signals, more=more, cut=decisions.cut)
    proposals = proposals_of(cases, decisions)
    if proposals:
        cases = cases_of(signals, more=more, cut=decisions.cut.union(*(one.pairs for one in proposals)))
    if unread.count:
        problems.append(f"{unread.count:,} lines are no findings that cases can be made of; the first: {unread.example}")
    kept = Kept(journal, entries, decisions, proposals)
    return CaseDesk(place, names, signals, ties, links, _known(cases, decisions), kept, problems)


def _names(place: Place, findings: Sequence[Finding]) -> Names:
    hosts = {one.entity.value for finding in findings for one in finding.named if one.entity.kind is EntityKind.HOST}
    if place.facts:
        facts, _ = kept_facts(place.facts, Chosen(rules=[*ADDRESS_RULES, *NAME_RULES]))
        hosts |= _scopes(place.facts)
    else:
        facts = facts_of_records(place)
        hosts |= hosts_of_records(place)
    hosts |= {fact.right for fact in facts if fact.rule in ADDRESS_RULES}
    return Names(hosts, facts)


def _scopes(files: Sequence[Path]) -> set[str]:
    prefix = "host:"
    found: set[str] = set()
    for path in files:
        with reading(path) as rows:
            found.update(scope for scope in rows.select("scope").unique().collect()["scope"] if scope)
    return {scope.removeprefix(prefix) for scope in found if scope.startswith(prefix)}


def _known(cases: Sequence[Case], decisions: Decided) -> list[Case]:
    """Give each case the id under which its signals were known first, so that earlier evidence that comes later does not rename it."""
    taken: set[str] = set()
    named = []
    for case in cases:
        known = [decisions.anchors[signal.id] for signal in case.signals if signal.id in decisions.anchors]
        name = next((one for one in known if one not in taken), case.id)
        taken.add(name)
        named.append(replace(case, id=name))
    return named
