"""Give imported rules ids, names and places that are the same in every run."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID, uuid5

__all__ = ["file_of", "id_of", "name_of", "title_of"]

_NAMESPACE: Final = UUID("6b0b1f9e-3a52-5b5c-9a0e-51d7a3c0f6d2")
"""Of the ids of imported rules: a UUID of version 5 made once, of no other meaning."""
_MAX_TITLE: Final = 200
_NO_NAME: Final = re.compile(r"[^a-z0-9]+")


def id_of(language: str, *names: str) -> str:
    """Return the id of what is called so in another language."""
    return str(uuid5(_NAMESPACE, "\x1f".join((language, *names))))


def name_of(language: str, *names: str) -> str:
    """Return the name by which correlations name a rule: small letters, digits and underscores."""
    return _NO_NAME.sub("_", "_".join((language, *names)).lower()).strip("_")[:120]


def file_of(language: str, *names: str) -> str:
    """Return the file of a rule, below the folder for results."""
    return f"rules/{name_of(language, *names)}.yml"


def title_of(text: str, otherwise: str) -> str:
    """Return a title on one line, short enough for Sigma."""
    title = " ".join(text.split()) or otherwise
    return title if len(title) <= _MAX_TITLE else title[: _MAX_TITLE - 3] + "..."
