"""Show what was read: per source and file, what became of every record, and what became of every rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from bartizan.explain.caveats import total
from bartizan.explain.text import amount, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from bartizan.detect.contract import FileBalance, Outcome
    from bartizan.explain.caveats import Totals
    from bartizan.explain.story import Story
    from bartizan.explain.terminal.plot import Ink

__all__ = ["balance_table", "rules_line"]

_FILES: Final = 16
"""Files shown, shared among the sources; those in which something went wrong come first, the rest is counted."""
_COLUMNS: Final = ("read", "stored", "unparsed", "duplicate")
_PROBLEMS: Final = 2
_DIM: Final = "bright_black"
_NUMBERS: Final = 11
"""Columns that a number takes: 99,999,999 and a blank."""


def balance_table(outcome: Outcome, ink: Ink) -> Iterator[RenderableType]:
    """Yield the balance: each source with its files, and the line that must add up."""
    by_source: defaultdict[str, list[FileBalance]] = defaultdict(list)
    for file in outcome.balance:
        by_source[file.source].append(file)
    yield ink.title("What was read")
    if outcome.balance:
        yield ink.row(("source and file", _DIM), [(column, _DIM) for column in _COLUMNS], _NUMBERS)
    for source in sorted(by_source, key=lambda source: (not source, source)):
        yield from _source(source, by_source[source], ink, max(2, _FILES // len(by_source)))
    totals = total(outcome.balance)
    sign = "=" if totals.closes else "is NOT"
    yield ink.text(
        "\n",
        ("read ", "bold"),
        (f"{number(totals.read)} {sign} {number(totals.stored)} stored + {number(totals.unparsed)} unparsed", "bold"),
        (f" + {number(totals.duplicate)} duplicate", "bold"),
        f"  ({amount(totals.files, 'file')}, {_size(totals.bytes)})",
    )


def rules_line(outcome: Outcome, story: Story, ink: Ink) -> Iterator[RenderableType]:
    """Yield one line about what became of the rules, and how to list them."""
    verdicts = Counter(one.verdict for one in outcome.verdicts)
    refused = verdicts["refused"] + len(outcome.refused)
    parts = [f"{number(verdicts['running'])} running ({number(story.rules)} fired)"]
    parts.append(f"{number(verdicts['cannot-fire'])} cannot fire on what was read")
    if refused:
        parts.append(f"{number(refused)} refused")
    yield ink.text(("rules ", "bold"), ", ".join(parts), ".  List them with their reasons: ", ("bartizan rules list --on PATH", "bold"))


def _source(source: str, files: list[FileBalance], ink: Ink, most: int) -> Iterator[RenderableType]:
    label = f"{ink.foreign(source, 40) if source else 'recognised by no source'}, {amount(len(files), 'file')}"
    yield _row((label, "bold" if source else "bold yellow"), total(files), ink)
    ordered = sorted(files, key=lambda file: (not (file.problems or file.unparsed), file.path))
    width = ink.width - _NUMBERS * len(_COLUMNS) - 3
    for file in ordered[:most]:
        yield _row(("  " + ink.foreign(file.path, width), ""), file, ink)
        for problem in file.problems[:_PROBLEMS]:
            yield ink.indented(("! ", "yellow"), ink.foreign(problem, 400))
        if len(file.problems) > _PROBLEMS:
            yield ink.indented(("! ", "yellow"), f"and {amount(len(file.problems) - _PROBLEMS, 'more problem')}")
    if len(files) > most:
        yield _row((f"  and {amount(len(files) - most, 'more file')}", ""), total(ordered[most:]), ink)


def _row(label: tuple[str, str], counts: FileBalance | Totals, ink: Ink) -> RenderableType:
    cells = [(number(counts.read), ""), (number(counts.stored), "")]
    cells += [(number(counts.unparsed), "yellow" if counts.unparsed else ""), (number(counts.duplicate), "")]
    return ink.row(label, cells, _NUMBERS)


def _size(size: int) -> str:
    amount_left = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount_left < 1000:  # noqa: PLR2004 - SI units
            return f"{amount_left:.0f} {unit}" if unit == "B" else f"{amount_left:.1f} {unit}"
        amount_left /= 1000
    return f"{amount_left:.1f} TB"
