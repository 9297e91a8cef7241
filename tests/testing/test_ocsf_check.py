"""A record is held to what OCSF says of its class."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bartizan.schema.ocsf.types import is_of
from bartizan.testing.ocsf_check import check_record

RIGHT: dict[str, Any] = {
    "class_uid": 4001,
    "class_name": "Network Activity",
    "category_uid": 4,
    "category_name": "Network Activity",
    "activity_id": 6,
    "activity_name": "Traffic",
    "type_uid": 400106,
    "type_name": "Network Activity: Traffic",
    "severity_id": 1,
    "severity": "Informational",
    "time": 1_694_000_000_123,
    "time_dt": "2023-09-06T11:33:20.123456700Z",
    "metadata": {"version": "1.8.0", "product": {"name": "Example"}, "profiles": ["cloud", "datetime", "host"]},
    "cloud": {"provider": "AWS"},
    "device": {"type_id": 1, "type": "Server", "hostname": "web1.example.com"},
    "src_endpoint": {"ip": "192.0.2.1", "port": 50_000, "mac": "00:00:5E:00:53:01"},
    "dst_endpoint": {"ip": "2001:db8::1", "port": 443},
    "connection_info": {"direction_id": 99, "direction": "Sideways"},
    "traffic": {"bytes": 10, "packets": 1},
    "unmapped": {"anything": [{"goes": None}]},
    "raw_data": "…",
}

UNDECLARED = [
    "time_dt: needs the profile datetime in metadata.profiles",
    "cloud: needs the profile cloud in metadata.profiles",
    "device: needs the profile host in metadata.profiles",
]


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the right record with one attribute changed, or without it where the value is ``...``."""
    record = copy.deepcopy(RIGHT)
    *parents, name = path.split(".")
    at = record
    for parent in parents:
        at = at[parent]
    if value is ...:
        del at[name]
    else:
        at[name] = value
    return record


def problems(record: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in check_record(record)]


def test_a_right_record_has_no_problems() -> None:
    assert problems(RIGHT) == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("class_uid", 4999, ["class_uid: 4999 is no class of OCSF"]),
        ("class_uid", "4001", ["class_uid: '4001' is no class of OCSF"]),
        ("class_uid", ..., ["class_uid: None is no class of OCSF"]),
        ("time", ..., ["time: is required and missing"]),
        ("metadata.product", ..., ["metadata.product: is required and missing"]),
        ("cloud.provider", ..., ["cloud.provider: is required and missing"]),
        ("colour", "red", ["colour: is no attribute of Network Activity"]),
        ("src_endpoint.colour", "red", ["src_endpoint.colour: is no attribute of Network Endpoint"]),
        (
            "metadata.profiles",
            ["host"],
            UNDECLARED[:2],
        ),
        ("metadata.profiles", "host", ["metadata.profiles: 'host' is no list", *UNDECLARED]),
        ("metadata.profiles", [1], ["metadata.profiles[0]: 1 is no string_t", *UNDECLARED]),
        ("metadata", "none", ["metadata: 'none' is no object", *UNDECLARED]),
        ("src_endpoint.port", "50000", ["src_endpoint.port: '50000' is no port_t"]),
        ("src_endpoint.ip", "somewhere", ["src_endpoint.ip: 'somewhere' is no ip_t"]),
        ("traffic.bytes", True, ["traffic.bytes: True is no long_t"]),
        ("traffic", [], ["traffic: [] is no object"]),
        ("metadata.labels", "one", ["metadata.labels: 'one' is no list"]),
        ("metadata.labels", ["one", 2], ["metadata.labels[1]: 2 is no string_t"]),
        (
            "time",
            1_694_000_000_123_456_700,
            [
                "time_dt: '2023-09-06T11:33:20.123456700Z' is not the time 1694000000123456700",
                "time: 1694000000123456700 is no timestamp_t",
            ],
        ),
        ("time", 1_694_000_000_124, ["time_dt: '2023-09-06T11:33:20.123456700Z' is not the time 1694000000124"]),
        ("severity_id", 7, ["severity_id: 7 is none of 0, 1, 2, 3, 4, 5, 6, 99"]),
        ("severity", "Low", ["severity_id: is 1 (Informational), but severity says 'Low'"]),
        ("connection_info.direction", ..., ["connection_info.direction_id: is 99 (Other), so direction must say what"]),
        ("type_uid", 400101, ["type_uid: 400101 should be 400106"]),
        ("type_name", "Traffic", ["type_name: 'Traffic' should be 'Network Activity: Traffic'"]),
        ("category_uid", 1, ["category_uid: 1 should be 4"]),
        ("class_name", "Network", ["class_name: 'Network' should be 'Network Activity'"]),
        ("metadata.version", "1.0.0", ["metadata.version: '1.0.0' should be '1.8.0'"]),
        ("metadata.product", {}, ["metadata.product: needs at least one of name, uid"]),
        ("device.type", "x" * 100, ["device.type_id: is 1 (Server), but type says " + repr("x" * 100)[:77] + "..."]),
    ],
)
def test_what_is_wrong_is_named_with_its_place(path: str, value: object, said: list[str]) -> None:
    assert sorted(problems(changed(path, value))) == sorted(said)


def test_a_record_without_either_end_of_a_connection_is_none() -> None:
    record = {name: value for name, value in RIGHT.items() if not name.endswith("_endpoint")}
    assert problems(record) == ["record: needs at least one of dst_endpoint, src_endpoint"]


def test_just_one_means_one() -> None:
    job = {"name": "backup", "cmd_line": "backup.sh"}
    item = {"name": "backup", "start_type_id": 1, "type_id": 4, "job": job, "process": {"pid": 1}}
    found = problems({**RIGHT, "class_uid": 5022, "startup_item": item})
    assert "startup_item: needs just one of driver, job, process, win_service" in found


def test_objects_nested_without_end_are_a_problem_and_no_crash() -> None:
    process: dict[str, Any] = {"pid": 1}
    for _ in range(5000):
        process = {"pid": 1, "parent_process": process}
    found = problems({**RIGHT, "class_uid": 1007, "process": process})
    assert any(text.endswith("is more than 32 levels deep") for text in found)


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("boolean_t", [True], [1, "true"]),
        ("bytestring_t", ["aGk=", ""], ["a b", 1]),
        ("datetime_t", ["2024-09-10T23:20:50.520Z", "2024-09-10 23:20:50+02:00"], ["2024-09-10", 1]),
        ("email_t", ["operator@example.com"], ["operator", "@example.com"]),
        ("float_t", [1.5, 2], ["1.5", True]),
        ("hostname_t", ["ws1.example.com"], ["", "two words"]),
        ("integer_t", [-1, 1 << 62], [1.0, True, 1 << 63, "1"]),
        ("json_t", [{}, None, "x"], []),
        ("ip_t", ["192.0.2.1", "fe80::1%eth0"], ["192.0.2.256", 5]),
        ("mac_t", ["00:00:5E:00:53:01", "00-00-5e-00-53-01"], ["00005E005301"]),
        ("port_t", [0, 65_535], [65_536, -1, "80", True]),
        ("string_t", ["x"], [1, None]),
        ("subnet_t", ["192.0.2.0/24", "192.0.2.1/24"], ["192.0.2.0/33"]),
        ("timestamp_t", [0, 253_402_300_799_999, -5], [253_402_300_800_000, 1.5, "0"]),
        ("url_t", ["https://example.com"], [1]),
        ("uuid_t", ["0a0b0c0d-0000-4000-8000-000000000000"], ["0a0b0c0d"]),
    ],
)
def test_types_are_told_from_each_other(kind: str, right: list[object], wrong: list[object]) -> None:
    assert [is_of(kind, value) for value in (*right, *wrong)] == [True] * len(right) + [False] * len(wrong)
