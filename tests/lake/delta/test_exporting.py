"""What is exported from one lake can be taken into another, whole and once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.lake.delta.kept import DAY, Clock, kept, records

from bartizan.errors import InputError
from bartizan.lake.exporting import copy_files
from bartizan.lake.opening import make_lake
from bartizan.lake.policy import Policy

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.lake.delta.lake import DeltaLake

PIDS = "SELECT process.pid FROM process_activity ORDER BY 1"


def put(lake: DeltaLake, *days: int) -> None:
    for day in days:
        lake.append([records({"time": 1_700_000_000_000_000_000 + day * DAY, "process.pid": day})], source="edr", batch_id=str(day))


def exported(lake: DeltaLake, folder: Path) -> Path:
    copy_files(lake.snapshot(), folder, lake.digests())
    return folder


def test_exports_that_overlap_are_taken_in_once(tmp_path: Path) -> None:
    with kept(tmp_path / "one") as lake:
        put(lake, 0, 1)
        first = exported(lake, tmp_path / "first")
        put(lake, 2)
        second = exported(lake, tmp_path / "second")
        assert lake.take_in(second).new is False
    with make_lake(tmp_path / "other", {}) as other:
        assert [other.take_in(folder).rows for folder in (first, second, first, second)] == [2, 1, 0, 0]
        assert other.sql(PIDS).rows == [(0,), (1,), (2,)]
        assert other.verify() == []
        third = exported(other, tmp_path / "third")
    with make_lake(tmp_path / "last", {}) as last:
        assert last.take_in(third).rows == 3
        assert last.sql(PIDS).rows == [(0,), (1,), (2,)]


def test_what_was_compacted_since_is_not_taken_in_again_and_what_expired_is(tmp_path: Path) -> None:
    clock = Clock()
    with kept(tmp_path, clock=clock) as lake:
        for number in range(4):
            lake.append([records({"time": clock() + number, "process.pid": number})], source="edr", batch_id=str(number))
        copy = exported(lake, tmp_path / "copy")
        assert lake.maintain(Policy()).made == 1
        assert lake.take_in(copy).new is False
    with kept(tmp_path / "other", clock=clock) as other:
        other.take_in(copy)
        clock.days = 9
        assert other.maintain(Policy(days=1)).expired == 4
        assert other.sql(PIDS).rows == []
        assert other.take_in(copy).rows == 4
        assert other.sql(PIDS).rows == [(0,), (1,), (2,), (3,)]


def test_an_export_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        put(lake, 0, 1)
        copy = exported(lake, tmp_path / "copy")
    one, two = sorted((copy / "ext").rglob("*.parquet"))
    with make_lake(tmp_path / "other", {}) as other:
        whole = one.read_bytes()
        one.write_bytes(whole[:-5] + b"other")
        with pytest.raises(InputError, match="is not as it was exported: nothing is imported; export again"):
            other.take_in(copy)
        one.write_bytes(whole)
        strange = two.with_name("strange.parquet")
        two.rename(strange)
        with pytest.raises(InputError, match="is missing: nothing is imported"):
            other.take_in(copy)
        two.hardlink_to(strange)
        with pytest.raises(InputError, match=r"strange\.parquet: is not in .*manifest\.json"):
            other.take_in(copy)
        (copy / "manifest.json").write_text(json.dumps({"files": [1]}))
        with pytest.raises(InputError, match="is no list of an export"):
            other.take_in(copy)
        assert other.snapshot().rows == 0


def test_a_damaged_file_is_not_exported_and_a_lake_is_not_imported_as_it_is(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        put(lake, 0)
        [file] = (tmp_path / "lake").rglob("eventDay=*/*.parquet")
        file.write_bytes(file.read_bytes() + b"x")
        with pytest.raises(InputError, match="is not as it was written, so it is not exported"):
            exported(lake, tmp_path / "copy")
        with pytest.raises(InputError, match="is a lake: `bartizan lake export"):
            lake.take_in(tmp_path / "lake")
