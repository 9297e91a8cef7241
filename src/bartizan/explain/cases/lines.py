"""Write cases as lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.detect.alerts.severity import NAMES
from bartizan.explain.cases.moments import places_of, who_of
from bartizan.explain.text import amount, moment, shorten, span, visible
from bartizan.investigate.contract import CORE
from bartizan.investigate.paths import link_id
from bartizan.schema.entities import EntityKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.explain.cases.moments import Moment
    from bartizan.explain.cases.page import CasePage
    from bartizan.explain.cases.summary import Sentence
    from bartizan.investigate.contract import Case, Link, Signal
    from bartizan.investigate.desk import CaseDesk
    from bartizan.investigate.journal import Entry
    from bartizan.investigate.paths import Hop
    from bartizan.investigate.reaching import Onward
    from bartizan.investigate.scope import Claim

__all__ = [
    "journal_lines",
    "list_lines",
    "page_lines",
    "path_lines",
    "plain_lines",
    "scope_lines",
    "sight_of",
    "split_lines",
    "timeline_lines",
]

_SHORT: Final = 8
"""Digits of a record's id that are shown: among a million records two share them by chance once in 4,000 pairs; --json has all."""
_RECORDS: Final = 40
_RINGS: Final = {
    CORE: "Core: records say that it is part of it",
    "suspected": "Suspected: to be confirmed or cleared",
    "cleared": "Cleared: somebody said that it is no part of it",
}


def list_lines(desk: CaseDesk, pages: Sequence[CasePage]) -> Iterator[str]:
    """Yield the cases, the highest score first, and how many findings are in none."""
    for number, page in enumerate(pages, 1):
        case = page.case
        grave = max(signal.severity_id for signal in case.signals)
        yield f"{number:>3}  {case.id}  {case.score:8,.0f}  {NAMES[grave].lower():13} {page.standing.state:9} {visible(page.headline)}"
        yield f"     {span(case.signals[0].first, case.signals[-1].last)}, {amount(sum(one.count for one in case.signals), 'finding')}"
        hosts = [claim.entity.value for claim in page.claims if claim.entity.kind is EntityKind.HOST and claim.ring == CORE]
        if hosts:
            yield f"     {visible(shorten(', '.join(hosts), 120))}"
        if page.standing.state != "new":
            yield f"     {visible(page.standing.why)}"
        yield ""
    inside = sum(signal.count for case in desk.cases for signal in case.signals)
    whole = sum(signal.count for signal in desk.signals)
    yield f"{amount(len(desk.cases), 'case')} of {inside:,} of {amount(whole, 'finding')}; the others are tied to nothing surprising"


def page_lines(page: CasePage) -> Iterator[str]:
    """Yield the page of a case."""
    case = page.case
    yield f"Case {case.id}: {visible(page.headline)}"
    yield f"{page.standing.state}: {visible(page.standing.why)}; score {case.score:,.0f}"
    yield ""
    yield from _paragraph(page.summary)
    yield ""
    yield f"What decides it ({amount(len(page.moments), 'moment')} of {amount(len(case.signals), 'signal')})"
    for one in page.moments:
        yield from _moment(one)
    yield ""
    for ring, title in _RINGS.items():
        held = [claim for claim in page.claims if claim.ring == ring]
        if held:
            yield title
            yield from map(_claim, held)
            yield ""
    if page.path:
        yield "ATT&CK path"
        for step in page.path:
            names = ", ".join(f"{uid} {name}" for uid, name in step.techniques)
            yield f"  {moment(step.since)}  {step.tactic:21} {shorten(names, 110)}  [{step.record[:_SHORT]}]"
        yield ""
    yield from _reach(page)
    yield from _unknown(page)
    yield from _doubts(page)
    yield f"Evidence: {amount(len(page.records), 'record')}"
    yield f"  {' '.join(record[:_SHORT] for record in page.records[:_RECORDS])}{' …' if len(page.records) > _RECORDS else ''}"


def plain_lines(page: CasePage) -> Iterator[str]:
    """Yield a case in plain words."""
    yield f"Case {page.case.id}"
    yield from (f"- {visible(sentence.text)}{_cites(sentence)}" for sentence in page.plain)


def _paragraph(sentences: Sequence[Sentence]) -> Iterator[str]:
    """Yield sentences as one paragraph of lines that are not too long."""
    words = " ".join(f"{sentence.text}{_cites(sentence)}" for sentence in sentences).split(" ")
    line = ""
    for word in words:
        if line and len(line) + len(word) >= _WIDTH:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
    yield line


_WIDTH: Final = 118


def _cites(sentence: Sentence) -> str:
    return f" [{' '.join(record[:_SHORT] for record in sentence.records)}]" if sentence.records else ""


def _moment(one: Moment) -> Iterator[str]:
    many = f", {one.count} times" if one.count > 1 else ""
    cited = one.records[0][:_SHORT] if one.records else one.signal[:_SHORT]
    yield f"  {moment(one.time)}  {NAMES[one.severity_id].lower():9} {visible(one.title)}{many}  [{cited}]"
    who = f" by {one.who}" if one.who else ""
    yield f"  {' ' * 19}  {visible(shorten(one.where + who, 110))}"
    if one.detail:
        yield f"  {' ' * 19}  {visible(shorten(one.detail, 110))}"


def _claim(claim: Claim) -> str:
    seen = moment(claim.first)[5:16] + (f" to {moment(claim.last)[11:16]}" if claim.last != claim.first else "")
    return f"  {claim.entity.kind.value:15} {visible(shorten(claim.entity.value, 56)):56} {seen:20} {visible(shorten(claim.why, 90))}"


def _doubts(page: CasePage) -> Iterator[str]:
    """Yield what hangs on one link, what is proposed, and what was noted."""
    if page.bridges:
        yield "Hangs on one link: look whether both parts are one thing (`bartizan case cut`)"
        for bridge in page.bridges:
            for link in bridge.links[:1]:
                yield f"  {link_id(link)}  {bridge.parts[0]} and {bridge.parts[1]} signals, {link.type}: {visible(link.reason)}"
        yield ""
    for proposal in page.proposals:
        other = proposal.other if proposal.one == page.case.id else proposal.one
        yield f"Proposed: links would make one case of this and {other} (`bartizan case merge`): {visible(proposal.links[0].reason)}"
    if page.notes:
        yield "Notes"
        yield from (visible(f"  {moment(entry.time)}  {entry.by}: {entry.body['text']}") for entry in page.notes)
        yield ""


def _reach(page: CasePage) -> Iterator[str]:
    """Yield what whoever holds the entities of the case can reach next, hop by hop, and what would see it."""
    if not page.reach:
        return
    yield "What can be reached next, by the last review of the cloud"
    for one in page.reach:
        told = f" if {', '.join(one.depends)}" if one.depends else ""
        ends = f"{shorten(str(one.entity), 90)} reaches {f'{one.kind} {one.name}'.strip()}"
        yield f"  {visible(ends)} in {amount(len(one.hops), 'hop')}{visible(told)}  [{one.record[:_SHORT]}]"
        for hop in one.hops:
            yield f"    {visible(hop.title)} -> {visible(shorten(hop.name, 60))}: {visible(shorten(sight_of(hop), 90))}"
    yield ""


def sight_of(hop: Onward) -> str:
    """Say what would see a hop."""
    if hop.detections:
        return f"seen by {hop.detections[0]}" + (f" and {len(hop.detections) - 1} more" if len(hop.detections) > 1 else "")
    return f"blind: no detection fires on {', '.join(hop.events)}" if hop.events else "leaves no record of its own"


def _unknown(page: CasePage) -> Iterator[str]:
    if page.blind:
        yield "Not visible"
        for one in page.blind:
            yield f"  {one.question} on {visible(one.host)}, {span(one.since, one.until)}: {one.why} ({one.table})"
        yield ""
    if page.collect:
        yield "Collect next"
        yield from (f"  - {visible(line)}" for line in page.collect)
        yield ""


def scope_lines(page: CasePage) -> Iterator[str]:
    """Yield the entities of a case by ring, with the records that say so, and what is not visible."""
    for ring, title in _RINGS.items():
        held = [claim for claim in page.claims if claim.ring == ring]
        if held:
            yield title
            for claim in held:
                yield f"{_claim(claim)}  [{' '.join(record[:_SHORT] for record in claim.records)}]"
            yield ""
    yield from _unknown(page)


def timeline_lines(moments: Sequence[Moment]) -> Iterator[str]:
    """Yield moments, those that are only suspected marked with a question mark."""
    for one in moments:
        mark = " " if one.core else "?"
        where = f"{one.where}{f' by {one.who}' if one.who else ''}"
        cited = one.records[0][:_SHORT] if one.records else one.signal[:_SHORT]
        many = f", {one.count} times" if one.count > 1 else ""
        yield f"{moment(one.time)} {mark} {NAMES[one.severity_id].lower():9} {visible(one.title)}{many}, {visible(where)}  [{cited}]"


def path_lines(names: tuple[str, str], hops: Sequence[Hop], shared: Sequence[Signal]) -> Iterator[str]:
    """Yield why two things are in one case."""
    if shared:
        yield f"{amount(len(shared), 'signal')} tell of both {visible(names[0])} and {visible(names[1])}:"
        yield from (f"  {_signal(signal)}" for signal in shared[:5])
        return
    if not hops:
        yield f"no path of links leads from {visible(names[0])} to {visible(names[1])}"
        return
    yield _signal(hops[0].start)
    for hop in hops:
        rests = f"; record {' '.join(hop.link.records)}" if hop.link.records else ""
        yield f"  {hop.link.type} link {link_id(hop.link)}, weight {hop.link.weight:.1f}: {visible(hop.link.reason)}{rests}"
        yield _signal(hop.end)


def split_lines(case: Case, links: Sequence[Link], parts: Sequence[Case]) -> Iterator[str]:
    """Yield what a case falls into when some links are cut."""
    yield f"Cut from case {case.id}: {amount(len(links), 'link')}"
    yield from (f"  {link_id(link)}  {link.type}: {visible(link.reason)}" for link in links[:10])
    lost = len(case.signals) - sum(len(part.signals) for part in parts)
    yield f"It falls into {amount(len(parts), 'case')}:" if len(parts) > 1 else "It stays one case: other links hold it together."
    for part in parts:
        hosts = sorted(entity.value for entity in part.entities if entity.kind is EntityKind.HOST)
        held = f"{amount(len(part.signals), 'signal')}, {span(part.signals[0].first, part.signals[-1].last)}"
        yield f"  {part.id}  {held}  {visible(shorten(', '.join(hosts), 80))}"
    if lost > 0:
        yield f"  {amount(lost, 'signal')} would be in no case"


def journal_lines(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield the entries of a journal."""
    for entry in entries:
        body = {name: value for name, value in entry.body.items() if name not in {"signals", "pairs", "cases"} and value}
        said = ", ".join(f"{name} {value}" for name, value in body.items())
        yield visible(f"{entry.seq:>4}  {moment(entry.time)}  {entry.type:8} {entry.by or 'bartizan':20} {said}")


def _signal(signal: Signal) -> str:
    who = who_of(signal)
    return visible(f"{moment(signal.first)}  {signal.title or signal.rule} {places_of(signal)}{f' by {who}' if who else ''}")
