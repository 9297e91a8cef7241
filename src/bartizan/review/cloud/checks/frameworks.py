"""Read frameworks: the ids of their requirements, each with what it is about in our own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bartizan.documents import Refused, documents
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Framework", "frameworks"]

_KEYS = {"name", "title", "version", "source", "scope", "requirements"}


@dataclass(frozen=True, slots=True)
class Framework:
    """A standard, benchmark or law. ``scope``: which of its requirements are listed, and how many there are in all."""

    name: str
    title: str
    version: str
    source: str
    scope: str
    requirements: Mapping[str, str]


def frameworks(folder: Path) -> Mapping[str, Framework]:
    """Return every framework of a folder by name; InputError where a file is none."""
    return {file.stem: _read(file) for file in sorted(folder.glob("*.yml"))}


def _read(file: Path) -> Framework:
    try:
        found = list(documents(file.read_bytes()))
    except OSError as error:
        message = f"{file}: cannot be read: {error.strerror or error}"
        raise InputError(message) from error
    if len(found) != 1 or isinstance(found[0], Refused):
        message = f"{file}: {found[0].why if found and isinstance(found[0], Refused) else 'holds no single document'}"
        raise InputError(message)
    told: Any = found[0].value
    if not isinstance(told, dict) or told.keys() != _KEYS or told["name"] != file.stem or not _are_texts(told["requirements"]):
        message = f"{file}: is no framework: it needs {', '.join(sorted(_KEYS))}, its name is that of the file, ids and words are texts"
        raise InputError(message)
    texts = {key: str(told[key]) for key in ("name", "title", "version", "source", "scope")}
    return Framework(texts["name"], texts["title"], texts["version"], texts["source"], texts["scope"], dict(told["requirements"]))


def _are_texts(requirements: object) -> bool:
    return isinstance(requirements, dict) and all(isinstance(id_, str) and isinstance(text, str) for id_, text in requirements.items())
