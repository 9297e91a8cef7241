"""Tell by its look what a text is: an address, a hash, a URL; for checks of where it comes out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bartizan.schema.cells import ip
from bartizan.schema.columns import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["LOOKS"]


def _like(pattern: str) -> Callable[[str], bool]:
    found = re.compile(pattern)
    return lambda text: found.fullmatch(text) is not None


LOOKS: Final[Mapping[str, Callable[[str], bool]]] = {
    "address": lambda text: ip(text) is not ABSENT,
    "hardware": _like(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"),
    "mail": _like(r"[^@\s<>\\/:]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+"),
    "url": _like(r"https?://\S+"),
    "hash": _like(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}"),
    "sid": _like(r"S-1-\d+(?:-\d+)+"),
    "domain": _like(r"(?:[A-Za-z0-9_-]+\.)+[A-Za-z]{2,}\.?"),
    "cloud-account": _like(r"\d{12}"),
    "cloud-region": _like(r"[a-z]{2,}-[a-z]+-?\d?"),
    "text": lambda text: len(text) > 1,
}
"""Name of a look, as ``meaning.yml`` says it -> whether a text has it."""
