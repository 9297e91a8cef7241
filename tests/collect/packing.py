"""Pack bytes in every way that is read, and read them back."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest
import zstandard

from bartizan.collect.catalogue import catalogue_of
from bartizan.collect.files import chunks_of
from bartizan.collect.transports.paths import Found

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bartizan.collect.chunk import Chunk
    from bartizan.collect.limits import Limits

NOTHING = catalogue_of([])
TEXT = b"one line\ntwo lines\n"
LINES = [b"one line", b"two lines"]


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


CODECS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zstd": zstd, "bzip2": bz2.compress, "xz": lzma.compress}
codecs = pytest.mark.parametrize("name", CODECS)


def tar(members: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1_700_000_000
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10)), data, compression)
    return out.getvalue()


def read(tmp_path: Path, data: bytes, limits: Limits | None = None) -> list[Chunk]:
    path = tmp_path / "x"
    path.write_bytes(data)
    return list(chunks_of(Found(str(path), "x", len(data), 5.0), NOTHING, limits))


def summary(chunks: list[Chunk]) -> list[tuple[str, list[bytes], tuple[str, ...]]]:
    return [(chunk.origin, list(chunk.records), (*chunk.problems, *chunk.notes)) for chunk in chunks]
