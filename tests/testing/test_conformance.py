"""Every case of the suite, with both of our engines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise, product
from pathlib import Path

import pytest
import yaml
from sigma.modifiers import modifier_mapping

from bartizan.testing.conformance import CHAPTERS, Case, Outcome, judged, read_cases, table, tally
from bartizan.testing.conformance.ours import answer
from bartizan.testing.conformance.protocol import answered, request

CASES = read_cases()
MODIFIERS = (*sorted(modifier_mapping), "utf16le")


def outcome_of(case: Case, *, reference: bool) -> Outcome:
    told = {"id": case.id, **answer(json.loads(request(case)), reference=reference)}
    return judged(case, answered(json.dumps(told).encode(), case))


@pytest.mark.parametrize("reference", [False, True], ids=["fast", "reference"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_our_engines_pass(case: Case, *, reference: bool) -> None:
    assert outcome_of(case, reference=reference) == Outcome(case, "passed")


@pytest.mark.slow
def test_every_pair_of_modifiers_that_is_accepted_has_events_that_match_and_events_that_do_not() -> None:
    seen: dict[tuple[str, str], set[bool]] = {}
    for case in CASES:
        if isinstance(case.expect, str) or not all(isinstance(number, int) for number in case.expect):
            continue
        told = {number in case.expect for number in range(len(case.events))}
        for chain in chains_in([document.get("detection") for document in case.documents]):
            for pair in pairwise(chain):
                seen.setdefault(pair, set()).update(told)
    accepted = [pair for pair in product(MODIFIERS, repeat=2) if is_accepted(pair)]
    assert len(accepted) > 200
    assert [pair for pair in accepted if seen.get(pair) != {True, False}] == []


def is_accepted(pair: tuple[str, str]) -> bool:
    """Say whether the loader takes two modifiers one behind the other with some value, or with two."""
    values = ("x b", 10, True, "192.0.2.0/24", "%P%", "-x")
    for value in (*values, *([one, one] for one in values)):
        rule = {"title": "t", "logsource": {"category": "c"}, "detection": {"s": {"a|" + "|".join(pair): value}, "condition": "s"}}
        told = answer({"rules": yaml.safe_dump(rule), "placeholders": {"P": ["x"]}, "events": [], "time": "time"})
        if "refused" not in told:
            return True
    return False


def chains_in(node: object) -> Iterator[list[str]]:
    """Find the modifiers of each line of a detection."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield str(key).split("|")[1:]
            yield from chains_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from chains_in(value)


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
