"""Find mapping files and make sources of them: those of the package, those in the user's configuration, those handed over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.collect.mapped.source import source_of
from bartizan.collect.mapped.store import default_folder, digest, load, save
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bartizan.collect.contract import Source
    from bartizan.collect.mapped.plan import Plan

__all__ = ["mapping_files", "read_mapping", "sources_in", "user_folder"]

_SUFFIXES: Final = (".yml", ".yaml")
_STORE: Final = "mappings.plans"


def user_folder() -> Path | None:
    """Return where a user keeps mapping files for every hunt: ``$XDG_CONFIG_HOME/bartizan/sources``, by default below ``~/.config``."""
    config = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    if not config.is_absolute():
        try:
            config = Path.home() / ".config"
        except RuntimeError:
            return None
    return config / "bartizan" / "sources"


def mapping_files(place: Path) -> list[Path]:
    """Return the mapping files of a folder, in the order of their names, or the file that the path is; none where it is neither."""
    if place.is_file():
        return [place]
    return sorted(path for path in place.rglob("*") if path.suffix in _SUFFIXES and path.is_file()) if place.is_dir() else []


def read_mapping(path: Path) -> Source:
    """Return the source of one mapping file; InputError says which line is wrong and why."""
    try:
        found = _plan(path, path.read_bytes())
    except OSError as error:
        message = f"{path}: {error.strerror or error}; name a mapping file that can be read"
        raise InputError(message) from error
    if isinstance(found, str):
        raise InputError(found)
    return source_of(found)


def sources_in(files: Sequence[Path], *, folder: Path | None = None) -> Iterable[tuple[str, Source | str]]:
    """Yield each mapping file with its source, or with what is wrong with it; plans are kept in ``folder``."""
    kept = folder or default_folder()
    store = None if kept is None else kept / _STORE
    known = {} if store is None else load(store)
    plans: dict[bytes, Plan] = {}
    for path in files:
        try:
            content = path.read_bytes()
        except OSError as error:
            yield str(path), f"{path}: {error.strerror or error}"
            continue
        name = digest(content)
        plan = known.get(name) or _plan(path, content)
        if isinstance(plan, str):
            yield str(path), plan
        else:
            plans[name] = plan
            yield str(path), source_of(plan)
    if store is not None and plans.keys() - known.keys():
        save(store, plans)


def _plan(path: Path, content: bytes) -> Plan | str:
    """Return the plan of a mapping file, or what is wrong with it."""
    from bartizan.collect.mapped.document import plan_of  # noqa: PLC0415 - YAML and OCSF are read where no plan is kept
    from bartizan.documents import Refused  # noqa: PLC0415 - as above

    try:
        return plan_of(content)
    except Refused as refused:
        return f"{path}:{refused.line}: {refused.why}" if refused.line else f"{path}: {refused.why}"
