"""What a lake needs beside the base install is said by name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from bartizan.errors import MissingExtra
from bartizan.lake.opening import make_lake, open_lake

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["deltalake", "duckdb", "pyarrow"])
def test_the_extra_is_named_where_one_of_its_libraries_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    for opening in (lambda: open_lake(tmp_path), lambda: make_lake(tmp_path, {})):
        with pytest.raises(MissingExtra) as caught:
            opening()
        assert str(caught.value) == "a lake that is kept needs the extra 'lake': pip install 'bartizan[lake]'"
    assert list(tmp_path.iterdir()) == []
