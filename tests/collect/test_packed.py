"""Whatever is packed around a log is opened by content, in bounded memory, and damage costs only what is damaged."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from tests.collect.packing import CODECS, LINES, NOTHING, TEXT, codecs, read, summary, tar, zipped, zstd

from bartizan.collect.files import chunks_of
from bartizan.collect.limits import Limits
from bartizan.collect.transports.paths import Found

if TYPE_CHECKING:
    from pathlib import Path


@codecs
def test_a_compressed_file_is_read_under_its_own_name(tmp_path: Path, name: str) -> None:
    (chunk,) = read(tmp_path, CODECS[name](TEXT))
    assert (chunk.origin, chunk.records, chunk.problems, chunk.size, chunk.modified) == ("x", LINES, (), len(TEXT), 5.0)


@codecs
def test_members_behind_each_other_and_padding_are_one_stream(tmp_path: Path, name: str) -> None:
    pack = CODECS[name]
    data = pack(b"one ") + pack(b"") + pack(b"line\ntwo lines\n") + bytes(512)
    assert summary(read(tmp_path, data)) == [("x", LINES, ())]


@codecs
def test_a_compressed_file_cut_off_gives_what_came_before(tmp_path: Path, name: str) -> None:
    big = os.urandom(300_000).hex().encode() + b"\n"
    whole = CODECS[name](big)
    chunks = read(tmp_path, CODECS[name](TEXT) + whole[: len(whole) // 2])
    cut = len(CODECS[name](TEXT)) + len(whole) // 2
    assert chunks[0].records[:2] == LINES
    assert [problem for chunk in chunks for problem in chunk.problems] == [
        f"{name} data is cut off at byte {cut}: what came before was read"
    ]


@codecs
def test_a_damaged_place_ends_the_stream_and_is_named(tmp_path: Path, name: str) -> None:
    pack = CODECS[name]
    first, damaged = pack(TEXT), bytearray(pack(os.urandom(2500).hex().encode()))
    damaged[len(damaged) // 2 : len(damaged) // 2 + 400] = bytes(400)
    chunks = read(tmp_path, first + bytes(damaged))
    problems = [problem for chunk in chunks for problem in chunk.problems]
    assert chunks[0].records[:2] == LINES
    assert len(problems) == 1
    assert problems[0].startswith(f"{name} data is damaged behind byte ")


@codecs
def test_garbage_behind_compressed_data_is_said_and_not_read(tmp_path: Path, name: str) -> None:
    packed = CODECS[name](TEXT)
    why = f"bytes that are no {name} data follow behind byte {len(packed)}: they were not read"
    assert summary(read(tmp_path, packed + b"garbage")) == [("x", LINES, (why,))]


def test_a_skippable_zstd_frame_is_skipped(tmp_path: Path) -> None:
    data = b"\x50\x2a\x4d\x18" + struct.pack("<I", 3) + b"abc" + zstd(TEXT)
    assert summary(read(tmp_path, data)) == [("x", LINES, ())]


def test_a_zstd_window_larger_than_memory_allows_is_refused(tmp_path: Path) -> None:
    compressor = zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters(window_log=30, write_content_size=False))
    packer = compressor.compressobj()
    (chunk,) = read(tmp_path, packer.compress(TEXT) + packer.flush())
    assert chunk.records == ()
    assert chunk.problems[0].startswith("zstd data is damaged behind byte 0 (")
    assert "memory" in chunk.problems[0]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["", *CODECS])
def test_tar_archives_are_read_plain_and_compressed(tmp_path: Path, form: int, name: str) -> None:
    long = "d" * 90 + "/" + "e" * 90
    data = tar({"a.log": TEXT, "sub/empty": b"", long: b"three"}, form)
    chunks = read(tmp_path, CODECS[name](data) if name else data)
    assert summary(chunks) == [("x!a.log", LINES, ()), ("x!sub/empty", [], ("empty",)), (f"x!{long}", [b"three"], ())]
    assert {chunk.modified for chunk in chunks} == {1_700_000_000.0}


def test_an_old_tar_without_a_magic_is_read(tmp_path: Path) -> None:
    data = bytearray(tar({"a.log": TEXT}, tarfile.USTAR_FORMAT))
    data[257:265] = bytes(8)
    data[148:156] = b"%06o\x00 " % (sum(data[:148]) + 8 * 32 + sum(data[156:512]))
    assert summary(read(tmp_path, bytes(data))) == [("x!a.log", LINES, ())]


def test_names_beyond_ascii_sizes_in_base_256_and_links_are_understood(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE):
            info = tarfile.TarInfo("no file")
            info.type = kind
            archive.addfile(info)
        info = tarfile.TarInfo("gr\u00fcn")
        info.size, info.mtime = len(TEXT), -1
        archive.addfile(info, io.BytesIO(TEXT))
    data = bytearray(out.getvalue())
    at = data.index("gr\u00fcn".encode())
    data[at + 124 : at + 136] = b"\x80" + len(TEXT).to_bytes(11, "big")
    data[at + 148 : at + 156] = b"%06o\x00 " % (sum(data[at : at + 148]) + 8 * 32 + sum(data[at + 156 : at + 512]))
    assert summary(read(tmp_path, bytes(data))) == [("x!gr\u00fcn", LINES, ())]


def test_archives_run_together_are_all_read(tmp_path: Path) -> None:
    assert summary(read(tmp_path, tar({"a": TEXT}) + tar({"b": b"x"}))) == [("x!a", LINES, ()), ("x!b", [b"x"], ())]


def test_a_tar_cut_off_in_a_member_gives_what_came_before(tmp_path: Path) -> None:
    data = tar({"a": TEXT, "b": b"y\n" * 3000}, tarfile.USTAR_FORMAT)
    chunks = read(tmp_path, data[: 512 * 3 + 100])
    assert summary(chunks) == [
        ("x!a", LINES, ()),
        ("x!b", [b"y"] * 50, ("cut off: 100 of 6000 bytes are there",)),
        ("x", [], ("tar: ends at byte 7680 without an end mark: it may have been cut off there",)),
    ]


def test_a_tar_with_a_damaged_header_gives_the_members_before(tmp_path: Path) -> None:
    data = bytearray(tar({"a": TEXT, "b": TEXT}, tarfile.USTAR_FORMAT))
    data[1024 + 10] = 0xFF
    why = "tar: damaged or cut off at byte 1024: what came before was read"
    assert summary(read(tmp_path, bytes(data))) == [("x!a", LINES, ()), ("x", [], (why,))]


def test_an_endless_extra_header_is_not_held(tmp_path: Path) -> None:
    info = tarfile.TarInfo("long")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 40
    why = "tar: an extra header of 1099511627776 bytes, the limit is 1048576: given up here, what came before was read"
    assert summary(read(tmp_path, info.tobuf(tarfile.GNU_FORMAT))) == [("x", [], (why,))]


def test_a_sparse_member_is_said_and_skipped(tmp_path: Path) -> None:
    info = tarfile.TarInfo("sparse")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 600
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[482] = 1
    header[148:156] = b"%06o\x00 " % (sum(header[:148]) + 8 * 32 + sum(header[156:512]))
    data = bytes(header) + bytes(512) + bytes(1024) + tar({"a": TEXT})
    why = "a sparse member of a tar archive: cannot be read, unpack the archive first"
    assert summary(read(tmp_path, data)) == [("x!sparse", [], (why,)), ("x!a", LINES, ())]


@given(
    members=st.lists(
        st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=120), st.binary(max_size=1200)),
        max_size=4,
    ),
    form=st.sampled_from([0, 1, 2]),
)
def test_any_members_come_out_of_a_tar_as_they_went_in(members: list[tuple[str, bytes]], form: int) -> None:
    from bartizan.collect.transports.bytestream import ByteStream
    from bartizan.collect.transports.tar import tar_members

    names = [f"{number}{name}".rstrip("/") for number, (name, _) in enumerate(members)]
    if form == tarfile.USTAR_FORMAT:
        names = [name.encode()[:90].decode("utf-8", "ignore") for name in names]
    data = tar(dict(zip(names, (content for _, content in members), strict=True)), form)
    stream = ByteStream(data[at : at + 700] for at in range(0, len(data), 700))
    found = [(member.name, b"".join(member.stream.blocks())) for member in tar_members(stream)]
    assert found == [(name, content) for name, (_, content) in zip(names, members, strict=True)]


def test_a_forged_extended_header_does_not_loop(tmp_path: Path) -> None:
    data = bytearray(tar({"\u20ac" * 80: TEXT}))
    at = data.index(b" path=") - 3
    data[at : at + 3] = b"000"
    (chunk,) = read(tmp_path, bytes(data))
    assert chunk.records == LINES


def test_archives_in_archives_are_opened_to_a_depth(tmp_path: Path) -> None:
    data = zipped({"c.log": TEXT})
    data = gzip.compress(tar({"b.zip": data}))
    data = zipped({"a.tgz": data})
    assert summary(read(tmp_path, data)) == [("x!a.tgz!b.zip!c.log", LINES, ())]
    why = "packed in more than 3 archives or 6 layers: not opened, unpack it first"
    assert summary(read(tmp_path, zipped({"o.zip": data, "p": TEXT}))) == [("x!o.zip!a.tgz!b.zip", [], (why,)), ("x!p", LINES, ())]


def test_a_file_compressed_over_and_over_is_given_up(tmp_path: Path) -> None:
    data = TEXT
    for _ in range(7):
        data = gzip.compress(data)
    assert summary(read(tmp_path, data)) == [("x", [], ("packed in more than 3 archives or 6 layers: not opened, unpack it first",))]


@codecs
def test_a_bomb_is_given_up_by_its_ratio(tmp_path: Path, name: str) -> None:
    data = CODECS[name](b"0" * 99 + b"\n") + CODECS[name]((b"0" * 99 + b"\n") * 30_000)
    chunks = read(tmp_path, data, Limits(ratio=20, ratio_free=1 << 16))
    (problem,) = [problem for chunk in chunks for problem in chunk.problems]
    assert problem.endswith("more than 20 times as much, as no log does: given up here, what came before was read")
    assert sum(chunk.size for chunk in chunks) < 3_000_000


def test_a_bomb_in_a_zip_ends_that_archive_and_nothing_else(tmp_path: Path) -> None:
    data = zipped({"a": TEXT, "b": b"0\n" * 4_000_000, "c": TEXT})
    chunks = read(tmp_path, data, Limits(unpacked=1_100_000))
    assert summary(chunks)[0] == ("x!a", LINES, ())
    assert chunks[-1].origin == "x!b"
    assert chunks[-1].problems == ("unpacks to more than 1100000 bytes: given up here, what came before was read",)


def test_too_many_members_are_given_up(tmp_path: Path) -> None:
    why = "has more than 2 members: given up here, what came before was read"
    for data in (tar({"a": b"1", "b": b"2", "c": b"3"}), zipped({"a": b"1", "b": b"2", "c": b"3"})):
        assert summary(read(tmp_path, data, Limits(members=2))) == [("x!a", [b"1"], ()), ("x!b", [b"2"], ()), ("x", [], (why,))]


def test_damage_under_a_tar_is_told_for_the_archive(tmp_path: Path) -> None:
    data = gzip.compress(tar({"a": TEXT, "b": os.urandom(9000).hex().encode()}, tarfile.USTAR_FORMAT))
    chunks = read(tmp_path, data[:-2000])
    assert summary(chunks)[0] == ("x!a", LINES, ())
    assert [chunk.origin for chunk in chunks] == ["x!a", "x!b", "x", "x"]
    assert chunks[-1].problems == (f"gzip data is cut off at byte {len(data) - 2000}: what came before was read",)


def test_a_bomb_of_tiny_members_in_one_archive_stops_at_the_budget(tmp_path: Path) -> None:
    inner = zipped({str(number): b"x\n" * 1000 for number in range(20)})
    chunks = read(tmp_path, zipped({"a.zip": inner, "b.zip": inner}), Limits(unpacked=10_000))
    assert chunks[-1].origin == "x!a.zip!4"
    assert chunks[-1].problems == ("unpacks to more than 10000 bytes: given up here, what came before was read",)


def test_a_device_that_fails_while_it_is_read_says_where() -> None:
    (chunk,) = chunks_of(Found("/proc/self/mem", "mem", 1), NOTHING)
    assert (chunk.records, chunk.problems) == ((), ("cannot be read behind byte 0: Input/output error",))


def test_a_file_that_vanished_or_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Found(str(tmp_path / "gone"), "gone", 1, 1.0)
    assert summary(list(chunks_of(gone, NOTHING))) == [("gone", [], ("vanished before it was read",))]

    def denied(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", denied)
    assert summary(list(chunks_of(gone, NOTHING))) == [("gone", [], ("cannot be opened: Permission denied",))]
