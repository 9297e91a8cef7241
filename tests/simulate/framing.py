"""Cut the files of a simulated day into raw records without the help of the code that wrote them."""

from __future__ import annotations

import gzip
import json
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = date(2026, 3, 10)


def content(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def head(path: Path) -> list[bytes]:
    return [line for line in content(path).split(b"\n") if line.startswith(b"#") and not line.startswith(b"#close")]


def records(path: Path) -> list[bytes]:
    data = content(path)
    if path.name.endswith(".json.gz"):
        return list(_elements(data.decode()))
    assert data.endswith(b"\n")
    return [line for line in data.split(b"\n")[:-1] if not line.startswith(b"#")]


def _elements(text: str) -> Iterator[bytes]:
    start, decoder = text.index("[") + 1, json.JSONDecoder()
    while text[start] != "]":
        _, end = decoder.raw_decode(text, start)
        yield text[start:end].encode()
        start = end + (text[end] == ",")


def files(root: Path, folder: str = "") -> list[Path]:
    return sorted(path for path in (root / folder).rglob("*") if path.is_file() and path.name != "truth.json")
