"""Memory stays bounded whatever is read: a gigabyte in one line, in one JSON string, in one packed member."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to tell the peak of memory"),
]

GIGABYTE = 1 << 30
MEGABYTE = 1 << 20
MOST = 400
"""Megabytes a process may take: 90 for the interpreter and the sources, 16 for each of a block, a record and a chunk, and copies."""

READ = """
import json, sys
from bartizan.collect.units import read, units
records, size, reasons, problems = 0, 0, [], []
for unit in units(sys.argv[1:]):
    for chunk in read(unit):
        records += len(chunk.records)
        size += chunk.size
        reasons += chunk.unreadable.values()
        problems += chunk.problems
status = open("/proc/self/status").read()  # ru_maxrss would count what the process that started this one held
most = int(status.partition("VmHWM:")[2].split()[0]) // 1024
print(json.dumps([records, size, [why[:40] for why in reasons], [why[:40] for why in problems], most]))
"""


def told(path: Path | str, pieces: Iterator[bytes] | None = None) -> tuple[int, int, list[str], list[str]]:
    """Read a path, or what is written to standard input, in a process of its own and hold that to its memory."""
    command = [sys.executable, "-c", READ, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for piece in pieces or ():
            process.stdin.write(piece)
        process.stdin.close()
        records, size, reasons, problems, most = json.loads(process.stdout.read())
    assert most < MOST
    return records, size, reasons, problems


def repeated(begin: bytes, piece: bytes, size: int, end: bytes) -> Iterator[bytes]:
    yield begin
    yield from (piece for _ in range(size // len(piece)))
    yield end


@pytest.mark.parametrize("begin", [b"", b'{"a": "', b'[{"a": "', b'{"Records": [{"a": "'])
def test_a_line_of_a_gigabyte_from_a_pipe(begin: bytes) -> None:
    records, size, reasons, _ = told("-", repeated(b"first\n" + begin, b"x" * MEGABYTE, GIGABYTE, b"\nlast\n"))
    assert (records, size) == (3, GIGABYTE + len(begin) + 12)
    assert reasons == [f"{GIGABYTE + len(begin)} bytes long, the limit is 16777216: first"[:40]]


def test_a_json_string_of_a_gigabyte_in_an_array(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.writelines(repeated(b'[{"a": 1},\n{"a": "', b"x" * MEGABYTE, GIGABYTE, b'"},\n{"a": 2}]'))
    records, size, reasons, _ = told(path)
    assert (records, size, len(reasons)) == (3, path.stat().st_size, 1)


def test_a_gigabyte_without_a_byte_in_it(tmp_path: Path) -> None:
    path = tmp_path / "hole"
    with path.open("wb") as file:
        file.truncate(GIGABYTE)
    assert told(path) == (0, GIGABYTE, [], [])


def test_a_hole_of_a_gigabyte_in_a_text(tmp_path: Path) -> None:
    path = tmp_path / "hole.log"
    with path.open("wb") as file:
        file.write(b"one\n")
        file.seek(GIGABYTE)
        file.write(b"\ntwo\n")
    records, size, reasons, _ = told(path)
    assert (records, size, len(reasons)) == (3, GIGABYTE + 5, 1)


LINE = b"x" * 99 + b"\n"


def _gzip(path: Path) -> None:
    member = gzip.compress(LINE * 300_000)
    path.write_bytes(member * 40)


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, archive.open("bomb", "w", force_zip64=True) as file:
        for piece in repeated(b"", LINE * 300_000, 12 * GIGABYTE // 10, b""):
            file.write(piece)


@pytest.mark.parametrize("pack", [_gzip, _zip])
def test_a_bomb_is_given_up_after_a_gigabyte(tmp_path: Path, pack: Callable[[Path], None]) -> None:
    path = tmp_path / "bomb"
    pack(path)
    records, size, _, problems = told(path)
    assert GIGABYTE - 2 * MEGABYTE <= size <= GIGABYTE
    assert (records, len(problems)) == (-(-size // len(LINE)), 1)


def test_sixty_million_of_the_shortest_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    with path.open("wb") as file:
        file.writelines(repeated(b"", b"x\n" * (MEGABYTE // 2), GIGABYTE // 8, b""))
    assert told(path) == (GIGABYTE // 16, GIGABYTE // 8, [], [])


def test_an_array_of_half_a_gigabyte_is_read_element_by_element(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    element = json.dumps({"name": "n" * 1000, "list": [1, {"a": None}]}, indent=2).encode() + b",\n"
    with path.open("wb") as file:
        file.writelines(repeated(b'{"Records": [', element, GIGABYTE // 2, b'{"last": true}]}'))
    records, size, reasons, _ = told(path)
    assert (records, size, reasons) == (GIGABYTE // 2 // len(element) + 1, path.stat().st_size, [])
