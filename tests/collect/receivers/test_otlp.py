"""OTLP over HTTP, protobuf and JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from bartizan.collect.contract import Framing
from bartizan.collect.receivers.contract import Answer, Asked, Delivery, Intake, Trouble
from bartizan.collect.receivers.http.otlp import make

PROTOBUF, JSON = "application/x-protobuf", "application/json"


def post(body: bytes, kind: str = PROTOBUF) -> Answer | Intake | Trouble:
    return make().answer(Asked(method="POST", path="/v1/logs", body=body, headers={"content-type": kind}))


def pair(name: str, value: AnyValue) -> KeyValue:
    return KeyValue(key=name, value=value)


def text(value: str) -> AnyValue:
    return AnyValue(string_value=value)


def request(*records: LogRecord) -> ExportLogsServiceRequest:
    resource = Resource(attributes=[pair("service.name", text("auth"))])
    return ExportLogsServiceRequest(resource_logs=[ResourceLogs(resource=resource, scope_logs=[ScopeLogs(log_records=records)])])


NESTED = AnyValue(kvlist_value=KeyValueList(values=[
    pair("event", text("login")), pair("n", AnyValue(int_value=1 << 60)), pair("ok", AnyValue(bool_value=True)),
    pair("list", AnyValue(array_value=ArrayValue(values=[text("a"), AnyValue(double_value=0.5)]))), pair("none", AnyValue()),
]))  # fmt: skip


def test_bodies_are_records_texts_as_they_stand_and_objects_as_json() -> None:
    path = [pair("log.file.path", text("/var/log/auth.log"))]
    found = post(request(LogRecord(body=text("a line\n"), attributes=path), LogRecord(body=NESTED)).SerializeToString())
    assert isinstance(found, Intake)
    objects, lines = found.deliveries
    assert (lines, found.kept) == (
        Delivery(records=[b"a line"], framing=Framing.LINES, label="auth"),
        Answer(200, b"", (("content-type", PROTOBUF),)),
    )
    assert json.loads(objects.records[0]) == {"event": "login", "n": 1 << 60, "ok": True, "list": ["a", 0.5], "none": None}


def test_what_stands_beside_a_body_is_kept() -> None:
    found = post(request(LogRecord(body=text("login"), time_unix_nano=5, attributes=[pair("user", text("alice"))])).SerializeToString())
    assert isinstance(found, Intake)
    assert json.loads(found.deliveries[0].records[0]) == {
        "timeUnixNano": "5",
        "body": "login",
        "attributes": {"user": "alice"},
        "resource": {"service.name": "auth"},
    }


def test_json_says_the_same_as_protobuf() -> None:
    record: dict[str, Any] = {"body": {"kvlistValue": {"values": [{"key": "a", "value": {"intValue": "7"}}]}}}
    body = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record, {"body": {"stringValue": "x"}}]}]}]}
    found = post(json.dumps(body).encode(), f"{JSON}; charset=utf-8")
    assert isinstance(found, Intake)
    assert [each.records for each in found.deliveries] == [[b'{"a":7}'], [b"x"]]
    assert found.kept == Answer(200, b"{}", (("content-type", JSON),))


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x", JSON, 400),
        (b"\xff\xff", PROTOBUF, 400),
        (b"", "text/plain", 415),
        (b'{"resourceLogs":[1]}', JSON, 400),
        (b'{"resourceLogs":5}', JSON, 400),
    ],
)
def test_what_is_no_request_is_refused(body: bytes, kind: str, status: int) -> None:
    found = post(body, kind)
    assert isinstance(found, Trouble)
    assert found.status == status
    told = make().refusal(found)
    assert json.loads(told.body) == {"code": 3, "message": found.why}


def test_values_that_nest_without_end_are_refused() -> None:
    value: dict[str, Any] = {"stringValue": "x"}
    for _ in range(100):
        value = {"arrayValue": {"values": [value]}}
    body = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": value}]}]}]}
    assert post(json.dumps(body).encode(), JSON) == Trouble(400, "this is no ExportLogsServiceRequest: values lie more than 32 deep")


@given(st.binary(max_size=200), st.sampled_from([JSON, PROTOBUF]))
def test_garbage_is_an_answer_and_no_exception(body: bytes, kind: str) -> None:
    assert isinstance(post(body, kind), Intake | Trouble)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["resourceLogs", "scopeLogs", "logRecords", "body", "attributes", "kvlistValue", "values", "key", "value", "intValue"]),
    inner, max_size=3), max_leaves=12))  # fmt: skip
def test_any_json_is_an_answer_and_no_exception(value: object) -> None:
    assert isinstance(post(json.dumps({"resourceLogs": value}).encode(), JSON), Intake | Trouble)
