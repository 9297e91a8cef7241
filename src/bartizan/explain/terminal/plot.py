"""Know what the terminal can show: its width, its characters, the colours of levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import set_cell_size
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bartizan.explain.risk import LEVELS
from bartizan.explain.text import shorten, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COLOURS", "TIMES", "Ink"]

COLOURS: Final = dict(zip(LEVELS, ("bold red", "red", "yellow", "cyan", "bright_black"), strict=True))
"""Level -> style. Every level is also written as a word, so nothing is told by colour alone."""

TIMES: Final = "\N{MULTIPLICATION SIGN}"

_ASCII: Final = {"█": "#", "─": "-", "→": "->", TIMES: "x", "·": "-", "…": "~", "▏": "|"}


@dataclass(frozen=True, slots=True)
class Ink:
    """How to draw on this terminal."""

    width: int
    unicode: bool

    def plain(self, text: str) -> str:
        """Return our own text in the characters that can be shown."""
        if self.unicode:
            return text
        for char, stand_in in _ASCII.items():
            text = text.replace(char, stand_in)
        return text

    def foreign(self, text: str, width: int) -> str:
        """Return text from a log so that it has no effect and fits ``width``."""
        return self.plain(shorten(visible(text), width))

    def text(self, *parts: str | tuple[str, str]) -> Text:
        """Join parts, each a string or a string with its style, into one line that wraps."""
        styled = [(self.plain(part), "") if isinstance(part, str) else (self.plain(part[0]), part[1]) for part in parts]
        return Text.assemble(*styled, overflow="fold")

    def indented(self, *parts: str | tuple[str, str], by: int = 4) -> Padding:
        """Join parts into one line that wraps below itself, ``by`` columns from the margin."""
        return Padding(self.text(*parts), (0, 0, 0, by), expand=False)

    def marked(self, mark: tuple[str, str], words: str) -> Table:
        """Return a line with a mark before it that wraps beside the mark."""
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_row(self.text(mark), self.text(words))
        return grid

    def row(self, label: tuple[str, str], cells: Sequence[tuple[str, str]], cell_width: int) -> Text:
        """Return a row of a table: a label on the left, numbers on the right, each in its column whatever the script of the label."""
        room = self.width - cell_width * len(cells)
        numbers = [(f"{text:>{cell_width}}", style) for text, style in cells]
        return Text.assemble((set_cell_size(self.plain(label[0]), room), label[1]), *numbers, no_wrap=True, overflow="crop")

    def title(self, words: str) -> Text:
        """Return the heading of a part, a blank line before it."""
        return self.text("\n", (words, "bold"), " ", ("─" * (self.width - len(words) - 1), "bright_black"))

    def bar(self, share: float, width: int) -> str:
        """Return a bar for a share between 0 and 1; anything above 0 shows."""
        return self.plain("█" * max(share > 0, round(share * width)))
