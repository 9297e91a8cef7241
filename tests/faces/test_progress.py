from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from tests.hunting import accepted, write

from bartizan.detect.hunt.run import Progress
from bartizan.faces.cli import progress as module
from bartizan.faces.cli.progress import progress

if TYPE_CHECKING:
    from pathlib import Path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_rules_and_records(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("TERM", "xterm")
    log = write(tmp_path / "a.log", [accepted(1)])
    with progress([str(log)], quiet=False) as tell:
        tell(Progress(compiled=1_200, to_compile=3_780))
    assert "compiling rule files: 1,200 of 3,780" in terminal.getvalue()
    with progress([str(log)], quiet=False) as tell:
        tell(Progress(bytes=96, events=5_000, findings=17))
    assert "5,000 records, " in terminal.getvalue()
    assert "17 findings" in terminal.getvalue()


@pytest.mark.parametrize("quiet", [True, False])
def test_nothing_is_drawn_elsewhere(monkeypatch: pytest.MonkeyPatch, *, quiet: bool) -> None:
    file = Terminal() if quiet else io.StringIO()
    monkeypatch.setattr("sys.stderr", file)
    with progress(["a"], quiet=quiet) as tell:
        tell(Progress(1, 1, 1))
    assert file.getvalue() == ""


def test_the_size_is_told_where_it_can_be_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "logs" / "a.log", ["12345\n"])
    write(tmp_path / "logs" / "deep" / "b.log", ["123\n"])
    write(tmp_path / "logs" / ".hidden" / "c.log", ["not counted\n"])
    folder = str(tmp_path / "logs")
    assert module._size([folder]) == 10
    assert module._size([folder, folder + "/a.log"]) == 16
    assert module._size([str(tmp_path / "*.log")]) is None
    assert module._size(["-"]) is None
    write(tmp_path / "logs" / "d.ZIP", ["x"])
    assert module._size([folder]) is None

    def failing(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.is_dir", failing)
    assert module._size([folder]) is None
