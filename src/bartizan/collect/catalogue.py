"""Find every source there is: modules with ``SOURCE`` and mapping files under ``sources/``, entry points, the user's mapping files.

Nobody edits a list. A third party's source that cannot be loaded is a problem to be told, not a reason to stop.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.collect.contract import Framing, Source
from bartizan.collect.mapped.files import mapping_files, read_mapping, sources_in, user_folder
from bartizan.collect.marks import Marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ENTRY_POINTS", "Catalogue", "catalogue", "catalogue_of", "given_files"]

ENTRY_POINTS = "bartizan.sources"
_PACKAGE = "bartizan.collect.sources"


@dataclass(frozen=True)
class Catalogue:
    """The sources, by name, and what was wrong with those that could not be loaded."""

    sources: tuple[Source, ...]
    problems: tuple[str, ...] = ()

    def named(self, name: str) -> Source | None:
        """Return the source of a name."""
        return next((source for source in self.sources if source.name == name), None)

    @cached_property
    def marks(self) -> Marks:
        """Say of records which sources with marks they may be of."""
        return Marks(self.sources)

    def reading(self, framing: Framing) -> Iterator[Source]:
        """Yield the sources that read records of a framing."""
        return (source for source in self.sources if framing in source.framings)


def catalogue(mappings: tuple[Path, ...] = ()) -> Catalogue:
    """Return every source of this installation; looked for once per process.

    ``mappings`` are mapping files or folders of them that are handed over beside; what is wrong with them is an InputError.
    """
    return _catalogue(mappings)


@cache
def _catalogue(mappings: tuple[Path, ...]) -> Catalogue:
    handed = [(str(path), read_mapping(path)) for place in mappings for path in mapping_files(place) or [place]]
    own = ((name, import_module(name)) for name in _modules())
    found: list[tuple[str, object]] = [(name, getattr(module, "SOURCE", None)) for name, module in own]
    found = [*sources_in(_files()), *found]
    return catalogue_of([*handed, *((name, source) for name, source in found if source is not None)], entry_points(group=ENTRY_POINTS))


def catalogue_of(own: Iterable[tuple[str, object]], foreign: Iterable[EntryPoint] = ()) -> Catalogue:
    """Make a catalogue of candidates, each with where it comes from, and of entry points."""
    candidates = [*own]
    problems: list[str] = []
    for entry in foreign:
        where = f"entry point {entry.name} = {entry.value}"
        try:
            candidates.append((where, entry.load()))
        except Exception as error:  # noqa: BLE001 - a third party's module may raise anything while it is imported
            problems.append(f"{where}: cannot be loaded: {type(error).__name__}: {error}; mend or uninstall that package")
    sources: dict[str, Source] = {}
    for where, candidate in candidates:
        if isinstance(candidate, str):
            problems.append(candidate)
        elif not isinstance(candidate, Source):
            problems.append(f"{where}: is a {type(candidate).__name__}, not a Source")
        elif candidate.name in sources:
            problems.append(f"{where}: there is another source named '{candidate.name}'; this one is not used")
        else:
            sources[candidate.name] = candidate
    return Catalogue(tuple(sources[name] for name in sorted(sources)), tuple(problems))


def given_files(mappings: tuple[Path, ...]) -> list[Path]:
    """Return the mapping files that are not ours: those handed over and those of the user."""
    own = user_folder()
    return [path for place in mappings for path in mapping_files(place) or [place]] + ([] if own is None else mapping_files(own))


def _modules() -> list[str]:
    package = import_module(_PACKAGE)
    return sorted(found.name for found in pkgutil.walk_packages(package.__path__, f"{_PACKAGE}.") if not found.ispkg)


def _files() -> list[Path]:
    """Return the mapping files that are always read; those of the user come first, so that they can replace ours."""
    folders = [user_folder(), *map(Path, import_module(_PACKAGE).__path__)]
    return [path for folder in folders if folder is not None for path in mapping_files(folder)]
