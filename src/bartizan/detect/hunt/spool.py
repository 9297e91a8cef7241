"""Keep findings on disk as they come, one OCSF Detection Finding per line, and read single ones back."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, Final

import msgspec

from bartizan.detect.contract import Evidence
from bartizan.errors import OutputError

__all__ = ["Spool"]

BUFFER: Final = 1 << 20


class Spool:
    """An append-only file of findings; without a path a temporary file that goes with the process."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the file; what stood there is replaced."""
        self._path = path
        self._end = 0
        try:
            self._file: IO[bytes] = (
                tempfile.TemporaryFile(buffering=BUFFER)  # noqa: SIM115 - held open until close()
                if path is None
                else path.open("w+b", buffering=BUFFER)
            )
        except OSError as error:
            raise OutputError(_sentence(path, error)) from error

    def add(self, line: bytes) -> tuple[int, int]:
        """Append one finding and return where it stands: offset and length."""
        at = self._end
        try:
            self._file.write(line)
            self._file.write(b"\n")
        except OSError as error:
            raise OutputError(_sentence(self._path, error)) from error
        self._end += len(line) + 1
        return at, len(line)

    def evidence(self, place: tuple[int, int]) -> Evidence:
        """Read one finding back as a reader's evidence."""
        self.flush()
        self._file.seek(place[0])
        finding = msgspec.json.decode(self._file.read(place[1]))
        artifact = finding["evidences"][0]
        data = artifact.pop("data")
        return Evidence(
            record_id=artifact.pop("uid"),
            finding_uid=finding["finding_info"]["uid"],
            time=finding["time"] * 1_000_000,
            path=data["origin"]["path"],
            record=data["origin"]["record"],
            raw=data["raw_data"],
            matched=data["matched"],
            ocsf=dict(_dotted("", artifact)),
        )

    def lines(self) -> IO[bytes]:
        """Return the file, at its beginning, to be read line by line."""
        self.flush()
        self._file.seek(0)
        return self._file

    def flush(self) -> None:
        """Hand what is buffered to the file."""
        try:
            self._file.flush()
        except OSError as error:
            raise OutputError(_sentence(self._path, error)) from error

    def close(self) -> None:
        """Close the file; a temporary one is gone."""
        self.flush()
        self._file.close()


def _dotted(prefix: str, value: dict[str, object]) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, item in value.items():
        found += _dotted(f"{prefix}{name}.", item) if isinstance(item, dict) else [(prefix + name, item)]
    return found


def _sentence(path: Path | None, error: OSError) -> str:
    where = tempfile.gettempdir() if path is None else path
    return f"{where}: findings cannot be written: {error.strerror or error}; free some room or name another folder with --out"
