"""Mapped columns become whole OCSF records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bartizan.schema.columns import ABSENT, Cell, Frame
from bartizan.schema.record import Details, Provenance, complete, nested, profiles_of, unread
from bartizan.testing.ocsf_check import check_record

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = 1_700_000_000_000_000_000
HERE = Provenance(now=NOW, modified=1_600_000_000.0, product={"name": "Sysmon", "vendor_name": "Microsoft"}, log_source="day.json")
LAUNCH: Mapping[str, Cell] = {
    "class_uid": 1007,
    "activity_id": 1,
    "severity_id": 1,
    "time": 1_694_000_000_123_456_700,
    "device.hostname": "ws1.example.com",
    "actor.user.name": "operator",
    "process.pid": 4711,
    "process.file.name": "tool.exe",
    "process.file.path": "C:\\Tools\\tool.exe",
    "process.file.hashes": ({"algorithm": "MD5", "algorithm_id": 1, "value": "0123456789ABCDEF0123456789ABCDEF"},),
}


def whole(*rows: Mapping[str, Cell], provenance: Provenance = HERE, details: Details | None = None) -> list[dict[str, object]]:
    frame = complete(Frame.of(rows), provenance, details)
    return [nested(frame.row(number)) for number in range(len(rows))]


def test_a_mapped_row_becomes_a_valid_record_with_all_that_follows_from_it() -> None:
    record = whole(LAUNCH, details=Details(ids=[bytes(range(16))], numbers=[7], raw=[b'{"a":1}'], observables=True))[0]
    assert record == {
        "class_uid": 1007,
        "class_name": "Process Activity",
        "category_uid": 1,
        "category_name": "System Activity",
        "activity_id": 1,
        "activity_name": "Launch",
        "type_uid": 100701,
        "type_name": "Process Activity: Launch",
        "severity_id": 1,
        "severity": "Informational",
        "time": 1_694_000_000_123,
        "time_dt": "2023-09-06T11:33:20.123456700Z",
        "device": {"hostname": "ws1.example.com", "type_id": 0},
        "actor": {"user": {"name": "operator"}},
        "process": {
            "pid": 4711,
            "file": {
                "name": "tool.exe",
                "path": "C:\\Tools\\tool.exe",
                "type_id": 0,
                "hashes": [{"algorithm": "MD5", "algorithm_id": 1, "value": "0123456789ABCDEF0123456789ABCDEF"}],
            },
        },
        "metadata": {
            "version": "1.8.0",
            "product": {"name": "Sysmon", "vendor_name": "Microsoft"},
            "log_source": "day.json",
            "uid": "000102030405060708090a0b0c0d0e0f",
            "sequence": 7,
            "profiles": ["datetime"],
        },
        "raw_data": '{"a":1}',
        "observables": [
            {"name": "device.hostname", "type_id": 1, "type": "Hostname", "value": "ws1.example.com"},
            {"name": "actor.user.name", "type_id": 4, "type": "User Name", "value": "operator"},
            {"name": "process.file.path", "type_id": 45, "type": "File Path", "value": "C:\\Tools\\tool.exe"},
            {"name": "process.file.hashes", "type_id": 8, "type": "Hash", "value": "0123456789ABCDEF0123456789ABCDEF"},
        ],
    }
    assert check_record(record) == []


def test_what_the_mapping_says_is_not_overwritten() -> None:
    said = {"activity_name": "Hollowed", "activity_id": 99, "metadata.log_name": "theirs", "metadata.product.name": "Their product"}
    here = Provenance(now=NOW, product={"name": "ours"}, log_name="ours", log_provider="provider")
    record = whole({**LAUNCH, **said}, provenance=here)[0]
    metadata = record["metadata"]
    assert isinstance(metadata, dict)
    assert (record["activity_name"], record["type_uid"]) == ("Hollowed", 100799)
    assert metadata["product"] == {"name": "Their product"}
    assert (metadata["log_name"], metadata["log_provider"]) == ("theirs", "provider")


def test_numbers_that_the_mapping_cannot_tell_are_unknown() -> None:
    record = whole({"class_uid": 1007, "severity_id": "high"})[0]
    found = {name: record[name] for name in ("activity_id", "activity_name", "type_uid", "severity_id", "severity")}
    assert found == {"activity_id": 0, "activity_name": "Unknown", "type_uid": 100700, "severity_id": 0, "severity": "Unknown"}


def test_a_class_that_does_not_exist_keeps_its_number_and_has_no_name() -> None:
    record = whole({"class_uid": 1999, "activity_id": 1})[0]
    assert (record["class_uid"], record.get("class_name"), record["type_name"]) == (1999, None, "Unknown: Unknown")


def test_an_activity_that_the_class_does_not_have_is_other() -> None:
    rows = whole(LAUNCH, {**LAUNCH, "activity_id": 77}, {**LAUNCH, "activity_id": 77, "activity_name": "Thaw"})
    assert [(row["activity_id"], row["activity_name"], row["type_uid"]) for row in rows] == [
        (1, "Launch", 100701),
        (99, "Other", 100799),
        (99, "Thaw", 100799),
    ]


def test_a_number_that_an_enumeration_does_not_have_is_other() -> None:
    (row,) = whole({**LAUNCH, "severity_id": 1_772_438_403_000, "status_id": 7, "device.type_id": 77})
    assert (row["severity_id"], row["severity"], row["status_id"]) == (99, "Other", 99)
    assert isinstance(device := row["device"], dict)
    assert device["type_id"] == 99


def test_rows_of_several_classes_and_activities_keep_them_apart() -> None:
    rows = [{**LAUNCH, "class_uid": uid, "activity_id": activity} for uid, activity in ((1007, 1), (1007, 2), (0, 99), (1005, 1))]
    names = [record["type_name"] for record in whole(*rows)]
    assert names == ["Process Activity: Launch", "Process Activity: Terminate", "Base Event: Other", "Module Activity: Load"]
    varying = [record["type_uid"] for record in whole(*({**LAUNCH, "class_uid": uid} for uid in (1007, 1005)))]
    assert varying == [100701, 100501]


def test_a_record_without_a_product_says_so() -> None:
    metadata = whole(LAUNCH, provenance=Provenance(now=NOW))[0]["metadata"]
    assert metadata == {"version": "1.8.0", "product": {"name": "Unknown"}, "profiles": ["datetime"]}


def test_profiles_follow_from_the_attributes_used() -> None:
    assert profiles_of(4001, ("time", "device.hostname", "cloud.provider", "disposition_id")) == ("cloud", "host", "security_control")
    assert profiles_of(1007, ("device.hostname", "process.container.uid", "process.auid")) == ("container", "linux/linux_users")


def test_a_class_of_an_extension_names_the_extension() -> None:
    metadata = whole({"class_uid": 201002, "activity_id": 2, "severity_id": 1})[0]["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["extensions"] == [{"name": "win", "uid": "2", "version": "1.8.0"}]


def test_the_required_number_of_an_object_is_there_only_where_the_object_is() -> None:
    one, two = whole(LAUNCH, {**LAUNCH, "process.file.name": ABSENT, "process.file.path": None, "process.file.hashes": ABSENT})
    process = one["process"], two["process"]
    assert [isinstance(part, dict) and "file" in part for part in process] == [True, False]


def test_flags_of_the_clock_by_mapping_and_by_us_stand_together() -> None:
    rows: list[Mapping[str, Cell]] = [
        {**LAUNCH, "time": 5, "unmapped.time_flag": "year-guessed"},
        {**LAUNCH, "unmapped.time_flag": "year-guessed"},
        {**LAUNCH, "time": 5},
        LAUNCH,
    ]
    flags = [record.get("unmapped") for record in whole(*rows)]
    assert flags == [{"time_flag": "year-guessed, before-1990"}, {"time_flag": "year-guessed"}, {"time_flag": "before-1990"}, None]


def test_native_fields_without_a_place_are_kept_in_unmapped() -> None:
    native = Frame.of(
        [{"Image": "x", "Extra": 'a"\ud800é', "List": ("1", None, {"k": 2.5}), "NaN": float("nan"), "Null": None}, {"Image": "y"}]
    )
    records = whole({**LAUNCH, "time": 5}, LAUNCH, details=Details(native=native, consumed=frozenset({"Image"})))
    assert records[0]["unmapped"] == {
        "time_flag": "before-1990",
        "Extra": 'a"\ud800é',
        "List": ["1", None, {"k": 2.5}],
        "NaN": "nan",
        "Null": None,
    }
    assert "unmapped" not in records[1]


def test_unmapped_is_valid_json_in_ascii() -> None:
    frame = complete(Frame.of([LAUNCH]), HERE, Details(native=Frame.of([{"Ä": "\u2028"}])))
    text = frame.row(0)["unmapped"]
    assert text == '{"\\u00c4":"\\u2028"}'
    assert json.loads(str(text)) == {"Ä": "\u2028"}


def test_bytes_that_are_no_text_are_shown_in_raw_data() -> None:
    assert whole(LAUNCH, details=Details(raw=[b"caf\xe9 \xc3\xa9"]))[0]["raw_data"] == "caf\\xe9 é"


def test_observables_leave_out_what_names_nothing() -> None:
    rows = [{**LAUNCH, "device.hostname": "-", "actor.user.name": "N/A", "process.file.path": ABSENT, "process.file.hashes": ()}]
    assert "observables" not in whole(*rows, details=Details(observables=True))[0]
    assert "observables" not in whole({"class_uid": 0}, details=Details(observables=True))[0]


def test_observables_within_lists_of_objects_are_listed_too() -> None:
    finding = {
        "class_uid": 2004,
        "evidences": (
            {"src_endpoint": {"ip": "203.0.113.9", "port": 1}, "actor": {"user": {"name": "alice"}}},
            {"src_endpoint": {"ip": "203.0.113.9"}, "process": {"file": {"name": "a", "hashes": ({"value": "ab", "algorithm_id": 0},)}}},
        ),
        "resources": ({"uid": "i-1", "name": "web-1"},),
    }
    answered = {"class_uid": 4003, "answers": ({"rdata": "192.0.2.80"}, {"rdata": "www.example.net"})}
    found = [whole(row, details=Details(observables=True))[0]["observables"] for row in (finding, answered)]
    assert found == [
        [
            {"name": "evidences[].src_endpoint.ip", "type_id": 2, "type": "IP Address", "value": "203.0.113.9"},
            {"name": "evidences[].actor.user.name", "type_id": 4, "type": "User Name", "value": "alice"},
            {"name": "evidences[].process.file.hashes", "type_id": 8, "type": "Hash", "value": "ab"},
            {"name": "resources[].uid", "type_id": 10, "type": "Resource UID", "value": "i-1"},
        ],
        [{"name": "answers[].rdata", "type_id": 2, "type": "IP Address", "value": "192.0.2.80"}],
    ]


def test_a_record_that_no_source_reads_is_a_valid_base_event() -> None:
    frame = unread(["no source reads this"], HERE, Details(ids=[bytes(16)], raw=[b"\x00\xff"]))
    record = nested(frame.row(0))
    assert check_record(record) == []
    assert (record["class_name"], record["message"], record["raw_data"]) == ("Base Event", "no source reads this", "\x00\\xff")
    assert (record["time"], record["unmapped"]) == (1_600_000_000_000, {"time_flag": "absent"})


def test_an_attribute_cannot_be_a_value_and_an_object() -> None:
    with pytest.raises(TypeError, match=r"^process\.pid: process holds a value and cannot hold attributes too$"):
        nested({"process": "x", "process.pid": 1})


def test_unmapped_text_and_unmapped_attributes_make_one_object() -> None:
    assert nested({"unmapped.a": 1, "unmapped": '{"b":2}'}) == {"unmapped": {"b": 2, "a": 1}}
