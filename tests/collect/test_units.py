"""Work is cut where the files say, and reads the same in one piece or in many."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.collect.frame import framed, reasons_of, records_of
from tests.collect.toys import toy
from tests.field import field_data

from bartizan.collect.catalogue import Catalogue, catalogue_of
from bartizan.collect.chunk import Chunk
from bartizan.collect.contract import Framing, Source
from bartizan.collect.limits import Limits
from bartizan.collect.spans import Span
from bartizan.collect.units import Numbering, Unit, read, units

NOTHING = catalogue_of([])


def known(*sources: Source) -> Catalogue:
    return catalogue_of([(source.name, source) for source in sources])


def chunks(*paths: Path | str, limits: Limits | None = None, sources: Catalogue = NOTHING) -> list[Chunk]:
    """Read paths as a worker would: from units that have been pickled."""
    work = [pickle.loads(pickle.dumps(unit)) for unit in units([str(path) for path in paths], limits=limits, sources=sources)]
    return [chunk for unit in work for chunk in read(unit, sources=sources)]


def test_small_files_are_bundled_and_come_in_order(tmp_path: Path) -> None:
    for number in range(150):
        (tmp_path / f"{number:03}.log").write_text(f"line {number}\n")
    work = list(units([str(tmp_path)], sources=NOTHING))
    assert [len(unit.pieces) for unit in work] == [64, 64, 22]
    assert [unit.number for unit in work] == [0, 1, 2]
    assert records_of(chunk for unit in work for chunk in read(unit, sources=NOTHING)) == [b"line %d" % number for number in range(150)]
    assert str(work[0]) == f"{tmp_path}/000.log and 63 more"
    assert work[2].origins == tuple(f"{tmp_path}/{number}.log" for number in range(128, 150))


def test_a_large_plain_file_is_cut_at_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(b"line %03d\n" % number for number in range(100)))
    work = list(units([str(path)], limits=Limits(chunk=200), sources=NOTHING))
    spans = [(piece.begin, piece.end) for unit in work for piece in unit.pieces if isinstance(piece, Span)]
    assert spans == [(0, 207), (207, 414), (414, 621), (621, 828), (828, 900)]
    assert str(work[1]) == f"bytes 207 to 414 of {path}"
    assert work[1].origins == (str(path),)
    read_again = [chunk for unit in work for chunk in read(unit, sources=NOTHING)]
    assert records_of(read_again) == [b"line %03d" % number for number in range(100)]
    assert [place for chunk in read_again for place in chunk.offsets or ()] == list(range(0, 900, 9))


def test_records_are_numbered_from_one_within_each_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"xxx\n" * 30)
    numbering = Numbering()
    found = [(Path(chunk.origin).name, numbering.first(chunk), len(chunk.records)) for chunk in chunks(tmp_path, limits=Limits(chunk=40))]
    assert found == [("a", 1, 11), ("a", 12, 11), ("a", 23, 8), ("b", 1, 11), ("b", 12, 11), ("b", 23, 8)]


_LINES = st.lists(
    st.sampled_from([b"\n", b"\r\n", b"a\n", b"bb 1\n", b"{}\n", b'{"a":1}\n', b"\xff\n", b"longer than a span\n", b"no end"]), max_size=40
)


@given(parts=_LINES, limit=st.integers(4, 50), record=st.integers(6, 40))
def test_any_file_gives_the_same_records_however_it_is_cut(parts: list[bytes], limit: int, record: int) -> None:
    data = b"".join(parts)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x")
        path.write_bytes(data)
        cut = chunks(path, limits=Limits(chunk=limit, record=record))
    whole = framed(data, record=record)
    assert (records_of(cut), reasons_of(cut)) == (records_of(whole), reasons_of(whole))
    assert [place for chunk in cut for place in chunk.offsets or ()] == [place for chunk in whole for place in chunk.offsets or ()]
    assert sum(chunk.size for chunk in cut) == len(data)


def test_a_large_file_is_taken_for_one_source_in_all_its_spans(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"\xef\xbb\xbf" + b"toy 1 a\n" * 50 + b"other\n" * 50)
    found = chunks(path, limits=Limits(chunk=100), sources=known(toy("toy")))
    assert {chunk.source for chunk in found} == {"toy"}
    assert {chunk.why for chunk in found} == {"toy knows 32 of 64 records looked at"}
    assert sum(chunk.size for chunk in found) == path.stat().st_size


@pytest.mark.parametrize("limit", [30, 64, 100, 1000])
def test_records_that_belong_together_are_not_cut_apart(tmp_path: Path, limit: int) -> None:
    lines = [b"toy %d %d" % (event, line) for event in range(40) for line in range(event % 4 + 1)]
    (tmp_path / "plain.log").write_bytes(b"\n".join(lines))
    (tmp_path / "packed.gz").write_bytes(gzip.compress(b"\n".join(lines) + b"\n"))
    found = chunks(tmp_path, limits=Limits(chunk=limit), sources=known(toy("toy", grouped=True)))
    for name in ("plain.log", "packed.gz"):
        own = [chunk for chunk in found if chunk.origin.endswith(name)]
        assert records_of(own) == lines
        events = [{record.split()[1] for record in chunk.records} for chunk in own]
        assert sum(map(len, events)) == 40


def test_a_group_without_end_is_cut_rather_than_held(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"toy 1 x\n" * 5000))
    found = chunks(tmp_path, limits=Limits(chunk=8000), sources=known(toy("toy", grouped=True)))
    assert records_of(found) == [b"toy 1 x"] * 5000


def test_a_source_whose_grouping_fails_still_gets_every_record(tmp_path: Path) -> None:
    import dataclasses

    def group(record: bytes) -> object:
        raise ValueError(record)

    (tmp_path / "plain").write_bytes(b"toy 1\n" * 50)
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"toy 1\n" * 50))
    found = chunks(tmp_path, limits=Limits(chunk=60), sources=known(dataclasses.replace(toy("toy"), group=group)))
    assert records_of(found) == [b"toy 1"] * 100


@pytest.mark.parametrize(
    "data",
    [
        b'{"Records":[' + b",".join(b'{"id":%d}' % number for number in range(500)) + b"]}",
        b"\xff\xfe" + "".join(f"line {number}\n" for number in range(500)).encode("utf-16-le"),
        b"#fields\ta\n" + b"1\n" * 900 + b"#fields\tb\n" + b"2\n" * 900,
        bytes(900) + b"x\n" * 900,
    ],
)
@pytest.mark.parametrize("packed", [1 << 20, 100])
def test_what_can_only_be_read_from_its_beginning_is(tmp_path: Path, data: bytes, packed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bartizan.collect.units._PACKED", packed)
    path = tmp_path / "x"
    path.write_bytes(data)
    whole = framed(data)
    cut = chunks(path, limits=Limits(chunk=600))
    assert [(chunk.head, record) for chunk in cut for record in chunk.records] == [
        (chunk.head, record) for chunk in whole for record in chunk.records
    ]


def test_a_large_archive_is_read_by_who_hands_out_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bartizan.collect.units._PACKED", 100)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in ("a", "b"):
            info = tarfile.TarInfo(name)
            info.size = 400
            archive.addfile(info, io.BytesIO(b"xxx\n" * 100))
    (tmp_path / "x.tar").write_bytes(out.getvalue())
    work = list(units([str(tmp_path)], limits=Limits(chunk=200), sources=NOTHING))
    assert all(isinstance(piece, Chunk) for unit in work for piece in unit.pieces)
    assert work[0].origins == (f"{tmp_path}/x.tar!a",)
    assert records_of(chunk for unit in work for chunk in read(unit, sources=NOTHING)) == [b"xxx"] * 200


def test_what_is_passed_over_has_its_place_in_the_order(tmp_path: Path) -> None:
    (tmp_path / ".a").write_text("x")
    (tmp_path / "b").symlink_to("nowhere")
    (tmp_path / "c").write_text("x")
    assert [(Path(chunk.origin).name, chunk.records, chunk.problems, chunk.notes) for chunk in chunks(tmp_path)] == [
        (".a", (), (), ("hidden: passed over; name it to have it read",)),
        ("b", (), ("a link to nothing",), ()),
        ("c", [b"x"], (), ()),
    ]


def test_standard_input_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, gzip.compress(b"one\ntwo\n"))
    os.close(writing)
    with os.fdopen(reading) as standard:
        monkeypatch.setattr(sys, "stdin", standard)
        assert [(chunk.origin, chunk.records) for chunk in chunks("-")] == [("-", [b"one", b"two"])]


def test_a_file_that_shrinks_or_vanishes_after_it_was_cut_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"line\n" * 100)
    work = list(units([str(path)], limits=Limits(chunk=200), sources=NOTHING))
    path.write_bytes(b"line\n" * 50)
    found = [chunk for unit in work for chunk in read(unit, sources=NOTHING)]
    assert len(records_of(found)) == 50
    assert [chunk.problems for chunk in found] == [
        (),
        ("became shorter while it was read: it ends before byte 410",),
        ("became shorter while it was read: it ends before byte 500",),
    ]
    path.unlink()
    (gone,) = read(work[0], sources=NOTHING)
    assert (gone.origin, gone.framing, gone.problems) == (str(path), None, ("vanished before it was read",))


def test_a_large_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"line\n" * 100)

    def denied(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", denied)
    (chunk,) = chunks(path, limits=Limits(chunk=200))
    assert chunk.problems == ("cannot be opened: Permission denied",)


def test_a_large_event_log_is_cut_between_its_chunks() -> None:
    path = max(field_data("evtx-to-mitre").rglob("*.evtx"), key=lambda found: found.stat().st_size)
    sources = known(toy("events", Framing.EVTX, word=b'{"Event"'))
    whole = chunks(path, sources=sources)
    cut = chunks(path, limits=Limits(chunk=1 << 18), sources=sources)
    assert len(cut) > len(whole)
    assert records_of(cut) == records_of(whole)
    assert sum(chunk.size for chunk in cut) == path.stat().st_size
    assert {chunk.source for chunk in cut} == {"events"}


def test_units_of_the_field_data_close_their_balance() -> None:
    folder = field_data("sigma-regression")
    found = chunks(folder)
    sizes = {str(path): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    read_bytes: dict[str, int] = dict.fromkeys(sizes, 0)
    for chunk in found:
        read_bytes[chunk.origin] += chunk.size
    assert read_bytes == sizes


def test_a_unit_is_a_value() -> None:
    assert pickle.loads(pickle.dumps(Unit(0, (Chunk(origin="a"),)))) == Unit(0, (Chunk(origin="a"),))
