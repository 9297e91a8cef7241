"""Files that grow are followed: each line once, over rotation, restarts and half-written lines."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bartizan.collect.receivers.tail import LINE, Tail

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def lines(tail: Tail) -> list[str]:
    return [line for part in tail.poll() for line in part.text.decode().splitlines()]


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_lines_come_once_and_whole(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    tail = Tail([str(tmp_path / "*.log")])
    append(log, "one\ntwo\nthr")
    assert [lines(tail), lines(tail)] == [["one", "two"], []]
    append(log, "ee\n")
    append(tmp_path / "b.log", "other\n")
    assert lines(tail) == ["three", "other"]
    tail.close()


def test_what_was_read_is_known_after_a_restart(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    append(log, "one\n")
    first = Tail([str(log)])
    assert lines(first) == ["one"]
    first.close()
    append(log, "two\n")
    assert lines(Tail([str(log)], first.state)) == ["two"]


def test_what_was_yielded_and_not_kept_is_yielded_again(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    append(log, "one\n")
    tail = Tail([str(log)])
    part = next(tail.poll())
    assert (part.text, tail.state[str(log)].offset) == (b"one\n", 0)
    assert lines(tail) == ["one"]


def test_a_file_that_is_renamed_is_read_to_its_end_and_then_the_new_one(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    tail = Tail([str(log)])
    append(log, "one\n")
    assert lines(tail) == ["one"]
    log.rename(tmp_path / "a.log.1")
    append(tmp_path / "a.log.1", "two\nno newline")
    append(log, "three\n")
    assert [lines(tail), lines(tail)] == [["two", "no newline", "three"], []]


def test_a_file_that_was_renamed_while_nobody_looked_is_found(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    append(log, "one\n")
    first = Tail([str(log)])
    lines(first)
    first.close()
    append(log, "two\n")
    log.rename(tmp_path / "a.log.1")
    append(log, "three\n")
    assert lines(Tail([str(log)], first.state)) == ["two", "three"]


def test_a_file_that_is_truncated_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    tail = Tail([str(log)])
    append(log, "one\ntwo\n")
    lines(tail)
    os.truncate(log, 0)
    append(log, "new\n")
    assert lines(tail) == ["new"]


def test_a_file_that_is_gone_is_forgotten_and_one_that_comes_back_is_new(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    tail = Tail([str(log)])
    append(log, "one\n")
    lines(tail)
    log.unlink()
    assert (lines(tail), tail.state) == ([], {})
    append(log, "two\n")
    assert lines(tail) == ["two"]


def test_a_line_without_end_is_taken_in_pieces(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"x" * (LINE + 1))
    assert [len(line) for line in lines(Tail([str(log)]))] == [LINE + 1]


def test_a_file_that_cannot_be_read_is_a_problem_and_costs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(tmp_path / "a.log", "one\n")
    append(tmp_path / "b.log", "two\n")
    real = os.open

    def refused(path: str, flags: int) -> int:
        if str(path).endswith("a.log"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags)

    monkeypatch.setattr(os, "open", refused)
    tail = Tail([str(tmp_path / "*.log")])
    assert (lines(tail), tail.problems) == (["two"], {str(tmp_path / "a.log"): "Permission denied"})
    monkeypatch.undo()
    assert (lines(tail), tail.problems) == (["one"], {})
