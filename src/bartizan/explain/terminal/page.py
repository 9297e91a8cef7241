"""Put the parts of the terminal report together and write them where they can be read."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.detect.contract import Outcome
    from bartizan.explain.story import Story

__all__ = ["as_text", "show", "wants_colour"]

_WIDTH: Final = 80
"""Columns where nobody says how many there are: a pipe, a file."""
_NARROWEST: Final = 60
"""Below this the tables would lose their numbers; a narrower terminal wraps."""


def wants_colour(file: TextIO, environ: Mapping[str, str]) -> bool:
    """Say whether to colour: only on a terminal that is not dumb, and not where ``NO_COLOR`` is set (https://no-color.org)."""
    return file.isatty() and not environ.get("NO_COLOR") and environ.get("TERM", "") != "dumb"


def show(outcome: Outcome, story: Story, file: TextIO, *, width: int = _WIDTH, colour: bool = False) -> None:
    """Write the report to ``file``; what its encoding cannot hold is written as an escape, the drawing characters as ASCII."""
    encoding = getattr(file, "encoding", None) or "utf-8"
    unicode = encoding.lower().replace("-", "").startswith("utf")
    text = as_text(outcome, story, width=width, colour=colour, unicode=unicode)
    file.write(text.encode(encoding, "backslashreplace").decode(encoding))


def as_text(outcome: Outcome, story: Story, *, width: int = _WIDTH, colour: bool = False, unicode: bool = True) -> str:
    """Return the report as text of at most ``width`` columns, without any terminal escape unless ``colour``."""
    from rich.console import Console  # noqa: PLC0415 - start-up: rich is needed only where a report is shown

    from bartizan.explain.terminal.balance import balance_table, rules_line  # noqa: PLC0415 - they need rich
    from bartizan.explain.terminal.plot import Ink  # noqa: PLC0415 - they need rich
    from bartizan.explain.terminal.tale import head, readings, tale  # noqa: PLC0415 - they need rich

    buffer = StringIO()
    console = Console(
        file=buffer,
        width=max(width, _NARROWEST),
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    ink = Ink(console.width, unicode=unicode)
    for part in (*head(outcome, story, ink), *balance_table(outcome, ink), *rules_line(outcome, story, ink), *tale(story, ink)):
        console.print(part, soft_wrap=False)
    for part in readings(story, ink):
        console.print(part, soft_wrap=False)
    return "".join(line.rstrip() + "\n" for line in buffer.getvalue().splitlines())
