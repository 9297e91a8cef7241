"""The journal gives back what was put into it, whatever happened to the machine."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.detect.watch.contract import Entry, Place
from bartizan.detect.watch.journal import Journal, JournalReader, frame
from bartizan.errors import OutputError

FOREVER = 1 << 62
BEGINNING = Place()


def entry(number: int, *, size: int = 10) -> Entry:
    return Entry(stream="s", received=number, framing="lines", records=[b"x" * size])


def numbers(reader: JournalReader, place: Place = BEGINNING, *, most: int = FOREVER) -> list[int]:
    return [one.received for one, _ in reader.after(place, most=most)]


def filled(folder: Path, count: int, *, segment_bytes: int = 100) -> Journal:
    journal = Journal(folder, segment_bytes=segment_bytes)
    for number in range(count):
        journal.append([frame(entry(number))])
    return journal


def test_entries_come_back_in_their_order_over_segments(tmp_path: Path) -> None:
    filled(tmp_path, 20).close()
    assert len(list(tmp_path.glob("*.wal"))) > 3
    assert numbers(JournalReader(tmp_path)) == list(range(20))


def test_an_entry_comes_back_whole(tmp_path: Path) -> None:
    whole = Entry(stream="a/b", received=5, framing="json", records=[b"{}", b"\xff\n"], head=[b"#h"], unreadable={1: "why"}, quiet=3)
    Journal(tmp_path).append([frame(whole)])
    assert [one for one, _ in JournalReader(tmp_path).after(Place(), most=FOREVER)] == [whole]


@given(cut=st.integers(0, 400), most=st.integers(1, 400))
@settings(max_examples=50)
def test_reading_goes_on_from_any_place(cut: int, most: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        filled(Path(folder), 12).close()
        reader = JournalReader(Path(folder))
        found: list[int] = []
        place = Place()
        while some := list(reader.after(place, most=most)):
            found += [one.received for one, _ in some]
            place = some[-1][1]
        assert found == list(range(12))
        assert cut >= 0


@given(cut=st.integers(1, 60), garbage=st.binary(max_size=40) | st.integers(1, 40).map(bytes))
@settings(max_examples=60)
def test_a_torn_tail_is_put_aside_and_the_rest_is_there(cut: int, garbage: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal = filled(folder, 5, segment_bytes=1 << 20)
        journal.close()
        path = next(folder.glob("*.wal"))
        whole = path.read_bytes()
        size = len(whole) // 5
        torn = whole[: len(whole) - cut] + garbage
        path.write_bytes(torn)
        again = Journal(folder)
        kept = len(numbers(JournalReader(folder)))
        assert kept >= 5 - -(-cut // size)
        assert again.saved == 0
        assert torn == path.read_bytes() + (again.torn.read_bytes() if again.torn else b"")
        again.append([frame(entry(99))])
        assert numbers(JournalReader(folder)) == [*range(kept), 99]


@given(at=st.integers(0, 5 * 46 - 1), bit=st.integers(0, 7), reached=st.integers(0, 5))
@settings(max_examples=60)
def test_whole_entries_behind_damage_go_on_and_whoever_had_read_further_misses_nothing_new(at: int, bit: int, reached: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal = filled(folder, 5, segment_bytes=1 << 20)
        journal.close()
        places = [BEGINNING, *(place for _, place in JournalReader(folder).after(BEGINNING, most=FOREVER))]
        path = next(folder.glob("*.wal"))
        text = bytearray(path.read_bytes())
        size = len(text) // 5
        at = min(at, len(text) - 1)
        text[at] ^= 1 << bit
        path.write_bytes(text)
        again = Journal(folder)
        damaged = at // size
        assert again.torn is not None
        assert again.torn.read_bytes() == bytes(text[damaged * size :])
        behind = [*range(damaged + 1, 5)] if at % size >= 4 else numbers(JournalReader(folder))[damaged:]
        assert again.saved == len(behind)
        again.append([frame(entry(99))])
        assert numbers(JournalReader(folder)) == [*range(damaged), *behind, 99]
        assert numbers(JournalReader(folder), places[reached])[-1] == 99
        assert set(numbers(JournalReader(folder), places[reached])) >= {number for number in behind if number >= reached} | {99}
        again.close()


def test_a_journal_that_was_killed_while_it_saved_entries_has_them_when_it_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, 5, segment_bytes=1 << 20).close()
    path = next(tmp_path.glob("*.wal"))
    text = bytearray(path.read_bytes())
    text[20] ^= 1
    path.write_bytes(text)
    monkeypatch.setattr(Path, "replace", lambda *_: os.strerror(1 // 0))
    with pytest.raises(ZeroDivisionError):
        Journal(tmp_path)
    monkeypatch.undo()
    again = _unlocked(tmp_path)
    assert numbers(JournalReader(tmp_path)) == [1, 2, 3, 4]
    again.append([frame(entry(99))])
    assert numbers(JournalReader(tmp_path)) == [1, 2, 3, 4, 99]


def _unlocked(folder: Path) -> Journal:
    """Open a journal whose process was killed: with it went the lock."""
    (folder / "lock").unlink()
    return Journal(folder)


def test_what_is_durable_and_cannot_be_read_is_said_and_not_waited_for(tmp_path: Path) -> None:
    journal = filled(tmp_path, 3, segment_bytes=1 << 20)
    path = next(tmp_path.glob("*.wal"))
    text = bytearray(path.read_bytes())
    text[-1] ^= 1
    path.write_bytes(text)
    assert numbers(JournalReader(tmp_path)) == [0, 1]
    with pytest.raises(OutputError, match=r"damaged at byte \d+: move the file away"):
        numbers(JournalReader(tmp_path, until=journal.end))


def test_damage_that_no_crash_leaves_is_said_with_its_place(tmp_path: Path) -> None:
    filled(tmp_path, 20).close()
    path = sorted(tmp_path.glob("*.wal"))[1]
    text = bytearray(path.read_bytes())
    text[20] ^= 1
    path.write_bytes(text)
    with pytest.raises(OutputError, match=rf"{path}: damaged at byte 0: move the file away"):
        numbers(JournalReader(tmp_path))
    path.rename(tmp_path / "damaged")
    found = numbers(JournalReader(tmp_path))
    assert (found[0], found[-1], len(found) < 20) == (0, 19, True)


def test_a_header_that_promises_gigabytes_reads_nothing(tmp_path: Path) -> None:
    Journal(tmp_path).close()
    path = next(tmp_path.glob("*.wal"))
    path.write_bytes(b"\xff" * 8)
    assert numbers(JournalReader(tmp_path)) == []


def test_what_is_judged_is_freed_by_segments(tmp_path: Path) -> None:
    filled(tmp_path, 20).close()
    reader = JournalReader(tmp_path)
    held = reader.held(Place())
    places = [place for _, place in reader.after(Place(), most=FOREVER)]
    reader.forget(places[9])
    assert reader.first() == Place(places[9].segment, 0)
    assert reader.held(places[9]) == held * 10 // 20
    assert numbers(reader, places[9]) == list(range(10, 20))


def test_nothing_is_read_behind_what_is_known_to_be_on_disk(tmp_path: Path) -> None:
    filled(tmp_path, 6).close()
    places = [place for _, place in JournalReader(tmp_path).after(Place(), most=FOREVER)]
    assert numbers(JournalReader(tmp_path, until=places[2])) == [0, 1, 2]


def test_a_full_disk_leaves_whole_frames_and_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = filled(tmp_path, 2, segment_bytes=1 << 20)
    write = os.write

    def half(file: int, text: bytes) -> int:
        if len(text) < 8:
            raise OSError(28, "No space left on device")
        return write(file, bytes(text)[: len(text) // 2])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OutputError, match="No space left on device: free some room; nothing was acknowledged"):
        journal.append([frame(entry(2))])
    monkeypatch.undo()
    journal.append([frame(entry(3))])
    assert numbers(JournalReader(tmp_path)) == [0, 1, 3]


def test_a_second_journal_in_a_folder_is_refused_until_the_first_is_closed(tmp_path: Path) -> None:
    journal = filled(tmp_path, 2)
    with pytest.raises(OutputError, match="another process writes this journal: stop it first, or name another folder"):
        Journal(tmp_path)
    journal.close()
    Journal(tmp_path).close()


def test_no_more_goes_into_a_segment_whose_disk_failed_while_it_was_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = filled(tmp_path, 2, segment_bytes=1 << 20)

    def failing(_file: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", failing)
    with pytest.raises(OutputError, match="Input/output error"):
        journal.append([frame(entry(2))])
    monkeypatch.undo()
    places = [journal.append([frame(entry(number))]) for number in (3, 4)]
    assert [place.segment for place in places] == [2, 2]
    assert numbers(JournalReader(tmp_path)) == [0, 1, 3, 4]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="the journal cannot be written"):
        Journal(tmp_path / "file" / "journal")
