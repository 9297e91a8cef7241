"""Every document that is no runnable rule says why, where, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bartizan.errors import RulesError
from bartizan.rules import load
from bartizan.rules.contract import Refusal

CASES: list[dict[str, Any]] = [
    case
    for name in ("refusals.yml", "correlation_refusals.yml")
    for case in yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))
]
CORRELATED = "title: a\nname: a\nlogsource: {product: p}\ndetection: {s: {a: b}, condition: s}\n---\ntitle: x\ncorrelation:\n"
"""Six lines before the lines of a correlation."""
BODY = "logsource: {product: p}\ndetection: {s: {a: b}, condition: s}\n"


def content_of(case: dict[str, Any]) -> bytes:
    if "bytes" in case:
        return bytes.fromhex(case["bytes"])
    if "detection" in case:
        return f"title: x\nlogsource: {{product: p}}\ndetection:\n{case['detection']}".encode()
    if "correlation" in case:
        return (CORRELATED + "".join(f"  {line}\n" for line in str(case["correlation"]).splitlines())).encode()
    if "rule" in case:
        return f"title: x\n{yaml.safe_dump(case['rule'], default_flow_style=True, width=1000).strip()[1:-1]}\n{BODY}".encode()
    return str(case["text"]).encode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_a_document_that_cannot_run_is_refused_with_its_line_and_a_reason(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_bytes(content_of(case))
    loaded = load([path], cache=tmp_path / "cache")
    assert [f"{refusal.line}: {refusal.why}".replace(str(path), "PATH") for refusal in loaded.refused] == case["says"]


def test_a_refusal_names_the_file_and_the_id_of_the_rule(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text(f"title: x\nid: 11111111-1111-4111-8111-111111111111\nlevel: hgih\n{BODY}")
    assert load([path], cache=tmp_path / "cache").refused == [
        Refusal(str(path), 3, "level: 'hgih' is no level (did you mean 'high'?)", "11111111-1111-4111-8111-111111111111")
    ]


def test_values_nested_beyond_measure_are_refused_and_overflow_no_stack(tmp_path: Path) -> None:
    flow, block = tmp_path / "flow.yml", tmp_path / "block.yml"
    flow.write_text("[" * 100_000)
    block.write_text("- " * 100_000 + "x")
    assert [refusal.why for refusal in load([flow, block], cache=tmp_path / "cache").refused] == ["nested deeper than 64 levels"] * 2


def test_aliases_that_multiply_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "laughs.yml"
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 12)]
    path.write_text("l0: &l0 [ha, ha]\n" + "\n".join(levels))
    assert [refusal.why for refusal in load([path], cache=tmp_path / "cache").refused] == [
        "more than 200000 values, aliases written out: no document is as long"
    ]


def test_a_condition_nested_beyond_measure_is_refused(tmp_path: Path) -> None:
    long, deep = tmp_path / "a.yml", tmp_path / "b.yml"
    long.write_text(f"title: x\nlogsource: {{product: p}}\ndetection: {{s: {{a: b}}, condition: {' or '.join(['s'] * 5000)}}}\n")
    deep.write_text(f"title: x\nlogsource: {{product: p}}\ndetection: {{s: {{a: b}}, condition: {'not ' * 2000}s}}\n")
    assert [refusal.why for refusal in load([long, deep], cache=tmp_path / "cache").refused] == [
        "condition: longer than 10000 characters",
        "condition: nested too deep",
    ]


def test_placeholder_lists_that_multiply_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text("title: x\nlogsource: {product: p}\ndetection: {s: {'a|expand': '%l%%l%%l%'}, condition: s}\n")
    loaded = load([path], cache=tmp_path / "cache", placeholders={"l": [str(number) for number in range(100)]})
    assert [refusal.why for refusal in loaded.refused] == [
        "s: a|expand: its placeholders stand for 1000000 values, more than 100000: give shorter lists"
    ]


def test_a_pack_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RulesError) as raised:
        load([tmp_path / "none"], cache=tmp_path / "cache")
    assert str(raised.value) == f"{tmp_path / 'none'}: no such rule file or folder"


def test_a_folder_without_rules_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(RulesError) as raised:
        load([tmp_path], cache=tmp_path / "cache")
    assert str(raised.value) == f"{tmp_path}: holds no rule file (*.yml, *.yaml)"
