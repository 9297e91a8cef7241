"""What the guides promise is so."""

from __future__ import annotations

import doctest
import json
import re
import shlex
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from tests.faces.command import bartizan

from bartizan.collect.mapped import cells as mapped_cells
from bartizan.collect.mapped.texts import FORMATS
from bartizan.detect.alerts.assets import read_assets
from bartizan.faces.cli.parser import EXIT_CODES, build
from bartizan.schema.entities import Entity, EntityKind

GUIDE = Path(__file__).parents[2] / "docs" / "guide"


def test_the_python_guide_runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = re.sub(r"^```.*$", "", (GUIDE / "api.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    test = doctest.DocTestParser().get_doctest(text, {}, "api.md", str(GUIDE / "api.md"), 0)
    said: list[str] = []
    result = doctest.DocTestRunner().run(test, out=said.append)
    assert "".join(said) == ""
    assert result.failed == 0
    assert result.attempted >= 10


def shapes() -> dict[str, Any]:
    text = (GUIDE / "hunt.md").read_text(encoding="utf-8")
    return {name: json.loads(block) for name, block in re.findall(r"<!-- shape: (\w+) -->\n```json\n(.*?)```", text, re.DOTALL)}


def differing(documented: Any, actual: Any, where: str = "", *, more: bool = False) -> list[str]:  # noqa: ANN401 - JSON
    """Return where a real value has other members or types than the documented one; ``more``: it may have further members."""
    if isinstance(documented, dict) and documented and isinstance(actual, dict):
        missing = [f"{where}.{name} is not there" for name in documented.keys() - actual.keys()]
        extra = (
            [] if more or where.endswith((".by_source", ".matched")) else [f"{where}.{name}" for name in actual.keys() - documented.keys()]
        )
        both = [name for name in documented if name in actual]
        return [
            *missing,
            *extra,
            *(one for name in both for one in differing(documented[name], actual[name], f"{where}.{name}", more=more)),
        ]
    if isinstance(documented, list) and documented and isinstance(actual, list):
        return [one for item in actual for one in differing(documented[0], item, f"{where}[]", more=more)]
    return [] if type(documented) is type(actual) else [f"{where} is a {type(actual).__name__}"]


def test_outputs_have_the_shapes_that_the_guide_shows(logs: Path, rules: Path, tmp_path: Path) -> None:
    files = ("--balance", tmp_path / "balance", "--verdicts", tmp_path / "verdicts")
    findings = bartizan("hunt", logs, "--rules", rules, "--ndjson", *files).lines
    told = bartizan("hunt", logs, "--rules", rules, "--json").json
    known = shapes()
    assert set(known) == {"finding", "balance", "verdicts", "json"}
    assert differing([known["finding"]], findings[:1], more=True) == []
    assert differing(known["balance"], {**json.loads((tmp_path / "balance").read_bytes()), "by_source": {"syslog": 2}}) == []
    assert differing(known["verdicts"], json.loads((tmp_path / "verdicts").read_bytes())) == []
    assert differing(known["json"], told) == []
    assert differing({"a": 1, "b": [1]}, {"b": ["x"], "c": 2}) == [".a is not there", ".c", ".b[] is a str"]


def test_exit_codes_are_those_of_the_help() -> None:
    documented = re.findall(r"^\| (\d+) \|", (GUIDE / "hunt.md").read_text(encoding="utf-8"), re.MULTILINE)
    helped = re.findall(r"^  (\d+) ", EXIT_CODES, re.MULTILINE)
    assert documented == [*helped, "141"]


def commands(words: list[str]) -> list[list[str]]:
    """Return those of a line of a shell that are ours, without where they write to."""
    found: list[list[str]] = [[]]
    for word in words:
        if word in {"|", "&&"}:
            found.append([])
        else:
            found[-1].append(word)
    return [list(takewhile(lambda word: word != ">", one)) for one in found if one[:1] == ["bartizan"]]


@pytest.mark.parametrize("guide", sorted(path.name for path in GUIDE.glob("*.md")))
def test_every_command_in_a_guide_can_be_parsed(guide: str) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (GUIDE / guide).read_text(encoding="utf-8"), re.DOTALL)
    lines = [one for block in blocks for line in block.splitlines() for one in commands(shlex.split(line, comments=True))]
    assert lines or not any(re.search("^bartizan ", block, re.MULTILINE) for block in blocks)
    assert [build(words[1:]).parse(words[1:]).command.__name__.rpartition(".")[2] for words in lines] == [words[1] for words in lines]


def test_the_exception_of_the_guide_is_one(tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yml"
    file.write_text(re.findall(r"```yaml\n(.*?)```", (GUIDE / "tuning.md").read_text(encoding="utf-8"), re.DOTALL)[0], encoding="utf-8")
    [told] = bartizan("rules", "exceptions", "list", "--file", file, "--json").json
    assert (told["title"], told["owner"], told["expires"]) == (
        "Shadow copies deleted, where User is *\\\\backup",
        "alice@example.com",
        "2027-03-31",
    )
    assert told["state"] != "refused"


def test_every_option_of_the_hunt_that_the_guide_names_is_there() -> None:
    named = set(re.findall(r"`(--[a-z-]+)", (GUIDE / "hunt.md").read_text(encoding="utf-8")))
    helped = bartizan("hunt", "--help").out + bartizan("rules", "list", "--help").out
    assert {option for option in named if option not in helped} == {"--help"} & named - {"--help"}


def test_the_mapping_file_of_the_guide_makes_a_source(tmp_path: Path) -> None:
    text = (GUIDE / "sources.md").read_text(encoding="utf-8")
    mapping, log = tmp_path / "door.yml", tmp_path / "door.log"
    mapping.write_text(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)[0], encoding="utf-8")
    assert bartizan("sources", "check", mapping).out == f"{mapping}: door: fit\n"
    log.write_text('{"badge":"alice","door":7,"at":"2026-03-17T08:00:00Z"}\n{"badge":"bob"}\n', encoding="utf-8")
    assert bartizan("sources", "detect", log, "--mapping", mapping).out == f"{log}: door  (door knows 1 of 2 records looked at)\n"
    [balance] = bartizan("hunt", log, "--mapping", mapping, "--json").json["balance"]["files"]
    assert (balance["source"], balance["read"], balance["stored"], balance["unparsed"]) == ("door", 2, 1, 1)


def test_every_function_and_format_that_the_guide_of_sources_names_is_there_and_the_other_way_round() -> None:
    text = (GUIDE / "sources.md").read_text(encoding="utf-8")
    own = set(mapped_cells.__all__)
    assert {name for name in own if f"`{name}" not in text} == set()
    assert {name for name in FORMATS if f"`{name}`" not in text} == set()


def test_the_list_of_assets_of_the_guide_can_be_read_and_every_option_of_alerts_is_there(tmp_path: Path) -> None:
    text = (GUIDE / "alerts.md").read_text(encoding="utf-8")
    (tmp_path / "assets.csv").write_text(re.findall(r"```csv\n(.*?)```", text, re.DOTALL)[0], encoding="utf-8")
    named = [Entity(EntityKind(kind), name) for kind, name in (("host", "dc-1"), ("host", "web-1"), ("ip", "10.20.1.1"))]
    assets = read_assets(tmp_path / "assets.csv")
    told = [(asset.value, asset.exposure) for entity in named if (asset := assets.of([entity]))]
    assert told == [("critical", "internal"), ("high", "internet"), ("low", "isolated")]
    helped = bartizan("alerts", "--help").out + bartizan("hunt", "--help").out
    assert {option for option in re.findall(r"`(--[a-z-]+)", text) if option not in helped} == set()
