"""Every case of the suite, with both of our engines."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from bartizan.testing.conformance import CHAPTERS, Case, Outcome, judged, read_cases, table, tally
from bartizan.testing.conformance.ours import answer
from bartizan.testing.conformance.protocol import answered, request

CASES = read_cases()


def outcome_of(case: Case, *, reference: bool) -> Outcome:
    told = {"id": case.id, **answer(json.loads(request(case)), reference=reference)}
    return judged(case, answered(json.dumps(told).encode(), case))


@pytest.mark.parametrize("reference", [False, True], ids=["fast", "reference"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_our_engines_pass(case: Case, *, reference: bool) -> None:
    assert outcome_of(case, reference=reference) == Outcome(case, "passed")


def test_no_case_is_there_twice() -> None:
    asked = Counter(json.dumps([case.rules.replace(case.title, ""), case.events, dict(case.placeholders)]) for case in CASES)
    assert [text for text, count in asked.items() if count > 1] == []


def test_every_case_belongs_to_a_chapter_of_the_suite() -> None:
    assert {case.chapter for case in CASES} <= set(CHAPTERS)


def test_a_row_of_the_table_holds_every_case_of_its_chapter() -> None:
    verdicts = ("passed", "failed", "unsupported", "error")
    outcomes = [Outcome(case, verdicts[number % 4]) for number, case in enumerate(CASES)]
    assert {name: sum(counts.values()) for name, counts in tally(outcomes).items()} == Counter(case.chapter for case in CASES)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table(outcomes)[2:]]
    assert [row for row in rows if int(row[1]) != sum(map(int, row[2:]))] == []
    assert rows[-3][1] == str(len(CASES)) == str(int(rows[-2][1]) + int(rows[-1][1]))


def test_the_published_tables_hold_every_case() -> None:
    lines = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text().splitlines()
    rows = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ") and "cases" not in line]
    assert rows
    assert [row for row in rows if int(row[1]) != sum(map(int, row[2:]))] == []
    wanted = {**Counter(case.chapter for case in CASES), "all": len(CASES)}
    assert [row for row in rows if row[0] in wanted and int(row[1]) != wanted[row[0]]] == []
    assert len([row for row in rows if row[0] in wanted]) % len(wanted) == 0
