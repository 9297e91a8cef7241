"""Windows event logs give every record they hold, or say which could not be read."""

from __future__ import annotations

import struct
import zlib

import pytest
from evtx import PyEvtxParser
from tests.collect.frame import framed, reasons_of, records_of
from tests.field import field_data

from bartizan.collect.contract import Framing
from bartizan.testing.event_logs import CHUNK, HEADER, chunk, event_log

WORDS = [f"event {number}" for number in range(1, 9)]
TEXTS = [b'{"Event":"%s"}' % word.encode() for word in WORDS]


def place_of(data: bytes, number: int) -> int:
    """Return where a record stands in a file."""
    return data.index(b"\x2a\x2a\0\0", data.index(struct.pack("<Q", number), HEADER + 512) - 8)


def test_every_record_of_every_chunk_is_rendered() -> None:
    data = event_log(*(chunk(first, WORDS[first - 1 : first + 1]) for first in range(1, 9, 2)))
    (found,) = framed(data, 1000)
    assert (found.framing, found.records, found.unreadable, found.offsets) == (Framing.EVTX, TEXTS, {}, None)
    assert found.size == len(data)


def test_chunks_come_in_runs_of_about_the_target() -> None:
    data = event_log(*(chunk(number, [WORDS[number % 8]]) for number in range(1, 51)))
    found = framed(data, target=100)
    assert [len(one.records) for one in found] == [16, 16, 16, 2]
    assert sum(one.size for one in found) == len(data)


@pytest.mark.parametrize("data", [event_log(), event_log(chunk(1, [])), event_log(bytes(CHUNK), bytes(CHUNK))])
def test_a_log_without_events_has_no_records_and_no_problem(data: bytes) -> None:
    (found,) = framed(data)
    assert (found.records, found.unreadable, found.size) == ([], {}, len(data))


def test_a_header_that_was_never_updated_does_not_hide_chunks() -> None:
    data = bytearray(event_log(chunk(1, WORDS[:4]), chunk(5, WORDS[4:])))
    data[42:44], data[120] = b"\x01\x00", 1
    assert records_of(framed(bytes(data))) == TEXTS


def test_a_chunk_without_its_magic_is_one_unreadable_record_and_the_others_are_read() -> None:
    good = chunk(1, WORDS[:4]), chunk(5, WORDS[4:])
    bad = b"garbage!" + chunk(1, WORDS)[8:]
    found = framed(event_log(good[0], bad, good[1]))
    assert records_of(found) == [*TEXTS[:4], bad, *TEXTS[4:]]
    assert reasons_of(found) == {4: "chunk 1 is damaged: it does not begin with ElfChnk"}


def test_a_damaged_record_is_kept_raw_and_those_behind_it_are_read() -> None:
    data = bytearray(event_log(chunk(1, WORDS)))
    at = place_of(data, 3)
    size = struct.unpack_from("<L", data, at + 4)[0]
    data[at + 24] = 0x77
    found = framed(bytes(data))
    assert records_of(found) == [*TEXTS[:2], bytes(data[at : at + size]), *TEXTS[3:]]
    assert reasons_of(found) == {2: f"chunk 0, record 3, at byte {at - HEADER} of the chunk: cannot be rendered"}


@pytest.mark.parametrize("length", [30, 50, 70])
def test_a_wiped_place_costs_the_records_in_it_and_no_other(length: int) -> None:
    data = bytearray(event_log(chunk(1, WORDS), chunk(9, ["last"])))
    at = place_of(data, 3)
    data[at : at + length] = bytes(length)
    found = framed(bytes(data))
    left = data[at : place_of(data, 4)]
    assert [record for record in records_of(found) if not record.startswith(b"EVTX")] == [*TEXTS[:2], *TEXTS[3:], left, b'{"Event":"last"}']
    assert reasons_of(found) == {7: "chunk 0 is damaged: its header counts 8 records, 7 are there"}


def test_a_record_with_a_forged_size_costs_itself() -> None:
    data = bytearray(event_log(chunk(1, WORDS)))
    at = place_of(data, 5)
    data[at + 4 : at + 8] = b"\xff\xff\xff\x7f"
    found = framed(bytes(data))
    assert records_of(found) == [*TEXTS[:4], *TEXTS[5:], bytes(data[at : place_of(data, 6)])]
    assert list(reasons_of(found)) == [7]


def test_a_file_cut_off_in_a_chunk_gives_the_records_before() -> None:
    data = event_log(chunk(1, WORDS[:4]), chunk(5, WORDS[4:]))
    cut = place_of(data, 7) + 10
    found = framed(data[:cut])
    mark = b"EVTX chunk 1, checksum %08x: lost record 2 of 2" % zlib.crc32(data[HEADER + CHUNK : cut])
    assert records_of(found) == [*TEXTS[:6], data[cut - 10 : cut], mark]
    assert set(reasons_of(found).values()) == {"chunk 1 is damaged: its header counts 4 records, 2 are there"}
    assert sum(one.size for one in found) == cut


@pytest.mark.parametrize("count", [1 << 62, (1 << 64) - 1])
def test_a_chunk_header_that_counts_without_end_does_not(count: int) -> None:
    data = bytearray(event_log(chunk(1, WORDS)))
    data[HEADER + 16 : HEADER + 24] = struct.pack("<Q", count)
    found = framed(bytes(data))
    assert records_of(found)[:8] == TEXTS
    assert len(records_of(found)) <= 8 + CHUNK // 28


@pytest.mark.parametrize("cut", [8, 100, HEADER - 1, HEADER, HEADER + 1, HEADER + 100])
def test_a_log_cut_off_in_its_headers_does_not_fail(cut: int) -> None:
    found = framed(event_log(chunk(1, WORDS))[:cut])
    assert sum(one.size for one in found) == cut
    assert len(reasons_of(found)) == len(records_of(found))


def test_the_field_data_has_the_records_that_a_parse_of_whole_files_finds() -> None:
    for path in field_data("evtx-to-mitre").rglob("*.evtx"):
        whole = [record["data"].encode() for record in PyEvtxParser(str(path), number_of_threads=1).records_json() if record]
        found = framed(path.read_bytes())
        assert (records_of(found), reasons_of(found)) == (whole, {})
