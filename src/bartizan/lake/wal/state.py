"""Remember how far a log is in the lake: one small file, whole or as it was before."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bartizan.errors import OutputError
from bartizan.lake.durable import replace

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["State", "load", "save"]

_NAME: Final = "state.json"


@dataclass(frozen=True, slots=True)
class State:
    """``released``: entries up to here are in the lake. ``portion``: entries that may be there already and must come as one batch."""

    shard: str
    released: int = 0
    portion: tuple[int, int] | None = None


def load(folder: Path) -> State:
    """Return the state of a log; a new log gets a name of its own."""
    path = folder / _NAME
    if not path.exists():
        state = State(uuid.uuid4().hex)
        save(folder, state)
        return state
    try:
        found = json.loads(path.read_bytes())
        portion = found["portion"]
        return State(str(found["shard"]), int(found["released"]), None if portion is None else (int(portion[0]), int(portion[1])))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        message = f"{path}: is damaged ({error}): restore it from a backup, or begin with a new folder beside this one"
        raise OutputError(message) from error


def save(folder: Path, state: State) -> None:
    """Put the state on disk."""
    replace(folder / _NAME, json.dumps({"shard": state.shard, "released": state.released, "portion": state.portion}).encode())
