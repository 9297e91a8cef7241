"""The newest records come from the newest files, as if all had been sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lake.delta.kept import DAY, kept, records

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


@given(st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=4), min_size=1, max_size=4), st.integers(0, 9))
@settings(deadline=None, max_examples=15)
def test_the_latest_are_the_last_of_all_sorted(tmp_path_factory: pytest.TempPathFactory, files: list[list[int]], count: int) -> None:
    with kept(tmp_path_factory.mktemp("lake")) as lake:
        for number, hours in enumerate(files):
            lake.append([records(*({"time": hour * DAY // 24, "process.pid": hour} for hour in hours))], source="s", batch_id=str(number))
        found = lake.latest("process_activity", count, columns=("process.pid",)).rows
    assert [row[0] for row in found] == sorted((hour for hours in files for hour in hours), reverse=True)[:count]


def test_a_table_that_is_empty_has_no_latest_records(tmp_path: Path) -> None:
    with kept(tmp_path) as lake:
        assert lake.latest("process_activity", 5).rows == []
        lake.append([records({"process.pid": 1})], source="s", batch_id="a")
        told = lake.latest("process_activity", 5)
        assert (len(told.rows), told.rows[0][told.columns.index("class_uid")]) == (1, 1007)
