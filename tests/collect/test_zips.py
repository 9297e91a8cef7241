"""Zip archives are read member by member, with or without the directory at their end."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest
from tests.collect.packing import LINES, TEXT, read, summary, zipped

from bartizan.collect.limits import Limits

if TYPE_CHECKING:
    from pathlib import Path


def test_members_of_a_zip_have_names_and_times(tmp_path: Path) -> None:
    chunks = read(tmp_path, zipped({"a.log": TEXT, "dir/": b"", "dir/b.json": b'{"a":1}'}))
    assert summary(chunks) == [("x!a.log", LINES, ()), ("x!dir/b.json", [b'{"a":1}'], ())]
    assert {chunk.modified for chunk in chunks} == {1_714_979_290.0}


def test_a_member_of_an_impossible_date_has_the_archives_time(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": TEXT}))
    for magic, date in ((b"PK\x03\x04", 12), (b"PK\x01\x02", 14)):
        at = data.index(magic) + date
        data[at : at + 2] = b"\x00\x00"
    (chunk,) = read(tmp_path, bytes(data))
    assert (chunk.records, chunk.modified) == (LINES, 5.0)


def test_a_member_without_a_name_is_read(tmp_path: Path) -> None:
    assert summary(read(tmp_path, zipped({"": TEXT}))) == [("x!", LINES, ())]


def test_an_archive_that_holds_nothing_says_so(tmp_path: Path) -> None:
    assert summary(read(tmp_path, zipped({}))) == [("x", [], ("empty",))]
    assert summary(read(tmp_path, zipped({"folder/": b""}))) == [("x", [], ("empty",))]


def test_names_that_climb_out_are_only_names(tmp_path: Path) -> None:
    assert summary(read(tmp_path, zipped({"../../etc/x\n": b"a"}))) == [("x!../../etc/x\\n", [b"a"], ())]


def test_an_encrypted_member_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"secret", "b": TEXT}))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + flags] |= 1
    assert summary(read(tmp_path, bytes(data))) == [("x!a", [], ("encrypted: cannot be read, unpack it first",)), ("x!b", LINES, ())]


def test_a_member_packed_in_an_unknown_way_is_said(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"x" * 100}))
    for magic, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.index(magic) + method] = 97
    assert summary(read(tmp_path, bytes(data))) == [
        ("x!a", [], ("zip: That compression method is not supported: cannot be read, unpack it first",))
    ]


def test_a_damaged_member_gives_what_came_before_and_the_others_are_read(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"line\n" * 10, "b": TEXT}, zipfile.ZIP_STORED))
    data[data.index(b"line\n") + 1] ^= 0xFF
    chunks = read(tmp_path, bytes(data))
    assert chunks[0].problems == ("zip: damaged behind byte 0 of this member (Bad CRC-32 for file 'a'): what came before was read",)
    assert summary(chunks)[1:] == [("x!b", LINES, ())]


GONE = "zip: its directory, at the end, cannot be read (File is not a zip file): cut off? The members that are there were read"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_without_its_directory_gives_the_members_that_are_there(tmp_path: Path, method: int) -> None:
    data = zipped({"a": TEXT, "b": b"line\n" * 1000}, method)
    first = data.index(b"PK\x03\x04", 4)
    whole = [("x!a", LINES, ()), ("x!b", [b"line"] * 1000, ()), ("x", [], (GONE,))]
    assert summary(read(tmp_path, data[: data.index(b"PK\x01\x02")])) == whole
    assert summary(read(tmp_path, data[:first])) == [whole[0], whole[2]]
    cut = read(tmp_path, data[: first + 31 + 10])
    assert [chunk.origin for chunk in cut] == ["x!a", "x!b", "x"]
    assert cut[1].problems[0].startswith("cut off")


def test_a_streamed_zip_without_its_directory_is_read_too(tmp_path: Path) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a", "b"):
            with archive.open(name, "w", force_zip64=name == "b") as member:
                member.write(TEXT)
    data = out.getvalue()
    found = summary(read(tmp_path, data[: data.index(b"PK\x01\x02")]))
    assert found == [("x!a", LINES, ()), ("x!b", LINES, ()), ("x", [], (GONE,))]


def test_encrypted_and_damaged_members_of_a_zip_without_its_directory_are_said(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": TEXT, "b": TEXT, "c": TEXT}))
    data[6] |= 1
    second = data.index(b"PK\x03\x04", 4)
    data[second + 31] = 0xFF
    found = summary(read(tmp_path, bytes(data[: data.index(b"PK\x01\x02")])))
    why = "encrypted or packed in an unusual way: cannot be read, unpack it first"
    damaged = "zip: damaged behind byte 0 of this member (Error -3 while decompressing data: invalid block type): what came before was read"
    assert found == [("x!a", [], (why,)), ("x!b", [], (damaged,)), ("x!c", LINES, ()), ("x", [], (GONE,))]


def test_a_damaged_member_of_unknown_size_without_a_directory_hides_the_next_and_that_is_said(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": TEXT, "b": TEXT}))
    data[6] |= 8
    data[31] = 0xFF
    (first, last) = summary(read(tmp_path, bytes(data[: data.index(b"PK\x01\x02")])))
    lost = "zip: its directory, at the end, is not there, and no member begins where the last one ends: what came before was read"
    assert (first[:2], last) == (("x!a", []), ("x", [], (lost,)))


def test_sizes_of_eight_bytes_are_believed_without_a_directory(tmp_path: Path) -> None:
    extra = struct.pack("<HHQQ", 1, 16, len(TEXT), len(TEXT))
    header = struct.pack("<4s5H3L2H", b"PK\x03\x04", 45, 0, 0, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, 1, len(extra))
    assert summary(read(tmp_path, header + b"a" + extra + TEXT)) == [("x!a", LINES, ()), ("x", [], (GONE,))]


def test_a_zip_whose_directory_does_not_fit_in_memory_is_not_opened(tmp_path: Path) -> None:
    (chunk,) = read(tmp_path, zipped({"a": TEXT, "b": TEXT}), Limits(directory=50))
    assert chunk.problems == ("zip: its directory takes 94 bytes, the limit is 50: not read",)


def test_a_zip_64_directory_is_measured_before_it_is_read(tmp_path: Path) -> None:
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, 1 << 40, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 4, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    (chunk,) = read(tmp_path, b"PK\x03\x04" + end64 + locator + end)
    assert chunk.problems == ("zip: its directory takes 1099511627776 bytes, the limit is 268435456: not read",)
