from __future__ import annotations

import json
from typing import Any

import pytest

from bartizan.detect.alerts.contract import RuleFacts, Subject
from bartizan.detect.alerts.reading import Reader
from bartizan.schema.entities import Entity, EntityKind

UID = "00112233445566778899aabbccddeeff"
HOST, USER = Entity(EntityKind.HOST, "web-1"), Entity(EntityKind.USER, "alice")
FINDING: dict[str, Any] = {
    "class_uid": 2004,
    "severity_id": 4,
    "confidence_id": 2,
    "time": 1_700_000_000_123,
    "finding_info": {
        "uid": UID,
        "title": "A title",
        "analytic": {"uid": "rule-1", "name": "A title"},
        "attacks": [{"tactic": {"name": "Execution"}}, {"technique": {}}],
        "tags": [{"name": "rule.author", "value": "somebody"}],
    },
    "evidences": [
        {
            "data": {"matched": {"Image": "a.exe"}},
            "device": {"hostname": "WEB-1"},
            "actor": {"user": {"name": "Alice"}},
            "process": {"pid": 7},
        }
    ],
}


def changed(**parts: object) -> dict[str, Any]:
    return {**FINDING, **parts}


def info(**parts: object) -> dict[str, Any]:
    return changed(finding_info={**FINDING["finding_info"], **parts})


def read(*findings: object) -> tuple[list[tuple[int, Subject]], list[RuleFacts], Reader]:
    reader = Reader()
    lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in findings]
    [portion] = reader.portions(lines, "x.ndjson") if lines else [None]
    return (
        [(time, portion.subjects[code]) for time, code in zip(portion.times.tolist(), portion.codes.tolist(), strict=True)],
        list(portion.rules),
        reader,
    )


def test_a_finding_gives_its_time_its_rule_and_whom_it_is_about() -> None:
    found, rules, reader = read(FINDING)
    about = Subject("rule-1", (("host", "web-1"), ("user", "alice")), (HOST, USER))
    assert found == [(1_700_000_000_123_000_000, about)]
    assert rules == [RuleFacts("rule-1", "A title", 4, 2, ("Execution",))]
    assert (reader.unread, reader.example) == (0, "")


def test_the_id_of_a_finding_is_kept_whole() -> None:
    [portion] = Reader().portions([json.dumps(FINDING).encode()], "x")
    assert [f"{int(high):016x}{int(low):016x}" for high, low in portion.uids] == [UID]


def test_a_rule_can_say_what_makes_its_findings_one_alert() -> None:
    tags = [{"name": "alert.dedup", "values": ["process.pid", "Image", "nothing", "device"]}]
    [(_, about)], _, _ = read(info(tags=tags))
    assert about.key == (("process.pid", "7"), ("Image", "a.exe"), ("nothing", ""), ("device", ""))
    assert about.entities == (HOST, USER)


def test_a_group_of_a_correlation_is_one_alert_about_what_all_its_records_name() -> None:
    tags = [{"name": "correlation.group", "value": "User: alice"}]
    [(_, about)], _, _ = read({**info(tags=tags), "evidences": [*FINDING["evidences"], {"actor": {"user": {"name": "alice"}}}]})
    assert about == Subject("rule-1", (("correlation.group", "User: alice"),), (USER,))
    [(_, apart)], _, _ = read({**FINDING, "evidences": [*FINDING["evidences"], {"device": {"hostname": "b"}}]})
    assert apart.entities == (HOST, USER)


def test_a_finding_without_evidence_is_about_its_device() -> None:
    [(_, about)], _, _ = read(changed(evidences=None, device={"hostname": "web-1"}))
    assert about.key == (("host", "web-1"),)
    [(_, nobody)], _, _ = read(changed(evidences=[]))
    assert nobody == Subject("rule-1", (), ())


def test_a_rule_without_an_id_goes_by_its_name() -> None:
    found, _, _ = read(info(analytic=None), info(analytic={"name": "named"}))
    assert [about.rule for _, about in found] == ["A title", "named"]


def test_a_severity_that_is_none_is_unknown() -> None:
    _, [rule], _ = read(changed(severity_id=99, confidence_id=-1))
    assert (rule.severity_id, rule.confidence_id) == (0, 0)


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"[" * 100_000,
        changed(class_uid=1007),
        changed(time=2**60),
        changed(time="now"),
        info(uid="short"),
        info(uid="g" * 32),
        info(title="", analytic=None),
        changed(evidences="none"),
    ],
)
def test_what_is_no_finding_is_counted_and_the_first_one_named(line: object) -> None:
    found, _, reader = read(b"\n", FINDING, line, line)
    assert (len(found), reader.unread) == (1, 2)
    assert reader.example.startswith("x.ndjson:3: ")


def test_long_values_are_cut_in_a_key() -> None:
    evidence = [{"data": None, "process": {"cmd_line": "x" * 5000}}]
    tags = [{"name": "alert.dedup", "values": ["process.cmd_line"]}]
    [(_, about)], _, _ = read({**info(tags=tags), "evidences": evidence})
    assert about.key == (("process.cmd_line", "x" * 512),)
