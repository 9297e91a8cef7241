"""Show the story: who is at risk and why, what happened to them in order of time, and the records to read first."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from bartizan.explain.risk import level_of, notable
from bartizan.explain.terminal.plot import COLOURS, TIMES
from bartizan.explain.text import amount, cell_text, moment, number, numbered, pretty_level, span, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from bartizan.detect.contract import Outcome
    from bartizan.explain.reading import Reading
    from bartizan.explain.risk import EntityRisk, RuleShare
    from bartizan.explain.story import Story
    from bartizan.explain.terminal.plot import Ink

__all__ = ["head", "readings", "tale"]

_ENTITIES: Final = 10
_RULES: Final = 7
"""Rules told per entity, those with the most points; the rest is counted."""
_BAR: Final = 16


def head(outcome: Outcome, story: Story, ink: Ink) -> Iterator[RenderableType]:
    """Yield what was looked at, the result in a sentence, and what the result does not cover."""
    records = f"{amount(outcome.events, 'record')} · {span(outcome.first, outcome.last)}" if outcome.events else "no records"
    yield ink.text(("Bartizan hunt", "bold"), " · ", records)
    for caveat in story.caveats:
        yield ink.marked(("!", "bold yellow"), caveat)
    yield ink.text("\n", (visible(story.headline), "bold"))


def tale(story: Story, ink: Ink) -> Iterator[RenderableType]:
    """Yield the ranked entities, each with why, the tactics reached and its timeline."""
    if not story.findings:
        return
    yield ink.title("Who is at risk")
    levels = [(f"{number(count)} {level}", COLOURS[level]) for level, count in story.levels.items() if count]
    yield ink.text(*(part for pair in zip(levels, [" · "] * (len(levels) - 1) + [""], strict=True) for part in pair))
    if story.tactics:
        yield ink.text("tactics reached: ", " → ".join(tactic.name for tactic in story.tactics))
    most = story.entities[0].risk if story.entities else 0.0
    shown = notable(story.entities, _ENTITIES)
    for place, entity in enumerate(shown, 1):
        yield from _entity(place, entity, most, ink)
    rest = story.entities[len(shown) :]
    if rest:
        yield ink.text(f"\nand {amount(len(rest), 'more entity', 'more entities')}, none above risk {rest[0].risk:,.1f}")
    if story.unnamed:
        yield ink.text(f"\nand {amount(story.unnamed, 'finding')} without a host, user or address")


def readings(story: Story, ink: Ink) -> Iterator[RenderableType]:
    """Yield the records to read first, in order of time."""
    if not story.readings:
        return
    yield ink.title(f"Read {'this record' if len(story.readings) == 1 else f'these {len(story.readings)} records'} first")
    for reading in story.readings:
        yield from _reading(reading, ink)


def _entity(place: int, entity: EntityRisk, most: float, ink: Ink) -> Iterator[RenderableType]:
    name = ink.foreign(str(entity.entity), ink.width - _BAR - 30)
    bar = ink.bar(entity.risk / most if most else 0.0, _BAR)
    style = COLOURS[entity.level]
    yield ink.text(f"\n{place:>2}. ", (name, "bold"), "  ", (f"risk {entity.risk:,.1f} ", ""), (bar, style), f" {entity.level}")
    yield ink.indented("why: ", entity.why)
    if entity.tactics:
        yield ink.indented(" → ".join(tactic.name for tactic in entity.tactics))
    told = sorted(entity.shares[:_RULES], key=lambda share: (share.first, share.rule.id))
    for day, shares in groupby(told, key=lambda share: moment(share.first)[:10]):
        yield ink.indented((day, "bright_black"))
        yield from (_line(share, ink) for share in shares)
    rest = entity.shares[_RULES:]
    if rest:
        findings = amount(sum(share.count for share in rest), "finding")
        yield ink.indented(f"and {amount(len(rest), 'more rule')} ({findings})")


def _line(share: RuleShare, ink: Ink) -> RenderableType:
    level = level_of(share.rule)
    count = f"{TIMES}{number(share.count)}" if share.count > 1 else ""
    at = moment(share.first)[11:]
    title = ink.foreign(share.rule.title, ink.width - 34)
    return ink.indented(f"{at:<8}  ", (f"{pretty_level(level):<8}", COLOURS[level]), f" {count:>6}  ", title, by=6)


def _reading(reading: Reading, ink: Ink) -> Iterator[RenderableType]:
    evidence, rule = reading.evidence, reading.rules[0]
    level = level_of(rule)
    more = f"  and {amount(len(reading.rules) - 1, 'more rule')}" if len(reading.rules) > 1 else ""
    title = ink.foreign(rule.title, max(20, ink.width - 34 - len(more)))
    yield ink.text(f"\n{moment(evidence.time)}  ", (f"{pretty_level(level):<8}", COLOURS[level]), " ", (title, "bold"), more)
    place = numbered(evidence.record)
    yield ink.indented((ink.foreign(evidence.path, ink.width - 4 - len(place)) + place, "bright_black"))
    for field, cell in list(evidence.matched.items())[:3]:
        name = ink.foreign(field, 24)
        yield ink.indented((f"{name}: ", "bright_black"), ink.foreign(cell_text(cell), ink.width - 6 - len(name)))
