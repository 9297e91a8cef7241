"""Lints find what is wrong with rules that run, say where, and are silent about rules that are well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.field import field_data

from bartizan.errors import RulesError
from bartizan.testing.lint import lint
from bartizan.workbench import content_folder

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.testing.lint import Lint

HEAD = "title: {title}\nid: {uid}\nlevel: high\nstatus: test\ntags: [{tags}]\nlogsource: {{product: windows, category: process_creation}}\n"
CASES = "cases: [{name: a, fires: true, record: {Image: x}}]\n"


def rule(
    detection: str, *, title: str = "A rule", uid: int = 1, tags: str = "attack.execution, attack.t1059.001", cases: str = CASES
) -> str:
    return HEAD.format(title=f"{title} {uid}", uid=f"{uid:08}-0000-4000-8000-000000000000", tags=tags) + f"detection:\n{detection}{cases}"


def found(folder: Path, *rules: str) -> list[Lint]:
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(rules):
        (folder / f"{number}.yml").write_text(text, encoding="utf-8")
    return list(lint([folder]).found)


def told(folder: Path, *rules: str) -> list[tuple[int, str, str, str]]:
    return [(one.line, one.level, one.id, one.what) for one in found(folder, *rules)]


def test_a_sound_rule_has_no_findings(tmp_path: Path) -> None:
    assert found(tmp_path, rule("  s: {Image|endswith: '\\cmd.exe'}\n  f: {User: x}\n  condition: s and not f\n")) == []


def test_a_finding_says_file_line_what_and_what_to_do(tmp_path: Path) -> None:
    [one] = found(tmp_path, rule("  s: {Image|endswith: '\\cmd.exe'}\n  other: {User: x}\n  condition: s\n"))
    assert one.path == f"{tmp_path}/0.yml"
    assert (one.line, one.id, one.level) == (9, "unused-selection", "warning")
    assert (one.what, one.fix) == ("other: the condition does not name it", "name it in the condition, or take it out")


LINEAR = (
    "s: CommandLine: 'a.*b.*c.*d' may cost a backtracking engine 3e+14 steps on a value of 4,096 characters; "
    "the linear engine takes it over here"
)
SINGLE = ", where each field holds one value"


@pytest.mark.parametrize(
    ("detection", "expected"),
    [
        (
            "  s: {Image|endswith: '\\a.exe'}\n  f: {Image|endswith: ['\\a.exe', '\\b.exe']}\n  condition: s and not f\n",
            (10, "error", "impossible-condition", "the condition can never be true"),
        ),
        (
            "  s: {Image|endswith: '\\a.exe'}\n  f: {Image: 'C:\\b.exe'}\n  condition: s and f\n",
            (10, "warning", "impossible-condition", f"the condition can never be true{SINGLE}"),
        ),
        (
            "  s: {Image|endswith: '\\a.exe'}\n  f: {Image: 'C:\\b.exe'}\n  condition: s and not f\n",
            (9, "warning", "idle-filter", f"f: is negated, and cannot be true beside the rest anyway{SINGLE}"),
        ),
        (
            "  s: {EventID: 1}\n  a: {EventID: 3}\n  b: {User: x}\n  condition: s and (a or b)\n",
            (9, "warning", "dead-branch", f"a: can never be true beside the rest of the condition{SINGLE}"),
        ),
        (
            "  s:\n    - {EventID: 1, User: x}\n    - {EventID: 3}\n  a: {EventID: 3}\n  condition: s and a\n",
            (8, "warning", "dead-branch", f"s: EventID: 1 and 1 more: can never be true beside the rest of the condition{SINGLE}"),
        ),
        (
            "  s: {User: x}\n  condition: s or not s\n",
            (9, "error", "always-true-condition", "the condition is true of every record"),
        ),
    ],
)
def test_parts_that_can_never_matter_are_found(detection: str, expected: tuple[int, str, str, str], tmp_path: Path) -> None:
    assert expected in told(tmp_path, rule(detection))


@pytest.mark.parametrize(
    ("detection", "expected"),
    [
        (
            "  s: {CommandLine|contains: ' i'}\n  condition: s\n",
            "s: CommandLine: ' i' begins with a wildcard and has 2 plain characters in a row: it is nearly everywhere",
        ),
        (
            "  s: {CommandLine: '*a?b'}\n  condition: s\n",
            "s: CommandLine: '*a?b' begins with a wildcard and has 1 plain characters in a row: it is nearly everywhere",
        ),
        (
            "  s: {CommandLine|re: 'a.*b.*c.*d'}\n  condition: s\n",
            LINEAR,
        ),
        (
            "  s: {CommandLine|re: '[0-9]{9}'}\n  condition: s\n",
            "s: CommandLine: '[0-9]{9}' needs no text of its own, so it is tried on each distinct value, not only where a text is found",
        ),
    ],
)
def test_costly_values_are_told_with_a_figure(detection: str, expected: str, tmp_path: Path) -> None:
    assert [what for _, level, _, what in told(tmp_path, rule(detection)) if level == "note"] == [expected]


def test_texts_that_begin_with_a_wildcard_and_are_long_or_of_rare_characters_are_fine(tmp_path: Path) -> None:
    assert found(tmp_path, rule("  s: {CommandLine|contains: [' -enc', '🉑'], Image: 'a*b'}\n  condition: s\n")) == []


def test_rules_that_say_what_others_say_are_found(tmp_path: Path) -> None:
    wide = rule("  s: {Image|endswith: '\\a.exe'}\n  condition: s\n", title="Wide")
    same = rule("  t:\n    - {Image|endswith: '\\a.exe'}\n  condition: t\n", title="Same", uid=2)
    narrow = rule("  s: {Image|endswith: 'x\\a.exe'}\n  t: {User: x}\n  condition: s and t\n", title="Narrow", uid=3)
    other = rule("  s: {Image|endswith: ['z\\a.exe', '\\b.exe']}\n  condition: s\n", title="Other", uid=4)
    never = rule("  s: {Image|endswith: 'y\\a.exe'}\n  condition: s and not s\n", title="Never", uid=5)
    wanted = ("duplicate-rule", "subsumed-rule")
    assert [(one.path[-5:], one.id, one.what) for one in found(tmp_path, wide, same, narrow, other, never) if one.id in wanted] == [
        ("1.yml", "duplicate-rule", f"asks the same of windows/process_creation/- as 'Wide 1' ({tmp_path}/0.yml:1)"),
        ("2.yml", "subsumed-rule", f"fires only where 'Wide 1' ({tmp_path}/0.yml:1, high) does"),
    ]


def test_rules_that_correlations_are_made_of_may_ask_the_same(tmp_path: Path) -> None:
    part = rule("  s: {Image|endswith: '\\a.exe'}\n  condition: s\n", cases="").replace("rule 1", "rule")
    whole = (
        "title: Many {0}\nid: 0000000{0}-1111-4111-8111-111111111111\n"
        "correlation: {{type: event_count, rules: [{1}], group-by: [User], timespan: 1h, condition: {{gte: 2}}}}\n---\n"
    )
    uids = [f"0000000{number}-0000-4000-8000-000000000000" for number in (1, 2)]
    assert found(tmp_path, whole.format(1, uids[0]) + part, whole.format(2, uids[1]) + part.replace(*uids)) == []


def test_a_rule_of_another_log_source_is_no_twin(tmp_path: Path) -> None:
    one = rule("  s: {Image|endswith: '\\a.exe'}\n  condition: s\n")
    other = one.replace("process_creation", "image_load").replace("00000001", "00000002").replace("rule 1", "rule 2")
    assert found(tmp_path, one, other) == []


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("attack.execution, attack.t9999", [("unknown-technique", "tag attack.t9999: ATT&CK 19 has no T9999")]),
        ("attack.execution, attack.t1059.999", [("unknown-technique", "tag attack.t1059.999: ATT&CK 19 has no T1059.999")]),
        ("attack.exekution, attack.t1059", [("unknown-tactic", "tag attack.exekution: ATT&CK 19 has no such tactic")]),
        ("attack.execution, attack.t1059, attack.g0016, attack.s0002", []),
    ],
)
def test_tags_that_name_nothing_are_found(tags: str, expected: list[tuple[str, str]], tmp_path: Path) -> None:
    told_ = found(tmp_path, rule("  s: {Image|endswith: '\\cmd.exe'}\n  condition: s\n", tags=tags))
    assert [(one.id, one.what) for one in told_] == expected


def test_log_sources_fields_and_cases_that_are_not_there_are_found(tmp_path: Path) -> None:
    sound = "  s: {Image|endswith: '\\cmd.exe'}\n  condition: s\n"
    texts = [
        rule(sound).replace("process_creation", "nothing_gives_this"),
        rule("  s: {CommandLin|contains: ' -enc ', image: 'C:\\x.exe'}\n  condition: s\n", uid=2),
        rule(sound, cases="", uid=3),
        "title: x\n",
        "{",
        rule(sound, uid=6) + "---\ntitle: f\nlogsource: {product: x}\nfilter: {rules: any, s: {a: b}, condition: not s}\n",
    ]
    known = "no example record of windows/process_creation/- has the field"
    assert [(one.path[-5:], one.line, one.id, one.what) for one in found(tmp_path, *texts) if one.id != "duplicate-rule"] == [
        ("0.yml", 6, "unserved-logsource", "no source that is read gives windows/nothing_gives_this/-"),
        ("1.yml", 8, "unknown-field", f"s: {known} 'CommandLin' (did you mean 'CommandLine'?)"),
        ("1.yml", 8, "unknown-field", f"s: {known} 'image' (did you mean 'Image'?)"),
        ("2.yml", 1, "no-cases", "no cases prove the rule: nothing says on which records it fires and on which it does not"),
        ("3.yml", 1, "refused-rule", "this is no Sigma rule: it has no 'detection'"),
        ("4.yml", 2, "refused-rule", "this is no YAML: while parsing a flow node did not find expected node content"),
    ]


def test_pysigma_has_its_say(tmp_path: Path) -> None:
    told_ = told(tmp_path, rule("  s: {CommandLine|contains: 'a**b', EventID: '5'}\n  condition: all of them\n"))
    assert {name for _, _, name, _ in told_} >= {"sigma-number-as-string", "sigma-double-wildcard"}


def test_a_file_that_cannot_be_read_and_a_folder_without_rules_are_told(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="holds no rule file"):
        lint([tmp_path])
    (tmp_path / "large.yml").write_bytes(b"#" * ((4 << 20) + 1))
    assert [(one.id, one.what) for one in lint([tmp_path]).found] == [("refused-rule", "larger than 4 MiB: this is no rule")]


def test_our_own_rules_have_nothing_but_notes() -> None:
    assert [one for one in lint([content_folder() / "detections"]).found if one.level != "note"] == []


@pytest.mark.slow
def test_every_published_rule_is_looked_over() -> None:
    linted = lint([field_data("sigma", "rules")])
    assert (linted.files, linted.rules) == (3141, 3141)
    assert {one.id for one in linted.found} >= {"idle-filter", "subsumed-rule", "leading-wildcard"}
