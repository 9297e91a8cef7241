"""Keep on disk which records were seen, so that a watch that starts again still knows what its senders send twice."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Final

from bartizan.detect.hunt.duplicates import SeenRecords
from bartizan.errors import OutputError
from bartizan.schema.identity import RECORD_ID_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["CAPACITY", "SeenFile", "seed_in"]

_SEED: Final = 8
CAPACITY: Final = 1 << 21
"""Records that are remembered at least: 32 MB on disk and 70 MB in memory for each of two generations."""


class SeenFile:
    """The ids of records, in files of ``capacity`` each, of which the last two are kept. ``count`` is the number of ids so far."""

    def __init__(self, folder: Path, count: int = 0, *, capacity: int = CAPACITY) -> None:
        """Take up what was seen when ``count`` ids were: what is behind that is of a piece that was not finished."""
        self._folder, self._capacity = folder, capacity
        self.count = count
        self.seen = SeenRecords(capacity)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for number in (count // capacity - 1, count // capacity):
                path = self._path(number)
                if path.exists():
                    size = min(capacity, max(0, count - number * capacity)) * RECORD_ID_BYTES
                    self.seen.add(path.read_bytes()[:size])
        except OSError as error:
            raise self._trouble(error) from error

    def add(self, ids: Sequence[bytes]) -> None:
        """Append the ids of a piece, and flush them to disk."""
        text = b"".join(ids)
        at = 0
        try:
            while at < len(text):
                number, within = divmod(self.count, self._capacity)
                part = text[at : at + (self._capacity - within) * RECORD_ID_BYTES]
                self._write(number, within * RECORD_ID_BYTES, part)
                at += len(part)
                self.count += len(part) // RECORD_ID_BYTES
        except OSError as error:
            raise self._trouble(error) from error

    def _write(self, number: int, offset: int, text: bytes) -> None:
        file = os.open(self._path(number), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(file, text, offset)
            os.fdatasync(file)
        finally:
            os.close(file)
        if not offset:
            self._path(number - 2).unlink(missing_ok=True)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.ids"

    def _trouble(self, error: OSError) -> OutputError:
        return OutputError(f"{self._folder}: ids of records cannot be kept: {error.strerror or error}: make room")


def seed_in(root: Path) -> int:
    """Return the secret by which a watch tells records apart, drawn once for its folder: see ``sight_keys``."""
    path = root / "seed"
    try:
        root.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_suffix(".draft")
            draft.write_bytes(secrets.token_bytes(_SEED))
            draft.chmod(0o600)
            draft.replace(path)
        return int.from_bytes(path.read_bytes()[:_SEED], "big")
    except OSError as error:
        message = f"{root}: cannot be made a folder for a watch: {error.strerror or error}; name another"
        raise OutputError(message) from error
