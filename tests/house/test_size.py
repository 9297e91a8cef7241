"""Files are short."""

from __future__ import annotations

from statistics import median

from tests.house.checkout import PACKAGE, ROOT, files

MOST, MEDIAN = 400, 130


def lines(name: str) -> int:
    return len((ROOT / name).read_bytes().splitlines())


def test_no_python_file_is_longer_than_four_hundred_lines() -> None:
    long = {name: count for name in files() if name.endswith(".py") and (count := lines(name)) > MOST}
    assert long == {}, "split them by what they are about"


def test_the_files_of_the_package_are_short_in_the_middle() -> None:
    sizes = [lines(str(path.relative_to(ROOT))) for path in PACKAGE.rglob("*.py")]
    assert median(sizes) < MEDIAN


def test_content_holds_no_code() -> None:
    assert [name for name in files() if name.startswith("content/") and name.endswith(".py")] == []
