"""Write a review as lines for a terminal: what cannot be told is yellow and counted, never green."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.explain.text import amount, number, pretty_level, shorten, visible
from bartizan.review.cloud.contract import Verdict
from bartizan.review.cloud.ways import ASSUMED, BLIND, PERHAPS, SEEN, briefly, statement_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.explain.cloud.page import CloudPage, Failing
    from bartizan.review.cloud.contract import Judgement
    from bartizan.review.cloud.paths.choking import ChokePoints
    from bartizan.review.cloud.ways import HopTold, WayTold

__all__ = ["Ink", "choke_lines", "named", "page_lines", "place_of", "way_lines"]

_WIDE: Final = 118
_CHECKS: Final = 25
_RESOURCES: Final = 4
_WAYS: Final = 8
_UNTOLD: Final = 8
_GAPS: Final = 8
_CALLS: Final = 3
_CHOKES: Final = 3
_CODES: Final = {"critical": "1;31", "high": "31", "medium": "33", "low": "36", "yellow": "33", "bold": "1", "dim": "2", "green": "32"}


class Ink:
    """Colour for a terminal, or none."""

    def __init__(self, *, colour: bool) -> None:
        """Write colours only where they are wanted."""
        self._colour = colour

    def __call__(self, name: str, text: str) -> str:
        """Return text in a colour, bold or dim."""
        code = _CODES.get(name)
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and code else text


def page_lines(page: CloudPage, names: Mapping[str, tuple[str, str]], *, colour: bool = False) -> Iterator[str]:
    """Yield the page of a review; ``names`` gives the name and kind of a uid."""
    ink = Ink(colour=colour)
    facts = page.reviewed.facts
    yield ink("bold", f"Cloud review: {visible(page.headline)}")
    accounts = len({(one.provider, one.account) for one in facts.resources if one.account})
    yield ink(
        "dim",
        f"{amount(len(facts.resources), 'resource')} of {amount(len(page.kinds), 'kind')} in {amount(accounts, 'account')},"
        f" {amount(len(facts.principals), 'principal')}, {amount(len(facts.statements), 'statement')}",
    )
    yield ""
    yield from _levels(page, ink)
    yield from _ways(page, names, ink)
    yield from _failing(page, ink)
    yield from _untold(page, ink)


def _levels(page: CloudPage, ink: Ink) -> Iterator[str]:
    yield f"  {'':13} {'fail':>8} {'unknown':>8} {'pass':>8}"
    for level, counts in page.levels.items():
        if counts:
            yield f"  {ink(level, f'{pretty_level(level):13}')} {_counted(counts, ink)}"
    yield f"  {'all':13} {_counted(page.totals, ink)}"
    if page.excepted:
        yield f"  of the failures {amount(page.excepted, 'is', 'are')} accepted by an exception"
    yield ""


def _counted(counts: Mapping[Verdict, int], ink: Ink) -> str:
    fail, unknown, passed = (f"{counts.get(verdict, 0):8,}" for verdict in (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS))
    return f"{fail} {ink('yellow', unknown) if counts.get(Verdict.UNKNOWN) else unknown} {passed}"


def _ways(page: CloudPage, names: Mapping[str, tuple[str, str]], ink: Ink) -> Iterator[str]:
    reviewed = page.reviewed
    if not page.ways:
        untold = ink("yellow", f"; of {amount(len(reviewed.paths.undecided), 'hop')} it cannot be told") if reviewed.paths.undecided else ""
        yield f"No way leads anybody to everything in an account, or to a crown jewel, who does not have it already{untold}"
        yield ""
        return
    yield ink("bold", f"Ways to what matters ({number(len(page.ways) + reviewed.more)})")
    for way in page.ways[:_WAYS]:
        yield from way_lines(way, names, ink)
    rest = max(0, len(page.ways) - _WAYS) + reviewed.more
    if rest:
        yield ink("dim", f"  and {amount(rest, 'more way')}: bartizan cloud paths, --html or --json has them")
    yield from choke_lines(reviewed.chokes[:_CHOKES], names)
    if reviewed.paths.undecided:
        yield ink("yellow", f"  of {amount(len(reviewed.paths.undecided), 'hop')} it cannot be told whether they are there")
    yield ""


def choke_lines(chokes: Sequence[ChokePoints], names: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """Yield what to take away so that the fewest come to each goal."""
    for one in chokes:
        for place, point in enumerate(one.points):
            also = "also " if place else ""
            told = f"{also}without {briefly(statement_of(point.statement))}"
            gone = f"{point.vanish:,} of {amount(one.starts, 'start')} no longer {'comes' if point.vanish == 1 else 'come'}"
            yield f"  {visible(shorten(told, _WIDE))}: {gone} to {named(names, one.goal)}, {point.left:,} still do"


def way_lines(way: WayTold, names: Mapping[str, tuple[str, str]], ink: Ink) -> Iterator[str]:
    """Yield one way: its ends, then each hop with what allows it and who would see it."""
    told = f" if {', '.join(way.depends)}" if way.depends else ""
    ends = f"{named(names, way.start)} -> {named(names, way.goal)}"
    yield f"  {way.number}. {ink(way.level, pretty_level(way.level))} {ends} in {amount(len(way.hops), 'hop')}{visible(told)}"
    for hop in way.hops:
        yield f"     {named(names, hop.src)} -> {named(names, hop.dst)}: {visible(hop.title)}"
        assumed = [one for one in hop.allowed if one[1] == ASSUMED]
        for text, where in ([one for one in hop.allowed if one not in assumed][:2]) + assumed:
            read = where.partition("; ")[2]
            yield ink("dim", f"       {visible(shorten(briefly(text), _WIDE))}" + (f" [{visible(shorten(read, _WIDE))}]" if read else ""))
        yield f"       {_sight(hop, ink)}"


def _sight(hop: HopTold, ink: Ink) -> str:
    if hop.state == SEEN:
        more = f" and {len(hop.detections) - 1} more" if len(hop.detections) > 1 else ""
        return ink("green", f"seen by: {visible(hop.detections[0])}{more}")
    if hop.state == PERHAPS:
        more = f"; and {len(hop.detections) - 1} more" if len(hop.detections) > 1 else ""
        return ink("yellow", f"perhaps seen by: {visible(hop.detections[0])}{more}")
    if hop.state == BLIND:
        return ink("yellow", f"blind: no detection fires on {', '.join(hop.events[:3])}")
    return ink("dim", "leaves no record of its own" + (f": {visible(hop.silent)}" if hop.silent else ""))


def named(names: Mapping[str, tuple[str, str]], uid: str) -> str:
    """Return kind and name of a thing, its uid where nothing is known of it."""
    name, kind = names.get(uid, (uid, ""))
    return visible(shorten(f"{kind} {name}" if kind and uid != "internet" else name, 64))


def _failing(page: CloudPage, ink: Ink) -> Iterator[str]:
    held = [one for one in page.failing if one.open]
    if not held:
        return
    yield ink("bold", f"Checks that fail ({number(len(held))})")
    for one in held[:_CHECKS]:
        title = f"{visible(one.check.rule.title)} ({one.check.name})"
        yield f"  {ink(one.level, f'{pretty_level(one.level):9}')} {title}: {amount(len(one.open), 'resource')}"
        yield from _resources(one, ink)
    if len(held) > _CHECKS:
        yield ink("dim", f"  and {amount(len(held) - _CHECKS, 'more check')}: --json or --html has them")
    yield ""


def _resources(one: Failing, ink: Ink) -> Iterator[str]:
    for judgement in one.open[:_RESOURCES]:
        yield ink("dim", f"            {visible(shorten(place_of(judgement), _WIDE))}: {visible(shorten(judgement.why, _WIDE))}")
    if len(one.open) > _RESOURCES:
        yield ink("dim", f"            and {len(one.open) - _RESOURCES:,} more")


def place_of(judgement: Judgement) -> str:
    """Return a resource and where it was read, if that is a place in a file."""
    origin = judgement.resource.origin
    where = " ".join(filter(None, (origin.path, origin.place))) if origin.how != "live" else ""
    return f"{judgement.resource.uid} ({where})" if where else str(judgement.resource.uid)


def _untold(page: CloudPage, ink: Ink) -> Iterator[str]:
    """Yield what cannot be told, and why."""
    refused = page.reviewed.verdicts.refused
    if not page.yellow:
        yield ink("green", "Everything that was asked could be told.")
        return
    yield ink("yellow", "What cannot be told")
    yield from _some(
        [f"{amount(one.count, 'judgement')} of {amount(len(one.checks), 'check')}: {one.why}" for one in page.untold], _UNTOLD, ink
    )
    yield from _some(
        [f"{amount(one.count, 'hop')} of {amount(len(one.checks), 'rule')}: {briefly(one.why)}" for one in page.undecided], _UNTOLD, ink
    )
    if page.gaps:
        yield ink("yellow", f"What could not be read ({number(sum(one.count for one in page.gaps))})")
        yield from _some(
            [
                f"{one.count:,} {one.reason}: {', '.join(one.calls[:_CALLS])}{' …' if len(one.calls) > _CALLS else ''}: {one.detail}"
                for one in page.gaps
            ],
            _GAPS,
            ink,
        )
    if refused:
        yield ink("yellow", f"{amount(len(refused), 'document')} of the checks {'is' if len(refused) == 1 else 'are'} refused")
        yield from _some([f"{one.path}:{one.line}: {one.why}" for one in refused], _GAPS, ink)


def _some(lines: Sequence[str], most: int, ink: Ink) -> Iterator[str]:
    yield from (f"  {visible(shorten(line, 200))}" for line in lines[:most])
    if len(lines) > most:
        yield ink("dim", f"  and {amount(len(lines) - most, 'more reason')}")
