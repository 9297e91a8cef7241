"""What exceptions hold back is counted, never lost."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hunting import SSH_FAILED, SSH_ROOT, TINY, WHOAMI, accepted, hunted, pack, process, write

SSH, WINDOWS = "{product: linux, service: sshd}", "{product: windows, category: process_creation}"
ROOT, WHO = "11111111-1111-4111-8111-111111111111", "33333333-3333-4333-8333-333333333333"


def exception(selection: str, *, rules: str, logsource: str = WINDOWS, expires: str = "2026-12-31", condition: str = "not known") -> str:
    return (
        f"title: known\nid: 77777777-7777-4777-8777-777777777777\nlogsource: {logsource}\n"
        f"filter: {{rules: {rules}, known: {selection}, condition: {condition}}}\n"
        f"owner: alice@example.com\nreason: it is\nexpires: {expires}\n"
    )


def rules_with(folder: Path, *filters: str) -> Path:
    named = {f"z{number}.yml": text for number, text in enumerate(filters)}
    return pack(folder / "rules", {"root.yml": SSH_ROOT, "failed.yml": SSH_FAILED, "whoami.yml": WHOAMI, **named})


def test_findings_that_an_exception_holds_back_are_counted_and_the_others_stay(tmp_path: Path) -> None:
    log = write(tmp_path / "logs" / "a.json", [process(1, User="CORP\\backup"), process(2), process(3, User="CORP\\backup")])
    told = hunted([log], rules_with(tmp_path, exception("{User|endswith: '\\backup'}", rules=f"[{WHO}]")), paranoid=True)
    assert told.sights == [("3", "a.json", 2)]
    assert [(one.findings, one.by.title, one.by.owner, one.by.expires, one.by.expired) for one in told.outcome.held] == [
        (2, "known", "alice@example.com", "2026-12-31", False)
    ]
    assert told.outcome.differences == ()
    assert told.outcome.remarks == ()


def test_a_record_that_is_there_twice_is_held_back_once(tmp_path: Path) -> None:
    log = write(tmp_path / "logs" / "a.json", [process(1, User="CORP\\backup")] * 2)
    told = hunted([log], rules_with(tmp_path, exception("{User: 'CORP\\backup'}", rules=f"[{WHO}]")))
    assert (told.outcome.findings, [one.findings for one in told.outcome.held]) == (0, [1])


def test_an_exception_for_any_rule_of_a_log_source_leaves_other_log_sources_alone(tmp_path: Path) -> None:
    logs = [
        write(tmp_path / "logs" / "a.log", [accepted(1), accepted(2).replace("Accepted", "Failed"), accepted(3, host="lab-01")]),
        write(tmp_path / "logs" / "b.json", [process(1)]),
    ]
    told = hunted(logs, rules_with(tmp_path, exception("['lab-01']", rules="any", logsource=SSH)))
    assert told.sights == [("1", "a.log", 1), ("2", "a.log", 2), ("3", "b.json", 1)]
    assert [(one.findings, one.by.rules) for one in told.outcome.held] == [(1, 2)]


def test_an_exception_is_applied_on_its_last_day_and_not_after_it(tmp_path: Path) -> None:
    log = write(tmp_path / "logs" / "a.json", [process(1)])
    for expires, findings, held in (("2026-11-23", 0, [(1, False)]), ("2026-11-22", 1, [(0, True)])):
        told = hunted([log], rules_with(tmp_path, exception("{Image: '*'}", rules=f"[{WHO}]", expires=expires)), paranoid=True)
        assert told.outcome.findings == findings
        assert [(one.findings, one.by.expired) for one in told.outcome.held] == held
        assert told.outcome.differences == ()


def test_of_several_exceptions_the_first_that_holds_a_finding_back_counts_it(tmp_path: Path) -> None:
    log = write(tmp_path / "logs" / "a.json", [process(1, User="a"), process(2, User="b"), process(3, User="c")])
    first, second = (exception(f"{{User: [{users}]}}", rules=f"[{WHO}]") for users in ("a", "a, b"))
    told = hunted([log], rules_with(tmp_path, first, second))
    assert (told.outcome.findings, [one.findings for one in told.outcome.held]) == (1, [1, 1])


def test_an_exception_to_a_rule_without_an_id_names_the_id_that_its_findings_carry(tmp_path: Path) -> None:
    log = write(tmp_path / "logs" / "a.json", [process(1)])
    nameless = WHOAMI.replace(f"id: {WHO}\n", "")
    rules = pack(tmp_path / "rules", {"a.yml": nameless})
    uid = hunted([log], rules).findings[0]["finding_info"]["analytic"]["uid"]
    pack(rules, {"z.yml": exception("{Image: '*'}", rules=f"[{uid}]")})
    assert hunted([log], rules).outcome.findings == 0


def test_a_rule_that_was_not_asked_for_has_nothing_held_back(tmp_path: Path) -> None:
    log = write(tmp_path / "logs" / "a.json", [process(1)])
    rules = rules_with(tmp_path, exception("{Image: '*'}", rules=f"[{WHO}]"))
    assert [one.findings for one in hunted([log], rules, level="high").outcome.held] == [0]


def test_an_exception_to_a_rule_that_is_not_there_is_not_told(tmp_path: Path) -> None:
    log = write(tmp_path / "logs" / "a.json", [process(1)])
    rules = rules_with(tmp_path, exception("{Image: '*'}", rules="[88888888-8888-4888-8888-888888888888]"))
    outcome = hunted([log], rules).outcome
    assert (outcome.held, outcome.remarks) == ([], ())


def test_an_exception_with_a_last_day_that_is_none_is_refused(tmp_path: Path) -> None:
    log = write(tmp_path / "logs" / "a.json", [process(1)])
    outcome = hunted([log], rules_with(tmp_path, exception("{Image: '*'}", rules=f"[{WHO}]", expires="soon"))).outcome
    assert [(one.line, one.why) for one in outcome.refused] == [(7, "expires: 'soon' is no date (write 2024-12-31)")]
    assert outcome.findings == 1


def test_any_number_of_workers_holds_back_the_same(tmp_path: Path) -> None:
    users = random.Random(1)
    lines = [process(number, User=users.choice("abc")) for number in range(200)]
    log = write(tmp_path / "logs" / "a.json", lines)
    rules = rules_with(tmp_path, exception("{User: [a, b]}", rules=f"[{WHO}]"))
    alone, three = (hunted([log], rules, limits=TINY, workers=workers) for workers in (1, 3))
    assert (alone.text, alone.outcome.held) == (three.text, three.outcome.held)
    assert alone.outcome.findings + alone.outcome.held[0].findings == 200


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "B", ""]), st.sampled_from(["x", "y"])), max_size=12),
    st.lists(st.dictionaries(st.sampled_from(["User", "Place"]), st.sampled_from(["a", "b", "x", "?", "*"]), min_size=1), max_size=3),
)
def test_found_and_held_back_are_what_was_found_without_exceptions(cells: list[tuple[str, str]], wheres: list[dict[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        place = Path(folder)
        log = write(place / "logs" / "a.json", [process(number, User=user, Place=at) for number, (user, at) in enumerate(cells)])
        filters = [exception("{" + ", ".join(f"{name}: '{value}'" for name, value in where.items()) + "}", rules="any") for where in wheres]
        told = hunted([log], rules_with(place, *filters), paranoid=True)

    def holds(value: str, cell: str) -> bool:
        return value == "*" or (value == "?" and len(cell) == 1) or value.lower() == cell.lower()

    expected, stays = [0] * len(wheres), []
    for number, (user, at) in enumerate(cells):
        row = {"User": user, "Place": at}
        by = next((place for place, where in enumerate(wheres) if all(holds(v, row[name]) for name, v in where.items())), None)
        if by is None:
            stays.append(("3", "a.json", number + 1))
        else:
            expected[by] += 1
    assert told.sights == stays
    assert [one.findings for one in told.outcome.held] == expected
    assert told.outcome.differences == ()
