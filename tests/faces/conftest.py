from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.hunting import accepted, failed, pack, process, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _own_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep compiled rules and added packs of tests apart from those of the person who runs them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / ".data"))


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five rules that can be run, and one that cannot."""
    return pack(tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files, six records: four findings of three rules, one record that nobody reads."""
    folder = tmp_path_factory.mktemp("logs")
    write(folder / "auth.log", [accepted(10), failed(20), accepted(10), "???\n"])
    write(folder / "sysmon.json", [process(30), process(40), process(50, "C:\\x.exe")])
    return folder


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log in which every line is read, one finding."""
    return write(tmp_path_factory.mktemp("clean") / "auth.log", [accepted(10), accepted(20, user="guest")])
