from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bartizan.errors import OutputError
from bartizan.explain import files

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 250)
    files.save(path, "old")
    files.save(path, "new \udcff")
    assert path.read_text(encoding="utf-8") == "new \\udcff"
    assert list(tmp_path.iterdir()) == [path]


def test_an_accident_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    with pytest.raises(TypeError):
        files.save(path, 5)  # type: ignore[arg-type]  # an accident while it is written
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"a\.txt: cannot be written: No such file or directory; free some room or name another file"):
        files.save(tmp_path / "gone" / "a.txt", "new")


def test_a_place_is_looked_at_before_the_work(tmp_path: Path) -> None:
    files.check_place(tmp_path / "a.txt")
    with pytest.raises(OutputError, match="is a folder; name a file"):
        files.check_place(tmp_path)
    with pytest.raises(OutputError, match="there is no folder"):
        files.check_place(tmp_path / "gone" / "a.txt")
