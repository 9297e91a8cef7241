"""What only a process of its own can show: signals, pipes, full disks, terminals, names that are no text."""

from __future__ import annotations

import json
import os
import pty
import re
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from tests.faces.command import COMMAND, bartizan, spawn
from tests.hunting import accepted, write
from tests.processes import ended, needs_proc, spawned

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """More files than fit into three units, one finding each."""
    for number in range(200):
        write(tmp_path / "many" / f"{number:03}.log", [accepted(number)])
    return tmp_path / "many"


@pytest.fixture
def waiting(many: Path, tmp_path: Path) -> Iterator[Path]:
    """The same, and a pipe that is read after them and gives nothing: the hunt stands still there."""
    os.mkfifo(tmp_path / "pipe")
    os.environ["TMPDIR"] = str(tmp_path / "temporary")
    (tmp_path / "temporary").mkdir()
    yield many
    del os.environ["TMPDIR"]


def interrupted(process: subprocess.Popen[bytes], pipe: Path, number: int) -> tuple[int, bytes, bytes]:
    """Send a signal when the hunt has come to the pipe; return its exit code and what it said. Ctrl-C reaches the workers, too."""
    with pipe.open("wb"):
        time.sleep(1)
        children = spawned(process.pid)
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert ended(children)
    return process.returncode, out, err


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_what_was_found_marked_partial(waiting: Path, rules: Path, tmp_path: Path, number: int) -> None:
    process = spawn(
        "hunt",
        waiting,
        tmp_path / "pipe",
        "--rules",
        rules,
        "--workers",
        "1",
        "--ndjson",
        "--balance",
        tmp_path / "b.json",
        start_new_session=True,
    )
    code, out, err = interrupted(process, tmp_path / "pipe", number)
    assert code == 130
    read = len(out.splitlines())
    assert read == 192
    assert err.decode().splitlines()[0] == (
        f"bartizan: This result is partial: interrupted after {read} records: what comes later was not read"
    )
    balance = json.loads((tmp_path / "b.json").read_bytes())
    assert balance["partial"] == f"interrupted after {read} records: what comes later was not read"
    assert balance["total"]["read"] == read
    assert list((tmp_path / "temporary").iterdir()) == []


@needs_proc
def test_an_interrupt_ends_the_workers_and_keeps_the_result(waiting: Path, rules: Path, tmp_path: Path) -> None:
    out = tmp_path / "case"
    process = spawn("hunt", waiting, tmp_path / "pipe", "--rules", rules, "--workers", "2", "--out", out, start_new_session=True)
    code, told, err = interrupted(process, tmp_path / "pipe", signal.SIGINT)
    assert (code, err) == (130, b"")
    assert b"This result is partial: interrupted after " in told
    assert not [path.name for path in out.rglob("*") if path.name.startswith(".")]
    read = json.loads((out / "balance.json").read_bytes())["total"]["read"]
    assert len((out / "findings.ndjson").read_bytes().splitlines()) == read
    assert "partial" in (out / "report.html").read_text()
    assert list((tmp_path / "temporary").iterdir()) == []


@needs_proc
def test_an_interrupt_while_workers_start_is_quiet(many: Path, rules: Path) -> None:
    process = spawn("hunt", many, "--rules", rules, "--workers", "2", "--quiet", start_new_session=True)
    assert any(spawned(process.pid) or time.sleep(0.002) for _ in range(10_000))
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, rules: Path) -> None:
    """The hunt writes 8 MB into a pipe whose reader takes one line."""
    log = write(tmp_path / "a.log", [accepted(number) for number in range(5000)])
    with spawn("hunt", log, "--rules", rules, "--ndjson", "--workers", "1") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=30) == 141
    assert json.loads(first)["class_uid"] == 2004


def test_a_full_standard_output_is_told(clean: Path, rules: Path) -> None:
    with Path("/dev/full").open("wb") as full, spawn("hunt", clean, "--rules", rules, "--ndjson", stdout=full) as process:
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (4, b"bartizan: standard output: cannot be written: No space left on device; free some room\n")


@pytest.mark.parametrize("words", [("--ndjson",), ()])
def test_closed_streams_do_not_matter(clean: Path, rules: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    command = [*COMMAND, "hunt", clean, "--rules", rules, "--balance", tmp_path / "b.json", *words]
    script = 'exec "$@" >&- 2>&- <&-'
    assert subprocess.run(["sh", "-c", script, "-", *command], check=False).returncode == 0
    assert json.loads((tmp_path / "b.json").read_bytes())["total"]["read"] == 2


UNMEASURED = dict.fromkeys(("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"), "")
"""Where coverage has no room for what it measured either."""


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000))


def test_a_disk_that_is_full_is_told_and_no_file_is_torn(many: Path, rules: Path, tmp_path: Path) -> None:
    out = tmp_path / "case"
    with spawn("hunt", many, "--rules", rules, "--out", out, "--workers", "1", env=UNMEASURED, preexec_fn=limited) as process:
        said, err = process.communicate(timeout=60)
    assert (process.returncode, said) == (4, b"")
    told = err.decode().splitlines()
    assert len(told) == 1
    assert told[0].startswith(f"bartizan: {out}/")
    assert "File too large" in told[0]
    kept = [path for path in out.rglob("*") if path.is_file()]
    assert [path.name for path in kept if path.name.startswith(".") or path.suffix != ".parquet"] == []
    assert all(pl.read_parquet(path).height for path in kept)


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(clean: Path, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/cache")
    said = bartizan("hunt", clean, "--rules", rules, "--ndjson")
    assert (said.code, len(said.lines)) == (0, 1)


def test_names_that_are_no_text_are_read_and_shown_as_what_they_are(rules: Path, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    names = (b"\xff\xfe.log", b"new\nline.log", b"\x1b[31mred\x1b[0m.log", "\u202egol.txt".encode(), b"-dash.log", b"spa ce.log", b"*.log")
    for number, name in enumerate(names):
        write(folder / os.fsdecode(name), [accepted(number)])
    with spawn("hunt", tmp_path / "odd", "--rules", rules, "--ndjson") as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err.splitlines()[1:]) == (0, [])
    told = [json.loads(line)["evidences"][0]["data"]["origin"]["path"].rpartition("odd/")[2] for line in out.splitlines()]
    assert told == [r"\x1b[31mred\x1b[0m.log", "*.log", "-dash.log", r"new\nline.log", "spa ce.log", r"\u202egol.txt", r"\xff\xfe.log"]
    with spawn("hunt", tmp_path / "odd", "--rules", rules) as process:
        story, _ = process.communicate(timeout=30)
    assert b"\x1b" not in story
    with spawn("hunt", folder / os.fsdecode(names[0]), "--rules", rules, "--ndjson") as process:
        out, _ = process.communicate(timeout=30)
    assert len(out.splitlines()) == 1


def test_output_is_shown_in_any_encoding(clean: Path, rules: Path) -> None:
    with spawn("hunt", clean, "--rules", rules, env={"PYTHONIOENCODING": "ascii"}) as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")
    assert out.decode("ascii").startswith("Bartizan hunt")


def test_standard_input_is_read_whatever_it_is_packed_in(rules: Path) -> None:
    import gzip

    with spawn("hunt", "-", "--rules", rules, "--ndjson", stdin=subprocess.PIPE) as process:
        out, _ = process.communicate(gzip.compress("".join(accepted(number) for number in range(5)).encode()), timeout=30)
    assert [json.loads(line)["evidences"][0]["data"]["origin"]["path"] for line in out.splitlines()] == ["-"] * 5


def on_terminal(*words: str | Path, until: bytes = b"", number: int = 0) -> tuple[int, bytes]:
    """Run on a terminal; send a signal when it has shown some text. Return the exit code and everything shown."""
    master, slave = pty.openpty()
    shown = b""
    with spawn(*words, stdin=slave, stdout=slave, stderr=slave, env={"TERM": "xterm", "COLUMNS": "100"}) as process:
        os.close(slave)
        while True:
            ready, _, _ = select.select([master], [], [], 30)
            assert ready, shown
            try:
                shown += os.read(master, 1 << 16)
            except OSError:  # how Linux tells that nobody holds the other end any more
                break
            if until and until in shown:
                until = b""
                process.send_signal(number)
        code = process.wait(timeout=30)
    os.close(master)
    return code, shown


def test_progress_is_shown_on_a_terminal_and_cleared(many: Path, rules: Path) -> None:
    code, shown = on_terminal("hunt", many, "--rules", rules, "--workers", "1")
    assert code == 0
    bar, _, story = re.sub(rb"\x1b\[[0-9;]*m", b"", shown).partition(b"Bartizan hunt")
    assert b"reading" in bar
    assert b"findings" in bar
    assert b"read 200 = 200 stored" in story
    assert bar.rindex(b"\x1b[?25h") > bar.rindex(b"\x1b[?25l")


def test_quiet_shows_no_progress_on_a_terminal(many: Path, rules: Path) -> None:
    assert on_terminal("hunt", many, "--rules", rules, "--workers", "1", "--quiet") == (0, b"")


@needs_proc
def test_an_interrupt_leaves_a_clean_terminal(waiting: Path, rules: Path, tmp_path: Path) -> None:
    pipe = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        code, shown = on_terminal(
            "hunt", waiting, tmp_path / "pipe", "--rules", rules, "--workers", "1", until=b"192 findings", number=signal.SIGINT
        )
    finally:
        os.close(pipe)
    assert code == 130
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")
    assert b"Traceback" not in shown
    assert b"interrupted after 192 records" in shown


def test_nothing_is_drawn_where_there_is_no_terminal(many: Path, rules: Path) -> None:
    with spawn("hunt", many, "--rules", rules) as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")
    assert b"\x1b" not in out


def test_a_fault_of_ours_is_told_as_one(monkeypatch: pytest.MonkeyPatch, clean: Path) -> None:
    from bartizan import workbench

    def broken(*_words: object, **_options: object) -> None:
        message = "deep inside"
        raise ZeroDivisionError(message)

    monkeypatch.setattr(workbench, "hunt", broken)
    said = bartizan("hunt", clean)
    assert said.code == 70
    lines = said.err.splitlines()
    assert (lines[0], lines[-2]) == ("Traceback (most recent call last):", "ZeroDivisionError: deep inside")
    assert lines[-1] == "bartizan: this is a fault of bartizan, not of your input; please report the lines above"


def test_an_interrupt_before_there_is_a_result_is_told(monkeypatch: pytest.MonkeyPatch, clean: Path) -> None:
    from bartizan import workbench

    def interrupting(*_words: object, **_options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workbench, "hunt", interrupting)
    said = bartizan("hunt", clean)
    assert (said.code, said.err) == (130, "bartizan: interrupted\n")


def test_mapping_files_of_the_user_are_read_by_every_command(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide" / "sources.md").read_text(encoding="utf-8")
    door = guide.partition("```yaml\n")[2].partition("```")[0]
    home = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    write(tmp_path / "config" / "bartizan" / "sources" / "door.yml", [door])
    wrong = write(tmp_path / "config" / "bartizan" / "sources" / "wrong.yml", [door.replace("read: json", "read: jsn")])
    log = write(tmp_path / "door.log", ['{"badge":"alice","door":7,"at":"2026-03-17T08:00:00Z"}\n'])
    listed, _ = spawn("sources", "list", env=home).communicate()
    lines = listed.decode().splitlines()
    assert [line.split() for line in lines if line.startswith("door ")] == [["door", "Door", "controller"]]
    assert [line for line in lines if line.startswith("!")] == [
        f"! {wrong}:4: 'jsn' is no format (did you mean 'json'?); read is one of json, kv, csv, regex, cef, leef, w3c"
    ]
    told, _ = spawn("hunt", log, "--json", "--workers", "2", env=home).communicate()
    assert [(one["source"], one["stored"]) for one in json.loads(told)["balance"]["files"]] == [("door", 1)]


@needs_proc
def test_numbers_start_no_threads() -> None:
    begin = "import os, sys; from bartizan.__main__ import main; sys.argv[1:] = ['help']; main()"
    code = f"{begin}; import numpy; print(os.listdir('/proc/self/task') == [str(os.getpid())])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.endswith("\nTrue\n")
