"""Keep files of old days elsewhere, in an object store (S3) or a folder of another disk, and bring one back when it is asked for.

Where that is stands in ``_lake/cold.json``. Who may go there is told by the environment, as for every program that speaks with S3
(``AWS_ACCESS_KEY_ID``, ``AWS_PROFILE``, a role of the machine): nothing secret is written down or stands on a command line.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bartizan.errors import InputError, OutputError, UsageError
from bartizan.lake.durable import draft_of, replace, sync, sync_folder
from bartizan.lake.facts import said_in
from bartizan.lake.trouble import of_engine, reason, trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow.fs as pafs

    from bartizan.lake.needs import Said

__all__ = ["CACHE_BYTES", "ColdStore", "Place", "cold_store", "set_place"]

CACHE_BYTES: Final = 20 << 30
"""Bytes of files that were brought back and are kept at hand."""
_SETTINGS: Final = "_lake/cold.json"
_PART: Final = 8 << 20
_SCHEMES: Final = ("s3", "file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where it is: ``s3://bucket/prefix`` or ``file:///folder``; ``endpoint`` of a server that is not Amazon's."""

    url: str
    endpoint: str = ""
    region: str = ""
    cache_bytes: int = CACHE_BYTES


class ColdStore:
    """Files by name. Every failure is OutputError and says what could not be reached."""

    def __init__(self, place: Place) -> None:
        """Know the place; nothing is connected to before it is used."""
        self.place = place
        self._files: pafs.FileSystem | None = None

    def put(self, source: Path, name: str) -> None:
        """Copy a file there, and read the copy to see that it is the same."""
        with self._told(name), source.open("rb") as file:
            files, target = self._system(), self._path(name)
            self._make_folder(target)
            digest = sha256()
            with files.open_output_stream(target) as stream:
                while part := file.read(_PART):
                    digest.update(part)
                    stream.write(part)
        if self.digest(name) != (source.stat().st_size, digest.hexdigest()):
            message = f"{self.place.url}/{name}: the copy is not what was written: {source} stays where it is; try again"
            raise OutputError(message)

    def digest(self, name: str) -> tuple[int, str] | None:
        """Return size and SHA-256 of a file, which is read for it; None where there is none."""
        with self._told(name):
            if not self._system().get_file_info(self._path(name)).is_file:
                return None
            digest, size = sha256(), 0
            for part in self._parts(name):
                digest.update(part)
                size += len(part)
            return size, digest.hexdigest()

    def fetch(self, name: str, path: Path, wanted: str) -> None:
        """Bring a file back to a path; OutputError where its SHA-256 is not the one ``wanted``, if that is known."""
        with trouble(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = draft_of(path)
            digest = sha256()
            try:
                with draft.open("wb") as file:
                    for part in self._parts(name):
                        digest.update(part)
                        file.write(part)
                if wanted and digest.hexdigest() != wanted:
                    message = f"{self.place.url}/{name}: is not as it was written: bring it back from a backup"
                    raise OutputError(message)
                sync(draft)
                draft.replace(path)
                sync_folder(path.parent)
            finally:
                draft.unlink(missing_ok=True)

    def said(self, name: str) -> Said:
        """Return what a file says of its columns; only its end is read."""
        import pyarrow.parquet as pq  # noqa: PLC0415 - belongs to the extra

        with self._told(name), self._system().open_input_file(self._path(name)) as file:
            return said_in(pq.read_metadata(file))

    def holds(self, name: str, column: str, values: Sequence[str]) -> bool:
        """Say whether a column of text (dotted name) of a file has one of some values; of the file only that column is read."""
        import pyarrow as pa  # noqa: PLC0415 - belongs to the extra
        import pyarrow.compute as pc  # noqa: PLC0415 - as above
        import pyarrow.parquet as pq  # noqa: PLC0415 - as above

        with self._told(name), self._system().open_input_file(self._path(name)) as file:
            for batch in pq.ParquetFile(file).iter_batches(columns=[column]):
                found = batch.column(0)
                for part in column.split(".")[1:]:
                    found = pc.struct_field(found, part)
                if pc.any(pc.is_in(found, pa.array(values, found.type))).as_py():
                    return True
        return False

    def delete(self, name: str) -> None:
        """Delete a file; one that is not there any more is deleted already."""
        with self._told(name):
            if self._system().get_file_info(self._path(name)).is_file:
                self._system().delete_file(self._path(name))

    def names(self, below: str) -> dict[str, float]:
        """Return the files below a folder, by name, and when each was written (epoch seconds)."""
        import pyarrow.fs as pafs  # noqa: PLC0415 - belongs to the extra

        with self._told(below):
            wanted = pafs.FileSelector(self._path(below), recursive=True, allow_not_found=True)
            found = self._system().get_file_info(wanted)
            base = f"{self._path('')}/" if self._path("") else ""
            return {one.path.removeprefix(base): one.mtime.timestamp() if one.mtime else 0.0 for one in found if one.is_file}

    def check(self) -> None:
        """See that the place can be reached and written to."""
        with self._told(""):
            files, target = self._system(), self._path("ext/.bartizan")
            self._make_folder(target)
            with files.open_output_stream(target) as stream:
                stream.write(b"bartizan\n")
            files.delete_file(target)

    def _make_folder(self, target: str) -> None:
        """Make the folder of a file; an object store has none."""
        if urlsplit(self.place.url).scheme == "file":
            self._system().create_dir(target.rpartition("/")[0], recursive=True)

    def _parts(self, name: str) -> Iterator[bytes]:
        with self._told(name), self._system().open_input_stream(self._path(name)) as stream:
            while part := stream.read(_PART):
                yield part

    def _path(self, name: str) -> str:
        told = urlsplit(self.place.url)
        base = f"{told.netloc}{told.path}".rstrip("/")
        return f"{base}/{name}" if name else base

    def _system(self) -> pafs.FileSystem:
        if self._files is None:
            import pyarrow.fs as pafs  # noqa: PLC0415 - belongs to the extra

            told = urlsplit(self.place.url)
            if told.scheme == "file":
                self._files = pafs.LocalFileSystem()
            else:
                server = urlsplit(self.place.endpoint)
                named = {"endpoint_override": server.netloc, "scheme": server.scheme} if self.place.endpoint else {}
                region = {"region": self.place.region} if self.place.region else {}
                self._files = pafs.S3FileSystem(**named, **region)
        return self._files

    def _told(self, name: str) -> _Told:
        return _Told(f"{self.place.url}/{name}" if name else self.place.url)


class _Told:
    """Say failures in our words. Engines' own messages name servers and operations, never what a request was signed with."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Raise OutputError for what an engine raised."""
        if isinstance(error, Exception) and of_engine(error):
            message = f"{self._what}: cannot be reached or written: {reason(error)[:300]}: see that it is there and may be written to"
            raise OutputError(message) from error


def cold_store(root: Path) -> ColdStore | None:
    """Return where a lake keeps files of old days; None where it has no such place. InputError where its settings are none."""
    path = root / _SETTINGS
    if not path.is_file():
        return None
    try:
        return ColdStore(Place(**json.loads(path.read_bytes())))
    except (ValueError, TypeError) as error:
        message = f"{path}: is no place for old files ({error}): name it again with `bartizan lake cold`"
        raise InputError(message) from error


def set_place(root: Path, place: Place) -> ColdStore:
    """Let a lake keep files of old days in a place, which must be reachable. UsageError where it has another already, or it is none."""
    told = urlsplit(place.url)
    if told.scheme not in _SCHEMES or not (told.netloc or told.path.strip("/")) or "@" in told.netloc or told.query:
        message = (
            f"{place.url}: is no place for files: write s3://BUCKET/PREFIX or file:///FOLDER; who may go there is told by the environment"
        )
        raise UsageError(message)
    if place.endpoint and ("@" in place.endpoint or urlsplit(place.endpoint).scheme not in {"http", "https"}):
        message = "the endpoint is no address of a server: write https://HOST:PORT; who may go there is told by the environment"
        raise UsageError(message)
    known = cold_store(root)
    if known is not None and known.place.url != place.url:
        message = f"{root}: keeps old files in {known.place.url} already: they would have to be brought back first"
        raise UsageError(message)
    store = ColdStore(place)
    store.check()
    (root / _SETTINGS).parent.mkdir(parents=True, exist_ok=True)
    replace(root / _SETTINGS, json.dumps(asdict(place)).encode())
    return store
