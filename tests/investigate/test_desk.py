"""Cases of a folder: what they follow from, what is written down of them, and what people decide."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from tests.investigate.made import ELSEWHERE, INTRUSION, keep, line

from bartizan.errors import InputError, UsageError
from bartizan.investigate.decisions import decided
from bartizan.investigate.desk import desk_at
from bartizan.investigate.scope import scope_of

if TYPE_CHECKING:
    from pathlib import Path

NAMED = [line("seen", -900, level=1, device="web-01"), *INTRUSION, *ELSEWHERE]


def test_the_same_records_in_any_order_give_the_same_cases(tmp_path: Path) -> None:
    shuffled = [*NAMED, INTRUSION[0]]
    random.Random(3).shuffle(shuffled)
    one, other = desk_at(keep(tmp_path / "a", NAMED)), desk_at(keep(tmp_path / "b", shuffled))
    assert one.cases == other.cases
    assert one.derived() == other.derived()
    assert [len(case.signals) for case in one.cases] == [5, 1]


def test_what_was_derived_is_written_down_once_until_it_changes(tmp_path: Path) -> None:
    folder = keep(tmp_path, NAMED)
    assert [entry.type for entry in desk_at(folder).remember(now=7)] == ["derived"]
    assert desk_at(folder).remember(now=8) == []
    keep(tmp_path, [*NAMED, line("late", 101, level=5, device="ws-1.corp.example.com")])
    assert len(desk_at(folder).remember(now=9)) == 1
    assert desk_at(folder).problems == []


def test_earlier_evidence_that_comes_later_does_not_rename_a_case(tmp_path: Path) -> None:
    folder = keep(tmp_path, NAMED)
    before = desk_at(folder)
    before.remember(now=7)
    keep(tmp_path, [line("first", -30, level=5, path="logs/web-01/access.log", src_endpoint__ip="203.0.113.45"), *NAMED])
    after = desk_at(folder)
    assert after.cases[0].signals[0].rule == "first"
    assert after.cases[0].id == before.cases[0].id


def test_a_closed_case_is_reopened_by_signals_that_were_not_known(tmp_path: Path) -> None:
    folder = keep(tmp_path, NAMED)
    desk = desk_at(folder)
    case = desk.cases[0]
    body = {"case": case.id, "reason": "true-positive", "signals": [one.id for one in case.signals], "comment": "rebuilt"}
    desk.journal.append([("close", body)], by="alice@example.com", now=9)
    closed = desk_at(folder)
    assert closed.standing(closed.cases[0]).state == "closed"
    keep(tmp_path, [*NAMED, line("late", 101, level=5, device="ws-1.corp.example.com")])
    late = desk_at(folder)
    assert late.standing(late.cases[0]).state == "reopened"
    assert (
        late.standing(late.cases[0]).why
        == "alice@example.com closed it as true positive: rebuilt, but 1 signal came that were not known then"
    )


def test_what_was_decided_is_undone_by_its_number(tmp_path: Path) -> None:
    folder = keep(tmp_path, NAMED)
    desk = desk_at(folder)
    link = next(link for link in desk.cases[0].links if link.type == "domain")
    desk.journal.append([("cut", {"case": desk.cases[0].id, "pairs": [f"{link.a}-{link.b}"]})], by="alice", now=9)
    assert [len(case.signals) for case in desk_at(folder).cases] == [3, 2, 1]
    desk.journal.append([("undo", {"seq": 1})], by="alice", now=10)
    assert desk_at(folder).cases == desk.cases


def test_a_merge_that_a_person_made_holds_while_both_signals_are_there(tmp_path: Path) -> None:
    folder = keep(tmp_path, NAMED)
    desk = desk_at(folder)
    signals = [case.signals[0].id for case in desk.cases]
    desk.journal.append([("merge", {"signals": signals, "case": desk.cases[0].id})], by="alice", now=9)
    [merged] = desk_at(folder).cases
    assert len(merged.signals) == 6
    assert [link.reason for link in merged.links if link.type == "person"] == ["alice merged their cases"]
    assert decided(desk_at(folder).entries).links({}) == []


def test_every_change_of_the_journal_is_found(tmp_path: Path) -> None:
    folder = keep(tmp_path, NAMED)
    journal = desk_at(folder).journal
    journal.append([("note", {"case": "x", "text": f"note {number}"}) for number in range(4)], by="alice", now=9)
    lines = journal.path.read_bytes().splitlines(keepends=True)
    assert journal.read()[1] == []
    changed = {
        "byte": [lines[0], lines[1].replace(b"note 1", b"note 7"), *lines[2:]],
        "gone": [lines[0], *lines[2:]],
        "moved": [lines[1], lines[0], *lines[2:]],
        "twice": [*lines, lines[3]],
    }
    found = {}
    for name, some in changed.items():
        journal.path.write_bytes(b"".join(some))
        found[name] = [fault.removeprefix(f"{journal.path}: ") for fault in journal.read()[1]]
    assert found == {
        "byte": ["entry 2 (note by alice) was changed after it was written"],
        "gone": ["entry 3 (note by alice) does not follow entry 1: something before it was taken out, put in or moved"],
        "moved": [
            "entry 2 (note by alice) does not follow entry 0: something before it was taken out, put in or moved",
            "entry 1 (note by alice) does not follow entry 2: something before it was taken out, put in or moved",
            "entry 3 (note by alice) does not follow entry 1: something before it was taken out, put in or moved",
        ],
        "twice": ["entry 4 (note by alice) does not follow entry 4: something before it was taken out, put in or moved"],
    }
    journal.path.write_bytes(b'{"seq":"one"}\n')
    assert "is no entry" in journal.read()[1][0]


def test_a_case_is_named_by_place_id_or_the_beginning_of_an_id(tmp_path: Path) -> None:
    desk = desk_at(keep(tmp_path, NAMED))
    first = desk.cases[0]
    assert desk.case("1") == desk.case(first.id) == desk.case(first.id[:6]) == first
    with pytest.raises(UsageError, match="'zz' means 0 of 2 cases; `bartizan case list` shows their ids"):
        desk.case("zz")


def test_a_folder_without_findings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no findings; name a folder that `bartizan hunt --out` wrote, or a lake"):
        desk_at(tmp_path)


def test_no_findings_make_no_cases_and_lines_that_are_none_are_told(tmp_path: Path) -> None:
    assert desk_at(keep(tmp_path, [])).cases == []


def test_a_host_that_is_only_written_of_is_suspected(tmp_path: Path) -> None:
    named = line("task", 102, level=4, device="ws-1.corp.example.com", actor__user__name="alice", raw="schtasks /s srv-9 /tn x")
    desk = desk_at(keep(tmp_path, [*NAMED, named]))
    rings = {str(claim.entity): claim.ring for claim in scope_of(desk.cases[0])}
    assert rings == {
        "host:web-01": "core",
        "host:ws-1.corp.example.com": "core",
        "host:srv-9.corp.example.com": "suspected",
        "user:alice": "core",
        "ip:203.0.113.45": "core",
        "domain:bad.example.net": "core",
    }


BRIDGE = line("both", 200, level=5, device="ws-1.corp.example.com", actor__user__name="alice", raw="ping http://x.link.example.org/")
FAR = line("apart", 230, level=5, device="srv-9.corp.example.com", raw="wget http://x.link.example.org/")


def test_a_case_that_somebody_has_is_merged_only_by_a_person(tmp_path: Path) -> None:
    folder = keep(tmp_path, [*NAMED, line("near", 280, level=5, device="srv-9.corp.example.com")])
    desk = desk_at(folder)
    desk.remember(now=1)
    first, second = desk.cases[:2]
    body = {"case": first.id, "to": "bob@example.com", "signals": [one.id for one in first.signals]}
    desk.journal.append([("assign", body)], by="alice@example.com", now=2)
    keep(tmp_path, [*NAMED, line("near", 280, level=5, device="srv-9.corp.example.com"), BRIDGE, FAR])
    joined = desk_at(folder)
    [proposal] = joined.kept.proposals
    assert {proposal.one, proposal.other} == {first.id, second.id}
    assert {first.id, second.id} <= {case.id for case in joined.cases}
    assert joined.standing(joined.case(first.id)).state == "assigned"
    desk.journal.append([("reopen", {"case": first.id, "signals": []})], by="alice@example.com", now=3)
    assert desk_at(folder).kept.proposals == []
    assert len(desk_at(folder).cases) == 1
