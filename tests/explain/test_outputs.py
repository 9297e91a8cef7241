from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.explain.sample import evidence, group, host, intrusion, outcome, rule

from bartizan.explain.navigator import layer
from bartizan.explain.story import tell
from bartizan.explain.tables import COLUMNS, as_csv, as_markdown, safe_cell


def test_the_layer_scores_techniques_by_findings() -> None:
    groups = [
        group(rule(1, level="critical", tags=("attack.execution", "attack.t1059.001")), host("a"), count=5),
        group(rule(2, tags=("attack.t1078",)), host("a")),
    ]
    assert json.loads(json.dumps(layer(tell(outcome(*groups)), name="Night shift"))) == {
        "name": "Night shift",
        "versions": {"attack": "19", "navigator": "5.1.0", "layer": "4.5"},
        "domain": "enterprise-attack",
        "description": "2 rules fired: 5 critical and 1 high among 6 findings. Begin with host:a.",
        "sorting": 3,
        "layout": {"layout": "side", "showID": True, "showName": True, "expandedSubtechniques": "annotated"},
        "techniques": [
            {
                "techniqueID": "T1059.001",
                "score": 5,
                "enabled": True,
                "comment": "5 findings of 1 rule, gravest level critical",
                "metadata": [{"name": "rules", "value": "1"}, {"name": "level", "value": "critical"}],
                "showSubtechniques": True,
                "tactic": "execution",
            },
            {
                "techniqueID": "T1078",
                "score": 1,
                "enabled": True,
                "comment": "1 finding of 1 rule, gravest level high",
                "metadata": [{"name": "rules", "value": "1"}, {"name": "level", "value": "high"}],
                "showSubtechniques": False,
            },
        ],
        "gradient": {"colors": ["#fbe9d7", "#e8833a", "#a3123a"], "minValue": 0, "maxValue": 5},
        "legendItems": [],
        "metadata": [{"name": "findings", "value": "6"}, {"name": "records", "value": "990"}],
        "showTacticRowBackground": False,
        "selectTechniquesAcrossTactics": False,
        "selectSubtechniquesWithParent": False,
    }


def test_a_hunt_that_found_nothing_has_a_layer() -> None:
    assert layer(tell(outcome()))["techniques"] == []


def test_the_table_has_a_row_per_group() -> None:
    seen = evidence(1, 0, CommandLine='say "a,b"', Parent="x")
    lines = list(as_csv([group(rule(1), host("a"), count=3, lasting=60, samples=(seen,))]))
    assert all(line.endswith("\r\n") for line in lines)
    assert list(csv.reader(io.StringIO("".join(lines), newline=""))) == [
        list(COLUMNS),
        [
            *("2023-11-14 22:13:20", "2023-11-14 22:14:20", "3", "high", "00000000-0000-4000-8000-000000000001", "Rule number 1", "host:a"),
            "attack.execution; attack.t1059.001",
            *("00000000000000000000000000000001", "logs/day.json", "1", 'CommandLine=say "a,b"; Parent=x'),
        ],
    ]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("  +1", "'  +1"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "\\t=1"),
        ("a=1", "a=1"),
        ("", ""),
        ("\x1b[31m", "\\x1b[31m"),
    ],
)
def test_a_cell_is_no_formula(text: str, cell: str) -> None:
    assert safe_cell(text) == cell


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_any_text_survives_the_table_on_one_line(words: list[str]) -> None:
    made = replace(rule(1), title=words[0])
    seen = evidence(1, 0, **{f"field{number}": word for number, word in enumerate(words)})
    lines = list(as_csv([group(made, host(words[-1]), samples=(seen,))]))
    rows = list(csv.reader(io.StringIO("".join(lines), newline="")))
    assert [len(row) for row in rows] == [12, 12]
    assert rows[1][5] == safe_cell(words[0])


def test_the_story_in_short_is_markdown() -> None:
    lines = as_markdown(tell(intrusion())).splitlines()
    assert lines[0] == "# 9 rules fired: 4 critical and 7 high among 991 findings. Begin with user:corp\\\\j.doe."
    assert "| ip:198.51.100.23 | 45.0 | critical | 5 | 1 critical and 1 high rules, 2 tactics | Lateral Movement, Exfiltration |" in lines
    assert "and 39 more entities" in lines
    assert "1. 2023-11-15 00:43:20 **critical** Archive sent to cloud storage: logs/day.json, record 7,009,000" in lines
    assert lines[-1] == "read 252,345 = 251,800 stored + 57 unparsed + 488 duplicate"


def test_markdown_of_hostile_text_is_text() -> None:
    made = rule(1, title="[link](javascript:1) <b> | `x`\n# top")
    shown = as_markdown(tell(outcome(group(made, host("a|b")))))
    assert "\\[link\\](javascript:1) \\<b\\> \\| \\`x\\`\\\\n\\# top" in shown
    assert "| host:a\\|b | 9.0 |" in shown


def test_nothing_found_is_short() -> None:
    assert as_markdown(tell(outcome())).splitlines()[-1] == "read 1,000 = 990 stored + 0 unparsed + 10 duplicate"
