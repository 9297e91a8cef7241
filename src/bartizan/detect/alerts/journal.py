"""Keep what people decide about alerts as OCSF records, one JSON line each, in a file that is only ever added to.

Lines are written under a lock and synced before anybody is told that they are kept. Whoever is killed while writing leaves at
most the beginning of a line behind: readers pass it over, the next writer cuts it off. Any other line that is no record of
ours is left where it is and reported.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import msgspec

from bartizan.errors import InputError, OutputError
from bartizan.lake.durable import sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = ["Journal", "Kept"]

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a journal holds: its records, in the order in which they were written, and what in it is none."""

    records: tuple[Record, ...] = ()
    problems: tuple[str, ...] = ()


class Journal:
    """An append-only file of records."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made with its first record."""
        self.path = path

    def read(self) -> Kept:
        """Return what is kept; of a torn last line nothing."""
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return Kept()
        except OSError as error:
            message = f"{self.path}: cannot be read: {error.strerror}; name another file with --state"
            raise InputError(message) from error
        return _parsed(text, str(self.path))

    def append(self, records: Sequence[Record]) -> None:
        """Add some records; nobody else can write in between. OutputError where that cannot be, and then none of them is kept."""
        self.extend(lambda _kept: records)

    def extend(self, make: Callable[[Kept], Sequence[Record]]) -> None:
        """Add the records that ``make`` returns for what is kept; nobody else can write in between. Raises as ``append``."""
        with self._locked() as file:
            text = file.read()
            whole = text.rfind(b"\n") + 1
            lines = b"".join(msgspec.json.encode(record) + b"\n" for record in make(_parsed(text[:whole], str(self.path))))
            try:
                file.truncate(whole)
                file.seek(whole)
                _write(file, lines)
                os.fsync(file.fileno())
            except OSError as error:
                # What was written is taken back where that can be done; where not, it is a torn tail.
                with contextlib.suppress(OSError):
                    file.truncate(whole)
                raise self._trouble(error) from error

    @contextlib.contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        try:
            import fcntl  # noqa: PLC0415 - there is none on Windows
        except ImportError as error:  # pragma: no cover - not on this platform
            message = "decisions can only be kept where files can be locked (Linux, macOS, BSD)"
            raise OutputError(message) from error
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            new = not self.path.exists()
            number = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise self._trouble(error) from error
        with os.fdopen(number, "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if new:
                _settle(self.path.parent)
            yield file

    def _trouble(self, error: OSError) -> OutputError:
        return OutputError(f"{self.path}: cannot be written: {error.strerror or error}; free some room or name another place")


def _write(file: IO[bytes], line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[file.write(rest) :]


def _settle(folder: Path) -> None:
    """Make the name of a new file last, where a folder can be synced."""
    with contextlib.suppress(OSError):
        sync_folder(folder)


def _parsed(text: bytes, path: str) -> Kept:
    records: list[Record] = []
    problems: list[str] = []
    *lines, torn = text.split(b"\n")
    for number, line in enumerate(lines, 1):
        try:
            records.append(msgspec.json.decode(line, type=Record))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            problems.append(f"{path}:{number}: is no record: {error}; it is passed over")
    if torn:
        problems.append(f"{path}:{len(lines) + 1}: is torn off, somebody was stopped while writing it; it is passed over")
    return Kept(tuple(records), tuple(problems))
