from __future__ import annotations

from typing import Any

import pytest
from tests.detect.alerts.made import Seen, alerts_of, at

from bartizan.detect.alerts.contract import DAY
from bartizan.detect.alerts.decisions import (
    Decision,
    Standing,
    closed,
    lifted,
    made_silence,
    silences_of,
    standings,
    taken_on,
    understood,
)
from bartizan.detect.alerts.silences import Silence, parse_matchers
from bartizan.errors import UsageError
from bartizan.testing.ocsf_check import check_record

ALICE = Decision(by="alice@example.com", now=at(100), comment="the scanner")
BOB = Decision(by="bob@example.com", now=at(200))
SEEN: list[Seen] = [("scan", "web", 0), ("scan", "web", 10)]


def standing(seen: list[Seen], *records: dict[str, Any]) -> Standing:
    [alert] = alerts_of(seen).alerts
    return standings([alert], records)[alert.id]


def closing(reason: str = "benign", quiet_until: int = 0) -> dict[str, Any]:
    return closed(alerts_of(SEEN).alerts[0], ALICE, reason=reason, quiet_until=quiet_until)


@pytest.mark.parametrize(
    "record",
    [
        taken_on(alerts_of(SEEN).alerts[0], BOB),
        closing("duplicate", at(1)),
        made_silence((("host", "web"),), ALICE, start=0, until=at(1)),
        lifted("s", BOB),
    ],
)
def test_every_decision_is_an_ocsf_record(record: dict[str, Any]) -> None:
    assert [str(problem) for problem in check_record(record)] == []
    assert understood([record]) == ([record], [])


def test_an_alert_that_nobody_decided_about_is_new() -> None:
    assert standing(SEEN) == Standing(state="new", why="nobody has looked at it yet", since=at(0))


def test_who_takes_an_alert_on_is_told() -> None:
    record = taken_on(alerts_of(SEEN).alerts[0], BOB)
    assert (record["status_id"], record["status"], record["assignee"]) == (2, "In Progress", {"name": "bob@example.com"})
    assert standing(SEEN, record) == Standing(state="triaged", why="bob@example.com has taken it on", by="bob@example.com", since=at(200))


@pytest.mark.parametrize(
    ("reason", "verdict", "words"),
    [
        ("true-positive", 2, "true positive"),
        ("false-positive", 1, "false positive"),
        ("benign", 5, "benign"),
        ("duplicate", 10, "duplicate"),
    ],
)
def test_a_closed_alert_says_who_closed_it_and_as_what(reason: str, verdict: int, words: str) -> None:
    record = closing(reason)
    assert (record["activity_id"], record["status_id"], record["verdict_id"]) == (3, 4, verdict)
    why = f"alice@example.com closed it as {words}: the scanner"
    assert standing(SEEN, record) == Standing(state="closed", why=why, by="alice@example.com", since=at(100), reason=reason)


def test_new_evidence_opens_a_closed_alert_again() -> None:
    told = standing([*SEEN, ("scan", "web", 40)], closing())
    assert (told.state, told.new_findings, told.why) == (
        "reopened",
        1,
        "alice@example.com closed it as benign: the scanner, but 1 findings came that were not known then",
    )


def test_evidence_that_comes_late_opens_a_closed_alert_too() -> None:
    assert standing([*SEEN, ("scan", "web", 5)], closing()).state == "reopened"


def test_fewer_findings_than_were_known_leave_an_alert_closed() -> None:
    assert standing(SEEN[:1], closing()).state == "closed"


def test_a_quiet_alert_stays_closed_and_counts_until_its_time_is_over() -> None:
    record = closing(quiet_until=at(60))
    told = standing([*SEEN, ("scan", "web", 40)], record)
    assert (told.state, told.new_findings) == ("closed", 1)
    assert told.why == "alice@example.com closed it as benign: the scanner; 1 findings since then only count, as was asked for"
    assert standing([*SEEN, ("scan", "web", 60)], record).state == "reopened"


def test_the_last_decision_holds() -> None:
    alert = alerts_of(SEEN).alerts[0]
    assert standing(SEEN, closing(), taken_on(alert, BOB)).state == "triaged"
    assert standing(SEEN, taken_on(alert, BOB), closing()).state == "closed"


def test_a_silence_is_there_until_it_is_lifted() -> None:
    record = made_silence((("host", "web"),), ALICE, start=at(0), until=at(0) + DAY)
    [silence] = silences_of([record, closing()])
    assert silence == Silence(
        id=record["entity"]["uid"],
        matchers=(("host", "web"),),
        owner="alice@example.com",
        reason="the scanner",
        start=at(0),
        until=at(0) + DAY,
    )
    assert silences_of([record, lifted(silence.id, BOB)]) == []
    assert silences_of([lifted("unknown", BOB)]) == []


def test_records_that_are_no_decisions_are_told_and_passed_over() -> None:
    good = closing()
    odd: list[dict[str, Any]] = [
        {},
        {**good, "count": "3"},
        {**good, "actor": None},
        {**good, "class_uid": 1007},
        {**made_silence((), ALICE, start=0, until=1), "entity": {"type": "Alert Silence", "uid": "x", "data": {"matchers": [[1, 2, 3]]}}},
        {**good, "actor": {"user": {"name": 3}}},
    ]
    records, told = understood([*odd, good])
    assert records == [good]
    assert [one.split(" is no decision")[0] for one in told] == [f"record {number}" for number in range(1, 7)]


def test_matchers_are_read() -> None:
    assert parse_matchers(["title=a=b", "host=web-*"]) == (("host", "web-*"), ("title", "a=b"))


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ([], "a silence needs a matcher like host=web-1; names are alert, rule,"),
        (["host"], "'host' is no matcher; write NAME=PATTERN, NAME one of alert, rule,"),
        (["hots=a"], "'hots=a' is no matcher"),
        (["host="], "'host=' is no matcher"),
    ],
)
def test_matchers_that_are_none_are_told(texts: list[str], why: str) -> None:
    with pytest.raises(UsageError, match=f"^{why}".replace("*", r"\*")):
        parse_matchers(texts)
