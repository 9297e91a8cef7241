"""Bound what is remembered between batches."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["MAX_CHARACTERS", "MAX_ENTRIES", "MAX_LENGTH", "Memory"]

MAX_CHARACTERS: Final = 10_000_000
"""Characters of all remembered values: 10 to 40 MB, as Python stores one to four bytes for each."""
MAX_ENTRIES: Final = 200_000
"""Remembered values and verdicts together: some 100 bytes each."""
MAX_LENGTH: Final = 4_096
"""A longer value is judged anew in each batch: it seldom comes back, and would crowd out a hundred that do."""


class Memory:
    """Dictionaries that are emptied together when they hold too much. What is forgotten is worked out again."""

    __slots__ = ("characters", "cleared", "entries", "kept")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.kept: list[dict[Any, Any]] = []
        self.characters = 0
        self.entries = 0
        self.cleared = 0

    def dictionary(self) -> dict[Any, Any]:
        """Return a new dictionary that is emptied with the others."""
        made: dict[Any, Any] = {}
        self.kept.append(made)
        return made

    def spend(self, entries: int, characters: int = 0) -> None:
        """Count what was put into the dictionaries."""
        self.entries += entries
        self.characters += characters

    def settle(self) -> None:
        """Empty everything if it has grown too much; called between batches, when nobody holds a dictionary's content."""
        if self.entries > MAX_ENTRIES or self.characters > MAX_CHARACTERS:
            for kept in self.kept:
                kept.clear()
            self.entries = self.characters = 0
            self.cleared += 1
