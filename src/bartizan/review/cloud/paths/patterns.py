"""Match patterns with ``*`` and ``?``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["glob"]


@lru_cache(maxsize=65_536)
def glob(pattern: str) -> Callable[[str], bool]:
    """Return what says whether a text is of a pattern with ``*`` and ``?``, to the letter."""
    if pattern == "*":
        return lambda _: True
    if "*" not in pattern and "?" not in pattern:
        return pattern.__eq__
    if pattern.endswith("*") and "*" not in pattern[:-1] and "?" not in pattern:
        start = pattern[:-1]
        return lambda text: text.startswith(start)
    found = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
    return lambda text: found.fullmatch(text) is not None
