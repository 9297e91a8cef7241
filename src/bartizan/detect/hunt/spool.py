"""Keep findings on disk as they come, one OCSF Detection Finding per line, and read single ones back."""

from __future__ import annotations

import contextlib
import tempfile
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from bartizan.detect.contract import Evidence
from bartizan.detect.correlate.contract import FOUND
from bartizan.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bartizan.schema.columns import Cell

__all__ = ["Spool"]

BUFFER: Final = 1 << 20
"""Bytes held before they are written, and read at a time: a system call for some 500 findings costs nothing beside them."""


class Spool:
    """An append-only file of findings; without a path a temporary file that goes with the process.

    With a path the findings stand in a hidden file beside it until ``finish`` gives them their name: a file of that name
    is always whole.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Open the file. OutputError where that cannot be."""
        self._path = path
        self._draft = None if path is None else path.with_name(f".{path.name}.draft")
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._end = 0
        try:
            # Without Python's own buffer: after a failed write it would try again, and complain, when the file is closed.
            self._file: IO[bytes] = (
                tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - held open until close()
                if self._draft is None
                else self._draft.open("w+b", buffering=0)
            )
        except OSError as error:
            raise self._trouble(error) from error

    def add(self, line: bytes) -> tuple[int, int]:
        """Append one finding and return where it stands: offset and length."""
        at, length = self._end, len(line)
        self._held += (line, b"\n")
        self._end += length + 1
        self._held_bytes += length + 1
        if self._held_bytes >= BUFFER:
            self._flush()
        return at, length

    def evidence(self, place: tuple[int, int]) -> Evidence:
        """Read one finding back as a reader's evidence."""
        finding = msgspec.json.decode(self._read(*place))
        artifact = finding["evidences"][0]
        data = artifact.pop("data")
        told = {one["name"]: one.get("value") for one in finding["finding_info"]["tags"]}.get(FOUND)
        return Evidence(
            record_id=artifact.pop("uid"),
            finding_uid=finding["finding_info"]["uid"],
            time=finding["time"] * 1_000_000,
            path=data["origin"]["path"],
            record=data["origin"]["record"],
            raw=data["raw_data"],
            matched=data["matched"] if told is None else {"correlation": told, **data["matched"]},
            ocsf=dict(_dotted("", artifact)),
        )

    def line(self, place: tuple[int, int]) -> bytes:
        """Read one finding back as it was added."""
        return self._read(*place)

    def blocks(self) -> Iterator[bytes]:
        """Yield everything, from the beginning, in blocks; other reads in between do no harm."""
        at = 0
        while block := self._read(at, BUFFER):
            at += len(block)
            yield block

    def lines(self) -> Iterator[bytes]:
        """Yield the findings, from the first, without their newlines."""
        rest = b""
        for block in self.blocks():
            *whole, rest = (rest + block).split(b"\n")
            yield from whole

    def finish(self) -> None:
        """Write what is held and give the file its name."""
        self._flush()
        if self._draft is None or self._path is None:
            return
        try:
            self._draft.replace(self._path)
        except OSError as error:
            raise self._trouble(error) from error
        self._draft = None

    def close(self) -> None:
        """Close the file; one that is temporary, or was not finished, is gone."""
        self._file.close()
        if self._draft is not None:
            with contextlib.suppress(OSError):
                self._draft.unlink()

    def _flush(self) -> None:
        if not self._held:
            return
        text = memoryview(b"".join(self._held))
        self._held.clear()
        self._held_bytes = 0
        try:
            self._file.seek(0, 2)
            while text:
                text = text[self._file.write(text) :]
        except OSError as error:
            raise self._trouble(error) from error

    def _read(self, at: int, length: int) -> bytes:
        self._flush()
        self._file.seek(at)
        return self._file.read(length)

    def _trouble(self, error: OSError) -> OutputError:
        where = tempfile.gettempdir() if self._path is None else self._path
        why = error.strerror or error
        return OutputError(f"{where}: findings cannot be written: {why}; free some room or name another folder with --out")


def _dotted(prefix: str, value: Mapping[str, Any]) -> Iterator[tuple[str, Cell]]:
    for name, item in value.items():
        if isinstance(item, dict):
            yield from _dotted(f"{prefix}{name}.", item)
        else:
            yield f"{prefix}{name}", tuple(item) if isinstance(item, list) else item
