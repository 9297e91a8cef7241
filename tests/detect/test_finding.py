from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.detect.artifacts import present, template_of
from bartizan.detect.finding import FindingEncoder
from bartizan.rules.contract import Rule
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.logsource import Logsource
from bartizan.testing.ocsf_check import check_record

RECORD = "ab" * 16
TIME = 1_700_000_000_123_456_789

RULE = Rule(
    id="00000000-0000-4000-8000-000000000001",
    title="Encoded command line",
    path="rules/encoded.yml",
    logsource=Logsource("windows", "process_creation"),
    level="high",
    status="test",
    description="Somebody hides what is run.",
    author="The author",
    license="DRL 1.1",
    tags=("attack.execution", "attack.t1059.001", "attack.stealth"),
    references=("https://example.com/1",),
    falsepositives=("Installers",),
)

PROCESS: dict[str, Cell] = {
    "class_uid": 1007,
    "time": TIME,
    "device.hostname": "ws-1",
    "actor.user.name": "svc-backup",
    "process.cmd_line": "powershell -enc AAAA",
    "process.pid": 12,
    "process.file.path": "C:\\Windows\\powershell.exe",
    "process.file.name": "powershell.exe",
    "process.file.hashes": ({"algorithm_id": 3, "value": "00ff"}, {"algorithm_id": 1, "value": "7f"}),
    "process.working_directory": None,
    "process.user.name": ABSENT,
}


def encode(ocsf: dict[str, Cell] | None = None, rule: Rule = RULE, **changed: object) -> dict[str, Any]:
    known: dict[str, Any] = {
        "time_ns": TIME,
        "path": "logs/day.json",
        "record": 5,
        "offset": 123,
        "raw": "raw",
        "matched": {"Image": "x"},
    } | changed
    encoder = FindingEncoder(rule, version="1.2.3", source="windows-json")
    line = encoder.encode(record_id=RECORD, ocsf=PROCESS if ocsf is None else ocsf, **known)
    assert b"\n" not in line
    decoded: dict[str, Any] = json.loads(line)
    return decoded


def test_a_finding_says_all_that_its_rule_says() -> None:
    found = encode()
    uid = found["finding_info"].pop("uid")
    assert len(uid) == 32
    assert found["metadata"].pop("uid") == uid
    assert {key: found[key] for key in list(found)[: list(found).index("time")]} == {
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200401,
        "type_name": "Detection Finding: Create",
        "severity_id": 4,
        "severity": "High",
        "confidence_id": 2,
        "confidence": "Medium",
        "status_id": 1,
        "status": "New",
        "is_alert": True,
        "message": "Encoded command line",
        "finding_info": {
            "title": "Encoded command line",
            "desc": "Somebody hides what is run.",
            "types": ["Sigma"],
            "analytic": {
                "type_id": 1,
                "type": "Rule",
                "uid": RULE.id,
                "name": "Encoded command line",
                "desc": "Somebody hides what is run.",
                "algorithm": "Sigma",
                "category": "windows/process_creation/-",
                "state_id": 1,
                "state": "Active",
            },
            "attacks": [
                {
                    "version": "19",
                    "tactic": {"uid": "TA0002", "name": "Execution"},
                    "technique": {"uid": "T1059", "name": "Command and Scripting Interpreter"},
                    "sub_technique": {"uid": "T1059.001", "name": "PowerShell"},
                },
                {"version": "19", "tactic": {"uid": "TA0005", "name": "Stealth"}},
            ],
            "tags": [
                {"name": "rule.author", "value": "The author"},
                {"name": "rule.license", "value": "DRL 1.1"},
                {"name": "rule.path", "value": "rules/encoded.yml"},
                {"name": "rule.tags", "values": ["attack.execution", "attack.t1059.001", "attack.stealth"]},
                {"name": "rule.references", "values": ["https://example.com/1"]},
                {"name": "rule.falsepositives", "values": ["Installers"]},
            ],
        },
        "metadata": {
            "version": "1.8.0",
            "product": {"name": "Bartizan", "vendor_name": "Bartizan", "version": "1.2.3"},
            "profiles": ["datetime"],
            "log_source": "windows-json",
        },
    }


def test_a_finding_shows_the_record_it_is_about() -> None:
    found = encode(matched={"Image": "x", "EventID": 1, "Parent": ABSENT, "Groups": ("a", None)})
    device = {"hostname": "ws-1", "type_id": 0}
    file = {"path": "C:\\Windows\\powershell.exe", "name": "powershell.exe", "type_id": 0}
    file["hashes"] = [{"algorithm_id": 3, "value": "00ff"}, {"algorithm_id": 1, "value": "7f"}]
    assert {key: found[key] for key in ("time", "start_time", "end_time", "time_dt", "device", "evidences", "observables")} == {
        "time": 1_700_000_000_123,
        "start_time": 1_700_000_000_123,
        "end_time": 1_700_000_000_123,
        "time_dt": "2023-11-14T22:13:20.123456789Z",
        "device": device,
        "evidences": [
            {
                "uid": RECORD,
                "data": {
                    "raw_data": "raw",
                    "origin": {"path": "logs/day.json", "record": 5, "offset": 123},
                    "matched": {"Image": "x", "EventID": 1, "Parent": None, "Groups": ["a", None]},
                },
                "device": device,
                "actor": {"user": {"name": "svc-backup"}},
                "process": {"cmd_line": "powershell -enc AAAA", "pid": 12, "file": file},
            }
        ],
        "observables": [
            {"name": "evidences[0].device.hostname", "type_id": 1, "type": "Hostname", "value": "ws-1"},
            {"name": "evidences[0].actor.user.name", "type_id": 4, "type": "User Name", "value": "svc-backup"},
            {"name": "evidences[0].process.file.path", "type_id": 45, "type": "File Path", "value": "C:\\Windows\\powershell.exe"},
            {"name": "evidences[0].process.file.hashes[0].value", "type_id": 8, "type": "Hash", "value": "00ff"},
            {"name": "evidences[0].process.file.hashes[1].value", "type_id": 8, "type": "Hash", "value": "7f"},
        ],
    }


@pytest.mark.parametrize(
    "ocsf",
    [
        PROCESS,
        {},
        {"reg_key.path": "HKLM\\Software", "reg_key.modified_time": 1},
        {"cloud.provider": "AWS", "cloud.region": "us-east-1", "api.operation": "CreateUser", "resources": ({"uid": "arn:aws:s3:::b"},)},
        {"cloud.region": "us-east-1", "resources": None},
        {"module.file.path": "/lib/a.so", "module.file.name": "a.so"},
        {"src_endpoint.ip": "192.0.2.1", "dst_endpoint.ip": "2001:db8::1", "query.hostname": "example.com"},
    ],
)
def test_a_finding_is_valid_ocsf(ocsf: dict[str, Cell]) -> None:
    assert check_record(encode(ocsf)) == []


def test_a_record_of_the_cloud_uses_the_cloud_profile() -> None:
    found = encode({"cloud.provider": "AWS", "cloud.account.uid": "123456789012", "resources": ({"uid": "arn:aws:s3:::b"},)})
    assert found["cloud"] == {"provider": "AWS", "account": {"uid": "123456789012"}}
    assert found["resources"] == [{"uid": "arn:aws:s3:::b"}]
    assert found["metadata"]["profiles"] == ["cloud", "datetime"]


def test_a_registry_record_declares_the_windows_extension() -> None:
    found = encode({"reg_key.path": "HKLM\\Software"})
    assert found["metadata"]["extensions"] == [{"name": "win", "uid": "2", "version": "1.8.0"}]
    assert found["evidences"][0]["reg_key"] == {"path": "HKLM\\Software"}


def test_a_loaded_module_is_shown_as_the_file() -> None:
    assert encode({"module.file.path": "/lib/a.so"})["evidences"][0]["file"] == {"path": "/lib/a.so", "type_id": 0}


def test_a_module_stays_with_the_record_where_there_is_a_file() -> None:
    artifact = encode({"module.file.path": "/lib/a.so", "file.path": "/etc/b", "file.type_id": 1})["evidences"][0]
    assert artifact["file"] == {"path": "/etc/b", "type_id": 1}


def test_no_value_is_no_observable() -> None:
    found = encode({"src_endpoint.ip": "-", "dst_endpoint.hostname": ""})
    assert "observables" not in found
    assert found["evidences"][0]["src_endpoint"] == {"ip": "-"}


def test_a_file_without_byte_offsets_gives_none() -> None:
    assert encode(offset=None)["evidences"][0]["data"]["origin"] == {"path": "logs/day.json", "record": 5}


@pytest.mark.parametrize(("level", "severity", "alert"), [("informational", 1, False), ("Critical", 5, True), ("odd", 0, False)])
def test_the_level_is_the_severity(level: str, severity: int, alert: bool) -> None:  # noqa: FBT001 - a parameter of a test
    found = encode(rule=Rule(id="r", title="t", path="p", logsource=Logsource("x"), level=level))
    assert (found["severity_id"], found["is_alert"], found["confidence_id"]) == (severity, alert, 0)
    assert check_record(found) == []


def test_a_rule_that_says_nothing_of_attack_has_no_attacks() -> None:
    found = encode(rule=Rule(id="r", title="t", path="p", logsource=Logsource("x"), status="experimental", tags=("attack.t9999",)))
    assert found["finding_info"]["attacks"] == [{"version": "19", "technique": {"uid": "T9999", "name": "T9999"}}]
    assert found["finding_info"]["analytic"]["state"] == "Experimental"
    assert "attacks" not in encode(rule=Rule(id="r", title="t", path="p", logsource=Logsource("x")))["finding_info"]


def test_the_same_record_and_rule_give_the_same_finding_id_and_others_give_others() -> None:
    first, second = (FindingEncoder(Rule(id=uid, title="", path="", logsource=Logsource("x")), version="1") for uid in ("a", "b"))
    assert first.uid_of("00") == FindingEncoder(Rule(id="a", title="x", path="", logsource=Logsource("y")), version="2").uid_of("00")
    assert len({first.uid_of("00"), first.uid_of("01"), second.uid_of("00")}) == 3


@pytest.mark.parametrize("time", [0, -1, -1_700_000_000_000_000_001, 253_402_300_799_999_999_999])
def test_an_absurd_clock_is_written_and_stays_valid(time: int) -> None:
    found = encode(time_ns=time)
    assert found["time"] == time // 1_000_000
    assert check_record(found) == []


def test_a_year_that_has_no_date_has_no_date_text() -> None:
    found = encode(time_ns=10**22)
    assert (found["time"], "time_dt" in found) == (10**16, False)


def test_a_fingerprint_without_a_value_is_no_observable() -> None:
    assert "observables" not in encode({"file.hashes": ({"algorithm_id": 1}, "loose"), "process.file.hashes": "none"})


def test_what_json_cannot_hold_is_made_visible() -> None:
    found = encode({"process.pid": 2**70, "process.name": "a\udc80"}, raw="x\ud800\0", matched={"A": "\udcff", "B": ({"c": -(2**64)},)})
    artifact = found["evidences"][0]
    assert artifact["process"] == {"pid": 2**70, "name": "a\\udc80"}
    assert artifact["data"]["raw_data"] == "x\\ud800\0"
    assert artifact["data"]["matched"] == {"A": "\\udcff", "B": [{"c": -(2**64)}]}


def test_a_rule_with_text_that_is_no_unicode_is_written() -> None:
    assert encode(rule=Rule(id="\udc80", title="\udc80", path="p", logsource=Logsource("x")))["message"] == "\\udc80"


def test_attributes_deeper_than_any_class_stay_with_the_record() -> None:
    assert template_of((".".join(["process"] * 9),)).names == ()


CELLS: st.SearchStrategy[Cell] = st.recursive(
    st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.floats(), st.just(ABSENT)),
    lambda inner: st.one_of(st.lists(inner).map(tuple), st.dictionaries(st.text(), inner)),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [*PROCESS, "src_endpoint.ip", "cloud.provider", "cloud", "resources", "file", "file.hashes", "unknown.x", "url.path"]
)


@given(st.dictionaries(NAMES, CELLS), st.text())
def test_any_record_gives_one_line_of_json_that_holds_its_raw_text(ocsf: dict[str, Cell], raw: str) -> None:
    ocsf = {name: cell for name, cell in ocsf.items() if not (name == "file" and "file.hashes" in ocsf)}
    encoder = FindingEncoder(RULE, version="1")
    line = encoder.encode(RECORD, TIME, "p", 1, None, raw, {}, ocsf)
    found = json.loads(line)
    assert found["evidences"][0]["data"]["raw_data"] == raw
    assert encoder.encode(RECORD, TIME, "p", 1, None, raw, {}, present(ocsf)) == line
