"""Tell what an exception would hide, as lines and as JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.explain.text import amount, cell_text, moment, number, shorten, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.detect.tuning.hidden import Hidden, Preview

__all__ = ["preview", "preview_lines"]

_ENTITIES: Final = 10
_WIDTH: Final = 160


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
