from __future__ import annotations

from bartizan.simulate.score import Share, score
from bartizan.simulate.truth import Action, NoiseFamily, Reference, Truth


def action(name: str, tactic: str, techniques: tuple[str, ...], *records: str, quiet: bool = False) -> Action:
    return Action(
        id=name, time="2026-03-10T09:00:00.000Z", what=f"The {name} is done.", techniques=techniques, tactic=tactic,
        host="finance-02", principal="CORP\\finance02", quiet=quiet, records=tuple(Reference("a.log", record) for record in records),
    )  # fmt: skip


TRUTH = Truth(
    seed=1,
    day="2026-03-10",
    events=10,
    actions=(
        action("dump", "credential-access", ("T1003.001",), "a1", "a2"),
        action("roast", "credential-access", ("T1558.003",), "a3", quiet=True),
        action("task", "persistence", ("T1053.005", "T1003.001"), "a4"),
    ),
    noise=(NoiseFamily(name="helpdesk", title="The helpdesk helps.", suspicion="lateral movement", records=frozenset({"n1", "n2"})),),
)


def test_no_findings_see_nothing_and_have_no_precision() -> None:
    made = score({}, TRUTH)
    assert (made.actions, made.techniques, made.tactics) == (Share(0, 3), Share(0, 3), Share(0, 2))
    assert (made.findings.ratio, made.groups.ratio) == (None, None)
    assert [missed.id for missed in made.missed] == ["dump", "roast", "task"]


def test_an_action_is_seen_by_any_of_its_records() -> None:
    made = score({"a2": ["r1"], "a3": []}, TRUTH)
    assert made.actions == Share(1, 3)
    assert made.techniques == Share(1, 3)
    assert made.tactics == Share(1, 2)
    assert made.findings == Share(1, 1)


def test_false_findings_are_told_by_their_cause_and_by_their_rule() -> None:
    made = score({"a1": {"r1", "r2"}, "n1": {"r1", "r3"}, "n2": {"r3"}, "x9": {"r4"}}, TRUTH)
    assert made.findings == Share(2, 6)
    assert made.causes == {"helpdesk": 3, "(everyday activity)": 1}
    assert made.rules == {"r3": 2, "r1": 1, "r4": 1}


def test_a_group_is_true_where_any_of_its_records_is_of_the_attack() -> None:
    made = score({"a1": ["r1"]}, TRUTH, groups=[["n1", "a1"], ["n2"], ["x9"]])
    assert made.groups == Share(1, 3)


def test_the_score_reads_as_lines() -> None:
    made = score({"a1": ["r1"], "a4": ["r1"], "n1": ["r2"]}, TRUTH, groups=[["a1"]])
    assert made.lines() == [
        "actions seen     2 of 3 (66.7 %)",
        "techniques seen  2 of 3 (66.7 %)",
        "tactics seen     2 of 2 (100.0 %)",
        "true findings    2 of 3 (66.7 %)",
        "true groups      1 of 1 (100.0 %)",
        "missed           09:00:00 finance-02: The roast is done. (quiet)",
        "false findings        1 from helpdesk",
    ]
