"""What is installed elsewhere is whole: code, data, content, and it works from there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from tests.house.checkout import ROOT, files

from bartizan.rules import load
from bartizan.testing.conformance import read_cases

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def test_a_wheel_holds_every_file_of_the_package_and_of_the_content(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = {name.removeprefix("src/") for name in files() if name.startswith("src/bartizan/")}
    content = {f"bartizan/{name}" for name in files() if name.startswith("content/")}
    cases = {
        name.replace("tests/conformance", "bartizan/testing/conformance/cases") for name in files() if name.startswith("tests/conformance/")
    }
    assert held == package | content | cases


def test_a_wheel_carries_licence_and_notice(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name.partition(".dist-info/")[2] for name in archive.namelist()}
    assert held >= {"licenses/LICENSE", "licenses/NOTICE", "entry_points.txt"}


@pytest.mark.slow
def test_what_a_wheel_holds_works_where_it_is_unpacked(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")},  # measured is the checkout
        "PYTHONPATH": str(tmp_path / "site"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_DATA_HOME": str(tmp_path),
    }
    doctor = [sys.executable, "-m", "bartizan", "doctor", "--json"]
    told = subprocess.run(doctor, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True)
    checks = {one["check"]: (one["well"], one["told"]) for one in json.loads(told.stdout)}
    assert [name for name, (well, _) in checks.items() if not well] == []
    rules = load([ROOT / "content" / "detections"], cache=tmp_path / "cache").rules
    assert checks["content"] == (True, f"{len(rules)} rules")
    read = "from bartizan.testing.conformance import read_cases; print(len(read_cases()))"
    cases = subprocess.run([sys.executable, "-c", read], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True)
    assert int(cases.stdout) == len(read_cases())
    where = [sys.executable, "-c", "import bartizan; print(bartizan.__file__)"]
    assert subprocess.run(where, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True).stdout.startswith(str(tmp_path))
