"""What an export format is: a module under ``exports/PROVIDER/`` that holds ``FORMAT``.

Files are cut into JSON objects (one a line, in an array, in a reply); each is offered to the formats, and the first that claims it
takes it. A format sees all of its records of all files before it gives its facts, so that a setting in one file finds its resource in
another. A format that is no JSON takes whole files (``takes``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.contract import Facts, Origin, Value

__all__ = ["Format", "Reading", "ReadingFiles"]


class Reading(Protocol):
    """What takes the records of one format."""

    def take(self, record: Mapping[str, Value], origin: Origin) -> None:
        """Take one record, which may be anything that was claimed; what cannot be read of it becomes a ``Gap``, nothing is raised."""
        ...

    def facts(self) -> Facts:
        """Return what all records said, once, after the last."""
        ...


class ReadingFiles(Reading, Protocol):
    """What takes whole files too, as those of YAML are."""

    def file(self, content: bytes, path: str) -> None:
        """Take one file; what cannot be read of it becomes a ``Gap``, nothing is raised."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format of exports. ``claims`` says whether a decoded object is a record of it; it may be given any object."""

    name: str
    provider: str
    title: str
    claims: Callable[[Mapping[str, Value]], bool]
    begin: Callable[[], Reading]
    takes: Callable[[bytes], bool] | None = None
    """Whether it takes a file, told by its first 64 KiB, as it is: ``begin`` then gives something that is a ``ReadingFiles`` too."""
