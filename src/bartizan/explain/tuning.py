"""Tell what an exception would hide and what dominates a rule's findings, as lines and as JSON values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from bartizan.explain.text import amount, cell_text, moment, number, shorten, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.detect.tuning.dominance import Dominant
    from bartizan.detect.tuning.hidden import Hidden, Preview
    from bartizan.rules.contract import Rule

__all__ = ["Tuning", "preview", "preview_lines", "tuning", "tuning_lines"]

_ENTITIES: Final = 10
_WIDTH: Final = 160
_FIELDS: Final = 12
"""Fields that are shown: the most concentrated ones, the rest is in the JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What tuning a rule came to. ``exception`` and ``command`` are "" where nothing dominates."""

    rule: Rule
    findings: int
    looked_at: int
    table: Sequence[Dominant]
    exception: str
    preview: Preview | None
    broken_cases: Sequence[str]
    """Cases of the rule that would no longer come out as they say."""
    command: str


def tuning(told: Tuning) -> dict[str, object]:
    """Return what tuning came to as JSON values."""
    return {
        "rule": told.rule.id,
        "title": told.rule.title,
        "findings": told.findings,
        "looked_at": told.looked_at,
        "fields": [asdict(one) for one in told.table],
        "exception": told.exception,
        "preview": None if told.preview is None else preview(told.preview),
        "broken_cases": list(told.broken_cases),
        "command": told.command,
    }


def tuning_lines(told: Tuning) -> Iterator[str]:
    """Yield what tuning came to as lines of text."""
    seen = "" if told.looked_at == told.findings else f", of which the first {number(told.looked_at)} were looked at"
    yield visible(f"{told.rule.title} ({told.rule.id}): {amount(told.findings, 'finding')}{seen}")
    if told.table:
        yield f"{'share':>6} {'hosts':>6} {'users':>6} {'values':>7} {'bits':>6}  field and its commonest value"
    for one in told.table[:_FIELDS]:
        figures = f"{one.share:>6.1%} {one.hosts:>6,} {one.users:>6,} {one.distinct:>7,} {one.entropy:>6.2f}"
        yield visible(f"{figures}  {one.field}: {shorten(one.value, 90)}")
    if len(told.table) > _FIELDS:
        yield f"and {amount(len(told.table) - _FIELDS, 'more field')}"
    if told.preview is None:
        yield "no value dominates these findings: there is no exception to propose" if told.findings else "nothing to tune"
        return
    yield ""
    yield visible(told.exception, keep="\n").rstrip()
    yield ""
    yield from preview_lines(told.preview)
    if not told.preview.stays:
        yield "! it would hold back every finding of these logs: see whether the rule should be changed instead"
    if told.broken_cases:
        yield visible(f"! cases of the rule that would no longer come out as they say: {', '.join(told.broken_cases)}")
    else:
        yield "the rule's cases still come out as they say"
    yield ""
    yield visible(told.command)


def preview(found: Preview) -> dict[str, object]:
    """Return a preview as JSON values; times are epoch milliseconds UTC."""
    return {
        "hidden": found.hidden,
        "stays": found.stays,
        "unknown": found.unknown,
        "why_unknown": list(found.why),
        "levels": dict(found.levels),
        "high_or_critical": found.grave,
        "entities": [{"entity": name, "findings": count} for name, count in found.entities],
        "first": [_hidden(one) for one in found.first],
    }


def preview_lines(found: Preview) -> Iterator[str]:
    """Yield a preview as lines of text."""
    whole = found.hidden + found.stays + found.unknown
    yield f"would have hidden {number(found.hidden)} of {amount(whole, 'finding')}; {number(found.stays)} stay"
    if found.unknown:
        yield f"of {amount(found.unknown, 'finding')} it cannot be told: {'; '.join(map(visible, found.why))}"
    if found.grave:
        yield f"! {amount(found.grave, 'hidden finding')} of level high or critical"
    if found.entities:
        told = ", ".join(f"{visible(name)} ({number(count)})" for name, count in found.entities[:_ENTITIES])
        rest = len(found.entities) - _ENTITIES
        yield f"about {told}{f', and {number(rest)} more' if rest > 0 else ''}"
    for one in found.first:
        matched = "; ".join(f"{name}: {cell_text(value)}" for name, value in list(one.matched.items())[:3])
        line = f"  {moment(one.time)}  {one.level:8} {one.path}, record {number(one.record)}  {matched}"
        yield shorten(visible(line), _WIDTH)
    if found.hidden > len(found.first):
        yield f"  and {number(found.hidden - len(found.first))} more"


def _hidden(one: Hidden) -> dict[str, object]:
    return {
        "time": one.time // 1_000_000,
        "title": one.title,
        "level": one.level,
        "path": one.path,
        "record": one.record,
        "entities": list(one.entities),
        "matched": dict(one.matched),
    }
