"""Tell what was put into tables since some version of each: Delta's own record of every commit says it.

A commit that takes files away puts the same records into others (compaction, erasure): it brings none. The files of a commit
stay on disk for a day after that, as long as whoever follows may be behind.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from bartizan.errors import InputError
from bartizan.lake.contract import Change, DataFile
from bartizan.lake.delta.snapshots import table_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.lake.delta.stores import Stores

__all__ = ["changes", "versions"]


def versions(stores: Stores) -> dict[str, int]:
    """Return the version of every table now."""
    return {name: stores.table(name).files()[0] for name in stores.names()}


def changes(stores: Stores, since: Mapping[str, int]) -> list[Change]:
    """Return what each commit after some versions brought, the oldest first; of a table that is not named everything that it holds."""
    found = []
    for name in stores.names():
        current, files = stores.table(name).files()
        if name not in since:
            found.append(Change(version=current, at=0, files=table_files(stores, name, current, files)))
            continue
        at = 0
        for version in range(since[name] + 1, current + 1):
            # The clocks of writers differ; the commits of a table do not change places for that.
            made, added = _commit(stores.table(name).folder, version)
            at = max(at, made)
            found.append(Change(version=version, at=at, files=table_files(stores, name, version, added)))
    return sorted(found, key=lambda one: (one.at, one.files.table, one.version))


def _commit(folder: Path, version: int) -> tuple[int, list[DataFile]]:
    """Return when a commit was made, epoch milliseconds, and the files with new records that it brought."""
    path = folder / "_delta_log" / f"{version:020d}.json"
    try:
        actions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        message = f"{path}: cannot be read ({error}): what came since cannot be told any more; begin anew with a new state"
        raise InputError(message) from error
    at = max((int(one["commitInfo"].get("timestamp", 0)) for one in actions if "commitInfo" in one), default=0)
    if any("remove" in one for one in actions):
        return at, []
    files = [_file(folder, one["add"]) for one in actions if "add" in one and one["add"].get("dataChange", True)]
    gone = next((file.path for file in files if not Path(file.path).exists()), None)
    if gone is not None:
        message = f"{gone}: was merged into another and deleted before it was read: begin anew with a new state, and look at it more often"
        raise InputError(message)
    return at, files


def _file(folder: Path, add: Mapping[str, Any]) -> DataFile:
    stats = json.loads(add.get("stats") or "{}")
    first, last = (stats.get(name, {}).get("time", 0) for name in ("minValues", "maxValues"))
    return DataFile(
        path=str(folder / unquote(add["path"])),
        rows=stats.get("numRecords", 0),
        bytes=add["size"],
        first=first,
        last=last,
        day=add.get("partitionValues", {}).get("eventDay", ""),
    )
