"""Load rule packs."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from bartizan.rules.cache import Store, default_folder, digest
from bartizan.rules.packs import PackFile, files
from bartizan.rules.plan import Refuse
from bartizan.rules.ruleset import LoadedRules, assembled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from bartizan.rules.cache import Outcome

__all__ = ["load"]

_NONE: Final[Mapping[str, Sequence[str]]] = MappingProxyType({})


def load(
    paths: Iterable[str | Path],
    *,
    cache: Path | None = None,
    placeholders: Mapping[str, Sequence[str]] = _NONE,
    progress: Callable[[int, int], None] | None = None,
    today: date | None = None,
) -> LoadedRules:
    """Load every rule of files, folders, git checkouts and zip archives; each document is a rule or a refusal.

    ``cache`` is the folder for compiled rules (by default ``bartizan/rules`` under the user's cache folder), ``placeholders``
    gives the values of ``%name%`` in rules, ``progress`` is told how many files of how many are compiled. Exceptions whose
    last day was before ``today`` (None: now, UTC) are not applied. Raises a RulesError
    for a path that is not there or holds no rule file.
    """
    roots = list(paths)
    found = list(files(roots))
    store = Store(default_folder() if cache is None else cache, roots, placeholders)
    entries: dict[bytes, list[Outcome]] = {}
    compiled: list[tuple[str, list[Outcome]]] = []
    fresh = 0
    for number, file in enumerate(found):
        if file.problem:
            compiled.append((file.path, [Refuse(0, file.problem)]))
            continue
        key = digest(file.content)
        known = entries.get(key) or store.entries.get(key)
        if known is None:
            known = _compiled(file, placeholders)
            fresh += 1
            if progress is not None:
                progress(number + 1, len(found))
        entries[key] = known
        compiled.append((file.path, known))
    if fresh or len(entries) != len(store.entries):
        store.write(entries)
    return assembled(compiled, placeholders, {file.path: file.content for file in found}, today or datetime.now(UTC).date())


def _compiled(file: PackFile, placeholders: Mapping[str, Sequence[str]]) -> list[Outcome]:
    # pySigma takes 120 ms to import: with a warm cache nobody waits for it.
    from bartizan.rules.compile import compiled  # noqa: PLC0415 - as the comment says

    return compiled(file.content, placeholders)
