"""Paths become files in one order, and what is passed over is said."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from bartizan.collect.transports.paths import Found, Passed, find, shown
from bartizan.errors import InputError


def names(*paths: Path | str) -> list[tuple[str, str]]:
    """Return each path found relative to the first one, and why it is passed over."""
    return [
        (os.path.relpath(one.name, paths[0]) if one.name != "-" else "-", one.why if isinstance(one, Passed) else "")
        for one in find([str(path) for path in paths])
    ]


def test_a_folder_is_read_with_all_below_it_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b/2.log", "b/10.log", "a.log", "c/d/e/f.log", "B.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [name for name, _ in names(tmp_path)] == ["B.log", "a.log", "b/10.log", "b/2.log", "c/d/e/f.log"]


def test_a_file_found_has_its_size_and_time(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("four")
    os.utime(path, (7, 9))
    assert list(find([str(path)])) == [Found(str(path), str(path), 4, 9.0)]


def test_hidden_files_are_passed_over_unless_named(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".hidden").write_text("x")
    said = "hidden: passed over; name it to have it read"
    assert names(tmp_path) == [(".git", said), (".hidden", said)]
    assert [name for name, _ in names(tmp_path / ".hidden")] == ["."]


def test_a_file_reached_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("x")
    (tmp_path / "link.log").symlink_to("a.log")
    said = f"the same as {tmp_path / 'a.log'}: read once"
    assert names(tmp_path, tmp_path / "a.log") == [("a.log", ""), ("link.log", said), ("a.log", said)]


def test_a_link_that_leads_back_ends_there(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.log").write_text("x")
    (tmp_path / "sub" / "back").symlink_to(tmp_path)
    assert names(tmp_path) == [("sub/a.log", ""), ("sub/back", f"the same as {tmp_path}: read once")]


def test_a_link_to_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to("nowhere")
    assert list(find([str(tmp_path)])) == [Passed(str(tmp_path / "gone"), "a link to nothing", lost=True)]


def test_pipes_sockets_and_devices_in_a_folder_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert names(tmp_path) == [("pipe", "a pipe: passed over"), ("socket", "a socket: passed over")]
    assert list(find(["/dev/null"])) == [Passed("/dev/null", "a device: passed over")]


def test_a_pipe_that_is_named_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (found,) = find([str(tmp_path / "pipe")])
    assert isinstance(found, Found)
    assert found.stream


def test_globs_name_what_matches_in_order(tmp_path: Path) -> None:
    for name in ("b.log", "a.log", "c.txt", "d/e.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert [Path(one.name).name for one in find([f"{tmp_path}/*.log", f"{tmp_path}/**/e.log"])] == ["a.log", "b.log", "e.log"]


def test_a_file_whose_name_looks_like_a_glob_is_read(tmp_path: Path) -> None:
    (tmp_path / "a[1].log").write_text("x")
    assert [one.name for one in find([f"{tmp_path}/a[1].log"])] == [f"{tmp_path}/a[1].log"]


@pytest.mark.parametrize(("path", "why"), [("none.log", "no such file or folder"), ("*.none", "no file matches this pattern")])
def test_a_path_that_names_nothing_is_an_error_before_anything_is_read(tmp_path: Path, path: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        find([str(tmp_path), f"{tmp_path}/{path}"])
    assert str(caught.value) == f"{tmp_path}/{path}: {why}"


def test_a_folder_that_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: str) -> list[str]:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", denied)
    assert list(find([str(tmp_path)])) == [Passed(str(tmp_path), "cannot be opened: Permission denied", lost=True)]


def test_names_that_are_no_utf8_or_would_move_the_cursor_are_shown_escaped(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/a\xff\x1b[31m\n.log"
    Path(os.fsdecode(raw)).write_text("x")
    (found,) = find([str(tmp_path)])
    assert isinstance(found, Found)
    assert (os.fsencode(found.path), found.name) == (raw, f"{tmp_path}/a\\xff\\x1b[31m\\n.log")
    assert shown("plain \u00fcml\u00e4ut") == "plain \u00fcml\u00e4ut"


def test_a_tree_deeper_than_a_path_may_be_long_is_walked_as_far_as_that(tmp_path: Path) -> None:
    top = os.open(tmp_path, os.O_RDONLY)
    name = "d" * 200
    for _ in range(25):
        os.mkdir(name, dir_fd=top)
        below = os.open(name, os.O_RDONLY, dir_fd=top)
        os.close(top)
        top = below
    os.close(top)
    (deepest,) = find([str(tmp_path)])
    assert isinstance(deepest, Passed)
    assert (deepest.why, deepest.lost) == ("cannot be opened: File name too long", True)


def test_standard_input_is_a_stream() -> None:
    assert list(find(["-"])) == [Found("-", "-", stream=True)]
