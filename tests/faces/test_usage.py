"""What a person types wrong is told in two lines: what is wrong, and what to do."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faces.command import Said, bartizan
from tests.hunting import accepted, pack, write

from bartizan.faces.cli.parser import build
from bartizan.version import __version__

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "sources.md"
COMMANDS = [
    "alerts",
    "case",
    "cloud",
    "completion",
    "config",
    "content",
    "demo",
    "doctor",
    "entity",
    "evidence",
    "explain",
    "hunt",
    "identities",
    "indicators",
    "lake",
    "lineage",
    "notify",
    "pivot",
    "retro",
    "rules",
    "serve",
    "simulate",
    "sources",
    "testing",
    "version",
    "watch",
]


def test_alone_it_prints_what_help_prints() -> None:
    alone, asked, helped = bartizan(), bartizan("--help"), bartizan("help")
    assert (alone.code, alone.err) == (0, "")
    assert alone == asked == helped
    assert all(f"    {name}" in alone.out for name in COMMANDS)
    assert "exit codes:\n  0    clean" in alone.out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(name: str) -> None:
    said = bartizan(name, "--help")
    assert (said.code, said.err) == (0, "")
    assert said == bartizan("help", name)
    assert f"examples:\n  bartizan {name}" in said.out or "| bartizan" in said.out


def examples() -> list[str]:
    import importlib

    return [example for name in COMMANDS for example in importlib.import_module(f"bartizan.faces.cli.commands.{name}").EXAMPLES]


@pytest.fixture
def prepared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the examples of the help texts can be run as they stand."""
    from bartizan.workbench import content_folder

    day = [accepted(number) for number in range(20)]
    for name in ("auth.log", "logs/auth.log", "logs/security.ndjson", "exports/auth.log", "evidence.zip"):
        write(tmp_path / name, day)
    pack(tmp_path / "sigma" / "rules")
    pack(tmp_path / "my-rules", {"root.yml": (content_folder() / "detections" / "linux" / "root-login-by-password.yml").read_text()})
    pack(tmp_path / "new-rules")
    write(tmp_path / "new-rule.yml", [(content_folder() / "detections" / "linux" / "root-login-by-password.yml").read_text()])
    for name in ("feeds/block.txt", "block.txt", "top-domains.txt"):
        write(tmp_path / name, ["evil[.]example\n"])
    write(tmp_path / "bundle.json", ['{"type": "bundle", "objects": []}'])
    (tmp_path / "content").symlink_to(content_folder())
    write(tmp_path / "door.yml", re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)[:1])
    monkeypatch.chdir(tmp_path)
    return tmp_path


CASES = ("bartizan case", "bartizan cloud", "bartizan entity", "bartizan evidence", "bartizan lineage")
ELSEWHERE = ("bartizan demo", "/var/log", "--engine", "serve", "curl", "import wazuh", "watch.yml", *CASES)
"""Examples that are run by other tests: they take long, run for ever, read this machine's logs, need somebody's engine or a case."""


@pytest.mark.parametrize("example", [example for example in examples() if not any(word in example for word in ELSEWHERE)])
@pytest.mark.usefixtures("prepared")
def test_an_example_works(example: str) -> None:
    words = shlex.split(
        example.rpartition("| bartizan")[2] if example.startswith("zcat") else example.split("|", maxsplit=1)[0].split(">", maxsplit=1)[0]
    )
    words = [*words[words[0] == "bartizan" :]]
    if words == ["hunt", "-"]:
        words[1] = "auth.log"
    if words[0] == "simulate":
        words += ["--events", "3000"]
    if words[:2] == ["content", "remove"]:
        bartizan("content", "add", "sigma/rules", "--name", "sigma")
    if words[:2] == ["indicators", "match"] or words[0] == "identities":
        bartizan("hunt", "auth.log", "--out", "case-1", "--quiet")
    if words[0] == "alerts":
        bartizan("hunt", "logs", "--out", "case-1", "--quiet")
        known = bartizan("alerts", "case-1", "--json").json["alerts"][0]["id"]
        words = [known if word == "3f2a" else word for word in words]
    if words[0] in {"lake", "pivot", "retro"}:
        known = _record_of("records", "case-1")
        words = [known if word == "RECORD_ID" else word for word in words]
    said = bartizan(*words)
    # Findings at or above --fail-on, and logs that are too old for --since, are no failures of the example.
    assert said.code in {0, 1} if "--fail-on" in words or words[0] == "pivot" else said.code == 0, said.err


def _record_of(lake: str, case: str) -> str:
    """Make a lake of what a hunt kept, and return the id of one of its records."""
    bartizan("hunt", "logs", "--out", case, "--quiet")
    bartizan("lake", "init", lake)
    bartizan("lake", "import", lake, case)
    return str(bartizan("lake", "sql", lake, "SELECT metadata.uid AS uid FROM authentication", "--ndjson").lines[0]["uid"])


@pytest.mark.parametrize(
    "example", [example for example in examples() if any(word in example for word in ("bartizan demo", "/var/log", *CASES))]
)
def test_an_example_that_is_not_run_here_can_be_parsed(example: str) -> None:
    words = shlex.split(example)[1:]
    assert build(words).parse(words).command.__name__.endswith(words[0])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["hutn", "x"],
            (
                f"argument COMMAND: invalid choice: 'hutn' (choose from {', '.join(map(repr, COMMANDS))}); "
                "did you mean 'hunt'?\ntry: bartizan --help"
            ),
        ),
        (["hunt"], "the following arguments are required: PATH\ntry: bartizan hunt --help"),
        (["hunt", "x", "--levle", "high"], "hunt has no option '--levle'; did you mean '--level'?\ntry: bartizan hunt --help"),
        (["hunt", "x", "--lev", "high"], "hunt has no option '--lev'; did you mean '--level'?\ntry: bartizan hunt --help"),
        (["hunt", "x", "--xyz=1"], "hunt has no option '--xyz'\ntry: bartizan hunt --help"),
        (["version", "now"], "version has no argument 'now'\ntry: bartizan version --help"),
        (["rules", "list", "--jsno"], "rules list has no option '--jsno'; did you mean '--json'?\ntry: bartizan rules list --help"),
        (
            ["hunt", "x", "--level", "hihg"],
            (
                "argument --level: invalid choice: 'hihg' (choose from 'informational', 'low', 'medium', 'high', 'critical'); "
                "did you mean 'high'?\ntry: bartizan hunt --help"
            ),
        ),
        (
            ["hunt", "x", "--workers", "none"],
            "argument --workers: 'none' is no number of processes; write 1 or more\ntry: bartizan hunt --help",
        ),
        (["hunt", "x", "--workers", "0"], "argument --workers: '0' is no number of processes; write 1 or more\ntry: bartizan hunt --help"),
        (["hunt", "x", "--json", "--csv"], "argument --csv: not allowed with argument --json\ntry: bartizan hunt --help"),
        (["hunt", "nowhere"], "nowhere: no such file or folder"),
        (["hunt", "no*where"], "no*where: no file matches this pattern"),
        (["hunt", "no\x1bwhere\n"], r"no\x1bwhere\n: no such file or folder"),
        (["hunt", "LOG", "--rules", "nowhere"], "nowhere: no such rule file or folder"),
        (
            ["hunt", "LOG", "--tag", "t9999"],
            "tag: no rule carries 't9999'; `bartizan rules coverage` lists the techniques that rules carry",
        ),
        (
            ["hunt", "LOG", "--since", "yesterday"],
            "'yesterday' is no time; write 2026-11-23, 2026-11-23T08:00, 2026-11-23T08:00+01:00, or 36h for 36 hours ago (m, h, d, w)",
        ),
        (
            ["hunt", "LOG", "--zone", "Mars/Olympus"],
            "'Mars/Olympus' is no time zone that this machine knows; write one like Europe/Vienna or UTC",
        ),
        (
            ["hunt", "LOG", "--zone", "../../etc"],
            "'../../etc' is no time zone that this machine knows; write one like Europe/Vienna or UTC",
        ),
        (
            ["hunt", "LOG", "--since", "2026-01-02", "--until", "2026-01-01"],
            "--since 2026-01-02 is not before --until 2026-01-01: no record could be judged",
        ),
        (["hunt", "LOG", "--placeholders", "nowhere"], "nowhere: cannot be read: No such file or directory"),
        (["rules", "show", "no such rule at all"], "no rule is called 'no such rule at all'; `bartizan rules list` shows what there is"),
        (["rules", "show", "shadow-copies-deletd"], "no rule is called 'shadow-copies-deletd'; did you mean 'shadow-copies-deleted'?"),
        (["rules", "check", "nowhere"], "nowhere: there is no such file or folder"),
        (["explain", "shadow-copies-deleted", "--on", "nowhere"], "nowhere: no such file or folder"),
        (["explain", "shadow-copies-deleted", "--on", "LOG", "--record", "99"], "there is no such record in these files"),
        (["content", "remove", "nothing"], "no pack is called 'nothing'; added are: none"),
        (["content", "add", "nowhere"], "nowhere: no such rule file or folder"),
    ],
)
def test_usage_is_told_whole(words: list[str], told: str, clean: Path) -> None:
    said = bartizan(*(str(clean) if word == "LOG" else word for word in words))
    assert said == Said(2, "", f"bartizan: {told}\n")


def test_a_rule_that_several_titles_mean_is_told() -> None:
    said = bartizan("rules", "show", "shell")
    assert said.code == 2
    assert said.err.startswith("bartizan: 'shell' means ")


def test_an_action_that_is_missing_is_told() -> None:
    assert bartizan("rules") == Said(2, "", "bartizan: the following arguments are required: ACTION\ntry: bartizan rules --help\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--balance", "nowhere/b.json"], "nowhere/b.json: cannot be written: there is no folder nowhere; make it or name another file"),
        (["--report", "."], ".: is a folder; name a file"),
        (["--out", "LOG"], "LOG: cannot be made a folder for results: File exists; name another with --out"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_told_before_the_work(words: list[str], told: str, clean: Path) -> None:
    said = bartizan("hunt", clean, *(str(clean) if word == "LOG" else word for word in words))
    assert said == Said(4, "", f"bartizan: {told.replace('LOG', str(clean))}\n")


def test_exit_codes_say_how_it_ended(clean: Path, logs: Path, rules: Path, tmp_path: Path) -> None:
    def code(*words: str | Path) -> int:
        return bartizan("hunt", *words, "--rules", rules, "--quiet").code

    assert code(clean) == 0
    assert code(clean, "--fail-on", "critical") == 0
    assert code(clean, "--fail-on", "high") == 1
    assert code(clean, "--fail-on", "low") == 1
    assert code(logs) == 3
    assert code(logs, "--fail-on", "critical") == 3
    assert code(logs, "--fail-on", "medium") == 1
    assert code(tmp_path / "nowhere") == 2
    assert code(clean, "--balance", "/dev/full") == 4
    assert code(clean, "--paranoid") == 0


def test_placeholders_are_lists_of_values(tmp_path: Path, clean: Path) -> None:
    rules = pack(
        tmp_path / "rules",
        {
            "admin.yml": "title: An administrator came in\nlevel: high\nlogsource: {product: linux, service: sshd}\n"
            "detection: {sel: {message|expand|contains: 'password for %Administrators% from'}, condition: sel}\n"
        },
    )
    lists = tmp_path / "lists.yml"
    lists.write_text("Administrators: [root, admin-01]\n")
    without = json.loads(bartizan("rules", "list", "--rules", rules, "--json").out)
    assert [(one["verdict"], "Administrators" in one["reason"]) for one in without] == [("refused", True)]
    listed = bartizan("rules", "list", "--rules", rules, "--placeholders", lists, "--json")
    assert [one["verdict"] for one in listed.json] == ["running"]
    assert bartizan("hunt", clean, "--rules", rules, "--placeholders", lists, "--fail-on", "high", "--quiet").code in {0, 1}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[1, 2]", "holds no lists; write  Administrators: [admin-01, admin-02]"),
        ("A: 5", "A: is no list of values; write  A: [first, second]"),
        ("A: []", "A: is no list of values; write  A: [first, second]"),
        ("A: [[1]]", "A: is no list of values; write  A: [first, second]"),
        ("A: [true]", "A: is no list of values; write  A: [first, second]"),
        ("A: [x", "is no YAML: while parsing a flow sequence"),
    ],
)
def test_lists_that_are_none_are_told(text: str, told: str, tmp_path: Path, clean: Path) -> None:
    lists = tmp_path / "lists.yml"
    lists.write_text(text)
    said = bartizan("hunt", clean, "--placeholders", lists)
    assert said.code == 2
    assert said.err.startswith(f"bartizan: {lists}: {told}")


def test_times_are_told_in_the_zone_asked_for(clean: Path, rules: Path) -> None:
    def findings(*words: str) -> int:
        return len(bartizan("hunt", clean, "--rules", rules, "--ndjson", *words).lines)

    assert findings("--since", "2026-11-23T00:00:10", "--until", "2026-11-23T00:00:11") == 1
    assert findings("--since", "2026-11-23T00:00:11") == 0
    assert findings("--zone", "Europe/Vienna", "--since", "2026-11-23T00:00:10", "--until", "2026-11-23T00:00:11") == 1
    assert findings("--zone", "Europe/Vienna", "--since", "2026-11-23T00:00:10Z") == 0
    assert findings("--zone", "z", "--since", "9999w") == 1


def test_importing_the_package_is_cheap() -> None:
    code = "import sys, bartizan; print(sorted({'polars', 'sigma', 'numpy', 'msgspec', 'rich'} & set(sys.modules)), bartizan.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"[] {__version__}\n"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from bartizan.faces.cli.main import run; run(['--help']); "
        "print(sorted({'polars', 'sigma', 'numpy', 'msgspec', 'rich', 'yaml', 'bartizan.workbench'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_a_name_that_the_package_does_not_have_is_an_attribute_error() -> None:
    import bartizan as package

    with pytest.raises(AttributeError, match="module 'bartizan' has no attribute 'hutn'"):
        _ = package.hutn  # type: ignore[attr-defined]  # the point of the test


@pytest.mark.parametrize(("words", "expected"), [(["--version"], f"bartizan {__version__}\n")])
def test_the_version_is_told(words: list[str], expected: str) -> None:
    assert bartizan(*words) == Said(0, expected, "")
