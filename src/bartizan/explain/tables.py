"""Write findings as a table for a spreadsheet and the story as Markdown for a ticket.

Log data is hostile to both: a spreadsheet runs a cell that begins like a formula, Markdown shows a link or HTML that an
attacker wrote. Neither is possible in what is written here.
"""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import TYPE_CHECKING, Final

from bartizan.explain.risk import level_of, notable
from bartizan.explain.text import amount, cell_text, moment, number, numbered, shorten, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.detect.contract import Group
    from bartizan.explain.story import Story

__all__ = ["COLUMNS", "as_csv", "as_markdown", "safe_cell"]

COLUMNS: Final = ("first", "last", "count", "level", "rule_id", "rule_title", "entities", "tags", "record_id", "path", "record", "matched")
"""The columns of the CSV table, one row per group of findings; the last four are of its first record."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute (OWASP, CSV injection)."""

_MARKDOWN: Final = re.compile(r"([\\`*_\[\]{}<>#|!~&])")


def as_csv(groups: Sequence[Group]) -> Iterator[str]:
    """Yield the lines of a CSV table (RFC 4180, CRLF, with a header), in the order of the groups."""
    yield _line(COLUMNS)
    for group in groups:
        yield _line(map(safe_cell, _row(group)))


def safe_cell(text: str) -> str:
    """Return text as a cell that no spreadsheet computes: an apostrophe goes before what begins like a formula."""
    shown = visible(text)
    return "'" + shown if shown.lstrip(" ").startswith(_FORMULA) else shown


def as_markdown(story: Story) -> str:
    """Return the story in short as Markdown: what it does not cover, the entities at risk and the records to read first."""
    lines = [f"# {_escaped(story.headline)}", ""]
    lines += [f"- {_escaped(caveat)}" for caveat in story.caveats]
    shown = notable(story.entities, 10)
    if shown:
        lines += ["", "## Who is at risk", "", "| entity | risk | gravest | findings | why | tactics |", "|---|--:|---|--:|---|---|"]
        for one in shown:
            reached = ", ".join(tactic.name for tactic in one.tactics)
            name = _escaped(shorten(str(one.entity), 80))
            lines.append(f"| {name} | {one.risk:,.1f} | {one.level} | {number(one.findings)} | {_escaped(one.why)} | {reached} |")
        rest = len(story.entities) - len(shown)
        lines += ["", f"and {amount(rest, 'more entity', 'more entities')}"] if rest else []
    if story.readings:
        lines += ["", "## Read first", ""]
        lines += [
            f"1. {moment(one.evidence.time)} **{level_of(one.rules[0])}** {_escaped(one.rules[0].title)}: "
            f"{_escaped(one.evidence.path)}{numbered(one.evidence.record)}"
            for one in story.readings
        ]
    totals = story.totals
    sign = "=" if totals.closes else "is not"
    parts = f"{number(totals.stored)} stored + {number(totals.unparsed)} unparsed + {number(totals.duplicate)} duplicate"
    lines += ["", f"read {number(totals.read)} {sign} {parts}", ""]
    return "\n".join(lines)


def _row(group: Group) -> tuple[str, ...]:
    sample = group.samples[0]
    return (
        moment(group.first),
        moment(group.last),
        str(group.count),
        level_of(group.rule),
        group.rule.id,
        group.rule.title,
        "; ".join(map(str, group.entities)),
        "; ".join(group.rule.tags),
        sample.record_id,
        sample.path,
        str(sample.record),
        "; ".join(f"{name}={cell_text(cell)}" for name, cell in sample.matched.items()),
    )


def _line(cells: Iterable[str]) -> str:
    buffer = StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", visible(text))
