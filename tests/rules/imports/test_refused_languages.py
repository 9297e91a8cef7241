"""Languages that no library translates: each rule is told of and refused, with what keeps it from being carried."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bartizan.errors import InputError
from bartizan.rules.imports import REFUSED, Imported, import_rules
from bartizan.rules.imports.splunk import commands_of

if TYPE_CHECKING:
    from pathlib import Path

_NO_LOG = "no log of ours is known for a query that does not say which log it is about (event.dataset, or host.os.type with event.category)"
SAVED = """# ours
[default]
dispatch.earliest_time = -1h
[Many refusals]
cron_schedule = */5 * * * *
description = Many logins were refused
search = index=auth action=failure "a | b" \\
| stats count by src [ search x | fields y ] \\
| where count > 5
[Nothing]
disabled = 1
"""


def told(imported: Imported) -> list[tuple[str, str, int, str, str]]:
    return [(rule.id, rule.title, rule.line, rule.pieces[0].part, rule.pieces[0].why) for rule in imported.rules if rule.fate == REFUSED]


def test_a_saved_search_is_refused_with_its_commands(tmp_path: Path) -> None:
    (tmp_path / "savedsearches.conf").write_text(SAVED, encoding="utf-8")
    (tmp_path / "broken.conf").write_bytes(b"\xff\xfe[")
    imported = import_rules("splunk", tmp_path)
    assert told(imported) == [
        (
            "Many refusals",
            "Many logins were refused",
            4,
            "search",
            "no maintained library makes Sigma of SPL; its commands: search, stats, where; it runs by cron_schedule = */5 * * * *",
        ),
        ("Nothing", "Nothing", 10, "search", "it has no search"),
    ]
    assert [problem.split(":")[0] for problem in imported.problems] == ["broken.conf"]


def test_the_commands_of_a_search() -> None:
    assert commands_of('| tstats count where x="a|b" | `macro` | eval y="[" | head 5') == ["tstats", "`macro", "eval", "head"]
    assert commands_of("") == []


def test_a_rule_of_elastic_is_refused_with_its_language(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        '[rule]\nname = "A"\nrule_id = "1"\ntype = "query"\nlanguage = "kuery"\nquery = "process.name: x"\n', encoding="utf-8"
    )
    lines = [
        {"name": "B", "rule_id": "2", "type": "eql", "language": "eql"},
        {"name": "C", "id": "3", "type": "machine_learning"},
        {"exported": 2},
    ]
    (tmp_path / "b.ndjson").write_text("\n".join(map(json.dumps, lines)) + "\n\n", encoding="utf-8")
    (tmp_path / "c.toml").write_text("[other]\n", encoding="utf-8")
    (tmp_path / "d.ndjson").write_text("[" * 100_000, encoding="utf-8")
    imported = import_rules("elastic", tmp_path)
    assert told(imported) == [
        ("1", "A", 1, "query kuery", _NO_LOG),
        ("2", "B", 1, "eql eql", "it is written in EQL: no maintained library with a fitting licence makes Sigma of it"),
        ("3", "C", 2, "machine_learning", "it asks a job of Elastic's machine learning"),
    ]
    assert [problem.split(":")[0] for problem in imported.problems] == ["c.toml", "d.ndjson"]


@pytest.mark.parametrize("language", ["elastic", "splunk"])
def test_a_folder_without_files_of_the_language_is_an_error(tmp_path: Path, language: str) -> None:
    with pytest.raises(InputError):
        import_rules(language, tmp_path)
