"""Show what a look back into a lake found, and how much of the lake it had to read for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.explain.text import amount, number, pretty_level, span, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.detect.contract import Outcome
    from bartizan.detect.retro.run import Looked

__all__ = ["looked_line", "retro_lines"]


def retro_lines(outcome: Outcome) -> Iterator[str]:
    """Yield one line for each group of findings, in the order of time."""
    for group in outcome.groups:
        about = ", ".join(map(str, group.entities))
        yield visible(
            f"{span(group.first, group.last)}  {pretty_level(group.rule.level)}  {group.rule.title}  {number(group.count)}  {about}"
        )
    for refusal in outcome.refused:
        yield visible(f"! {refusal.path}:{refusal.line}: {refusal.why}")


def looked_line(outcome: Outcome, looked: Looked) -> str:
    """Say how many findings there are, and of how many records it had to read how many."""
    found = amount(outcome.findings, "finding")
    read = f"{number(looked.records)} of {number(looked.of_records)} records were read"
    return f"{found}; {read}, in {number(looked.files)} of {number(looked.of_files)} files"
