"""The files that people run the server from name what there is. No image was built by these tests."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bartizan.faces.cli.parser import build

ROOT = Path(__file__).parents[3]
UNIT = (ROOT / "deploy" / "bartizan.service").read_text()
CONTAINER = (ROOT / "deploy" / "Containerfile").read_text()
KNOWN = {"FROM", "RUN", "COPY", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}


def instructions() -> list[tuple[str, str]]:
    lines = [line for line in CONTAINER.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def parsed(words: list[str]) -> str:
    """Return which command some words call; the parser ends the test where they call none."""
    return str(build(words).parse(words).command.__name__).rpartition(".")[2]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    ours = str(Path(sys.executable).with_name("bartizan"))
    (tmp_path / "bartizan.service").write_text(UNIT.replace("/opt/bartizan/bin/bartizan", ours))
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "bartizan.service")]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_the_unit_calls_commands_that_there_are() -> None:
    called = re.findall(r"^Exec(?:Start|StartPre)=\S+/bartizan (.*)$", UNIT, re.MULTILINE)
    assert [parsed(words.split()) for words in called] == ["serve", "config"]


def test_the_container_has_what_it_installs_and_calls_a_command_that_there_is() -> None:
    told = dict(instructions())
    assert {name for name, _ in instructions()} == KNOWN
    assert parsed(json.loads(told["CMD"])) == "serve"
    assert json.loads(told["ENTRYPOINT"]) == ["bartizan"]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    (asked,) = re.findall(r"/src\[([^\]]*)\]", CONTAINER)
    assert set(asked.split(",")) <= set(extras)
    compile(json.loads(told["HEALTHCHECK"].removeprefix("CMD "))[2], "healthcheck", "exec")


@pytest.mark.slow
def test_what_the_container_is_given_is_enough_to_build_a_wheel(tmp_path: Path) -> None:
    for _, words in (one for one in instructions() if one[0] == "COPY"):
        *sources, target = words.split()
        for source in sources:
            place = tmp_path / target.strip("/").removeprefix("src").strip("/")
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, place)
    said = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    assert [path.suffix for path in (tmp_path / "dist").iterdir()] == [".whl"]
