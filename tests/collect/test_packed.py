"""Whatever is packed around a log is opened by content, in bounded memory, and damage costs only what is damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from bartizan.collect.catalogue import catalogue_of
from bartizan.collect.files import chunks_of
from bartizan.collect.limits import Limits
from bartizan.collect.transports.paths import Found

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bartizan.collect.chunk import Chunk

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


def test_members_of_a_zip_have_names_and_times(tmp_path: Path) -> None:
    chunks = read(tmp_path, zipped({"a.log": TEXT, "dir/": b"", "dir/b.json": b'{"a":1}'}))
    assert summary(chunks) == [("x!a.log", LINES, ()), ("x!dir/b.json", [b'{"a":1}'], ())]
    assert {chunk.modified for chunk in chunks} == {1_714_979_290.0}


def test_a_forged_extended_header_does_not_loop(tmp_path: Path) -> None:
    data = bytearray(tar({"\u20ac" * 80: TEXT}))
    at = data.index(b" path=") - 3
    data[at : at + 3] = b"000"
    (chunk,) = read(tmp_path, bytes(data))
    assert chunk.records == LINES


def test_a_member_of_an_impossible_date_has_the_archives_time(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": TEXT}))
    for magic, date in ((b"PK\x03\x04", 12), (b"PK\x01\x02", 14)):
        at = data.index(magic) + date
        data[at : at + 2] = b"\x00\x00"
    (chunk,) = read(tmp_path, bytes(data))
    assert (chunk.records, chunk.modified) == (LINES, 5.0)


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
