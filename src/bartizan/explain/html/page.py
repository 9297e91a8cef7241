"""Render the report: everything in one file, nothing active in it.

A policy in the page itself forbids scripts, connections and every style but the one whose hash it names, so that even a
fault in the escaping of hostile log data would have no effect.
"""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from bartizan.explain.caveats import total
from bartizan.explain.html.evidence import Budget, Record, parts_of, record_of
from bartizan.explain.html.timeline import draw
from bartizan.explain.risk import LEVELS, level_of, notable
from bartizan.explain.text import amount, moment, number, pretty_level, shorten, span, visible
from bartizan.schema.attack import ATTACK_VERSION, tactics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Template

    from bartizan.detect.contract import Outcome
    from bartizan.explain.coverage import Lane
    from bartizan.explain.reading import Reading
    from bartizan.explain.story import Story

__all__ = ["report"]

_ENTITIES: Final = 25
_FILES: Final = 200
_REFUSED: Final = 50
_REASONS: Final = 12
_CELLS: Final = 15
"""Techniques shown per tactic."""


@dataclass(frozen=True, slots=True)
class _Read:
    rank: int
    level: str
    title: str
    more: str
    entities: str
    record: Record


@dataclass(frozen=True, slots=True)
class _Reason:
    count: str
    reason: str


def report(outcome: Outcome, story: Story, *, version: str = "") -> str:
    """Return the report as HTML. The same outcome gives the same text; a page of 30,000 findings stays under 5 MB."""
    style = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    budget = Budget()
    shown = notable(story.entities, _ENTITIES)
    readings = [_read(reading, budget) for reading in story.readings]
    rules, more_rules = parts_of(story.groups, budget)
    ordered = sorted(outcome.balance, key=lambda file: (not (file.problems or file.unparsed or not file.source), file.source, file.path))
    return _template().render(
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'",
        style=style,
        version=version,
        attack_version=ATTACK_VERSION,
        story=story,
        outcome=outcome,
        read_span=span(outcome.first, outcome.last) if outcome.events else "",
        levels=LEVELS,
        readings=readings,
        entities=shown,
        more_entities=story.entities[len(shown) :],
        most=story.entities[0].risk if story.entities else 0.0,
        tactics=tactics(),
        timeline=draw(story.groups, shown) if story.findings else None,
        lanes=[lane for lane in story.lanes if lane.findings],
        rows=_rows([lane for lane in story.lanes if lane.findings]),
        unreached=[lane.tactic.name for lane in story.lanes if lane.tactic and not lane.findings],
        rules=rules,
        more_rules=more_rules,
        files=ordered[:_FILES],
        more_files=total(ordered[_FILES:]),
        verdicts=Counter(verdict.verdict for verdict in outcome.verdicts),
        reasons=_reasons(outcome),
        refused=outcome.refused[:_REFUSED],
        more_refused=len(outcome.refused) - _REFUSED,
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - start-up: only a report needs it

    environment = Environment(
        loader=PackageLoader("bartizan.explain", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "moment": moment, "shorten": shorten, "level": pretty_level, "level_of": level_of}
    environment.filters |= {"amount": amount, "span": lambda pair: span(*pair), "pixel": "{:.1f}".format}
    return environment.get_template("report.html.j2")


def _harmless(value: Any) -> Any:  # noqa: ANN401 - a template prints values of every type
    """Make what is printed visible; the template's own markup is a subclass of str and passes."""
    return visible(value, keep="\n\t") if type(value) is str else value


def _read(reading: Reading, budget: Budget) -> _Read:
    rule = reading.rules[0]
    more = f"and {amount(len(reading.rules) - 1, 'more rule')}" if len(reading.rules) > 1 else ""
    entities = ", ".join(shorten(str(entity), 60) for entity in reading.entities[:4])
    return _Read(reading.rank, level_of(rule), rule.title, more, entities, record_of(reading.evidence, budget))


def _rows(lanes: Sequence[Lane]) -> list[list[object]]:
    """Turn lanes into rows of a table: the techniques at each rank, "" below the last, and how many more there are."""
    height = min(_CELLS, max((len(lane.cells) for lane in lanes), default=0))
    rows: list[list[object]] = [[lane.cells[rank] if rank < len(lane.cells) else "" for lane in lanes] for rank in range(height)]
    if any(len(lane.cells) > _CELLS for lane in lanes):
        rows.append([f"and {len(lane.cells) - _CELLS} more" if len(lane.cells) > _CELLS else "" for lane in lanes])
    return rows


def _reasons(outcome: Outcome) -> list[_Reason]:
    """Count why rules cannot fire, the most frequent reason first."""
    counts = Counter(verdict.reason for verdict in outcome.verdicts if verdict.verdict == "cannot-fire")
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    found = [_Reason(amount(count, "rule"), reason or "no reason given") for reason, count in ordered[:_REASONS]]
    rest = sum(count for _, count in ordered[_REASONS:])
    return [*found, _Reason(amount(rest, "rule"), "other reasons")] if rest else found
