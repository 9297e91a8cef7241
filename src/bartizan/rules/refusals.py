"""Say why a document is no runnable rule."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Refused", "suggestion"]


class Refused(Exception):  # noqa: N818 - a verdict on a document, caught where the document was read
    """A document is no runnable rule: why, and on which line of its file (0 where unknown)."""

    def __init__(self, why: str, line: int = 0) -> None:
        """Hold the reason and the line."""
        super().__init__(why)
        self.why = why
        self.line = line


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for a word that is close to a known one, else nothing."""
    near = get_close_matches(word.lower(), list(known), n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""
