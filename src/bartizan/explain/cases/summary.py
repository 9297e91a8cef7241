"""Sum a case up by rule: sentences of which each cites the records that say so; nothing is said that no record says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.explain.cases.moments import places_of, who_of
from bartizan.explain.text import amount, duration, moment, visible
from bartizan.investigate.contract import CORE, SUSPECTED
from bartizan.schema.attack import tactics as all_tactics
from bartizan.schema.entities import EntityKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.investigate.contract import Case, Link, Signal
    from bartizan.investigate.coverage import Blind
    from bartizan.investigate.scope import Claim

__all__ = ["Sentence", "plain_of", "summary_of"]

_CITED: Final = 3
_GRAVEST: Final = 4
_MOVES: Final = frozenset({"flow", "logon", "exposed"})
_PLAIN: Final = {
    "Initial Access": "they came in",
    "Execution": "they ran programs",
    "Persistence": "they made sure that they can come back",
    "Privilege Escalation": "they gained more rights",
    "Credential Access": "they took passwords or keys",
    "Lateral Movement": "they moved to other computers",
    "Collection": "they gathered data",
    "Command and Control": "the computers took orders from outside",
    "Exfiltration": "data was sent out",
    "Impact": "data or backups were destroyed or made unusable",
    "Defense Impairment": "they turned off protection or erased traces",
    "Discovery": "they looked around",
}
"""What a tactic means to somebody who has to decide and does not know the word."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and the ids of the records that say so."""

    text: str
    records: tuple[str, ...]


def summary_of(case: Case, claims: Sequence[Claim]) -> Iterator[Sentence]:
    """Yield the summary: the span, how it begins, then by time how it moved from place to place and what was gravest, how it ends."""
    core = [signal for signal in case.signals if signal.id in case.core]
    yield _span(case, claims)
    yield Sentence(f"It begins with “{_title(core[0])}”{_at(core[0])}.", _cited(core[0]))
    told = [(link.since, _moved(link)) for link in case.links if link.type in _MOVES and link.records]
    gravest = sorted(core, key=lambda signal: (-signal.severity_id, -signal.bits, signal.first, signal.id))
    for rule in list(dict.fromkeys(signal.rule for signal in gravest))[:_GRAVEST]:
        one = next(signal for signal in core if signal.rule == rule)
        if one.id not in {core[0].id, core[-1].id}:
            told.append((one.first, Sentence(f"“{_title(one)}”{_at(one)}.", _cited(one))))
    yield from dict.fromkeys(sentence for _, sentence in sorted(told, key=lambda pair: (pair[0], pair[1].text)))
    if core[-1].id != core[0].id:
        yield Sentence(f"The last that is known is “{_title(core[-1])}”{_at(core[-1])}.", _cited(core[-1]))


def plain_of(case: Case, claims: Sequence[Claim], blind: Sequence[Blind]) -> Iterator[Sentence]:
    """Yield the case for who does not know the words of the trade: what was touched, since when, what was done, what is not known."""
    core = [claim for claim in claims if claim.ring == CORE]
    hosts = [claim for claim in core if claim.entity.kind is EntityKind.HOST]
    people = [claim for claim in core if claim.entity.kind is EntityKind.USER]
    ends = (case.signals[0], case.signals[-1])
    yield Sentence(
        f"Since {moment(ends[0].first, seconds=False)} UTC somebody has probably been where they should not be; "
        f"the last trace is of {moment(ends[1].last, seconds=False)} UTC.",
        tuple(dict.fromkeys(record for signal in ends for record in _cited(signal)[:1])),
    )
    if hosts:
        yield Sentence(f"Touched: {amount(len(hosts), 'computer')}: {_names(hosts)}.", _of(hosts))
    if people:
        yield Sentence(f"Used or changed: {amount(len(people), 'account')}: {_names(people)}.", _of(people))
    for tactic in all_tactics():
        held = [signal for signal in case.signals if tactic.name in signal.tactics and signal.id in case.core]
        if held and tactic.name in _PLAIN:
            first = max(held, key=lambda signal: (signal.severity_id, signal.bits))
            when = moment(held[0].first, seconds=False)
            yield Sentence(f"From {when} UTC on {_PLAIN[tactic.name]} (“{_title(first)}”).", _cited(first))
    suspected = [claim for claim in claims if claim.ring == SUSPECTED and claim.entity.kind is EntityKind.HOST]
    if suspected:
        yield Sentence(f"Perhaps touched, not proven: {_names(suspected)}.", _of(suspected))
    for question in dict.fromkeys(one.question for one in blind):
        where = ", ".join(dict.fromkeys(one.host for one in blind if one.question == question))
        yield Sentence(f"Not known: {question} on {where}, because nobody kept such records in that time.", ())


def _span(case: Case, claims: Sequence[Claim]) -> Sentence:
    first, last = case.signals[0], case.signals[-1]
    findings = sum(signal.count for signal in case.signals)
    rules = len({signal.rule for signal in case.signals})
    tactics = len({tactic for signal in case.signals for tactic in signal.tactics})
    kinds = [claim.entity.kind for claim in claims if claim.ring == CORE]
    accounts = kinds.count(EntityKind.USER) + kinds.count(EntityKind.CLOUD_PRINCIPAL)
    addresses = amount(kinds.count(EntityKind.IP), "address", "addresses")
    about = f"{amount(kinds.count(EntityKind.HOST), 'host')}, {amount(accounts, 'account')} and {addresses}"
    reached = f" and reach {amount(tactics, 'tactic')} of ATT&CK" if tactics else ""
    span = f"Between {moment(first.first)} and {moment(last.last)} UTC ({duration(last.last - first.first)})"
    text = f"{span}, {amount(findings, 'finding')} of {amount(rules, 'rule')} concern {about}{reached}."
    return Sentence(text, tuple(dict.fromkeys((*_cited(first)[:1], *_cited(last)[-1:]))))


def _moved(link: Link) -> Sentence:
    return Sentence(f"A record says: {visible(link.reason)}.", link.records[:_CITED])


def _title(signal: Signal) -> str:
    return visible(signal.title or signal.rule)


def _at(signal: Signal) -> str:
    who = who_of(signal)
    where = places_of(signal)
    return visible(f" {where}" if where else "") + (visible(f" by {who}") if who else "") + f", {moment(signal.first)} UTC"


def _cited(signal: Signal) -> tuple[str, ...]:
    records = tuple(dict.fromkeys(record for finding in signal.findings for record in finding.records))
    return records[:_CITED] or (signal.sample,)


def _names(claims: Sequence[Claim]) -> str:
    return visible(", ".join(claim.entity.value for claim in claims))


def _of(claims: Sequence[Claim]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(record for claim in claims for record in claim.records[:1]))
