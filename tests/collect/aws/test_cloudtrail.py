from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.contract import Context, Parsed
from bartizan.collect.sources.aws.cloudtrail import SOURCE
from bartizan.schema.expressions import Expression, evaluate, field, inputs_of

if TYPE_CHECKING:
    from bartizan.schema.columns import Cell


def event(name: str = "CreateUser", source: str = "iam.amazonaws.com", **more: object) -> bytes:
    base = {
        "eventTime": "2024-05-16T08:00:00Z",
        "eventSource": source,
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.9",
        "userIdentity": {"type": "IAMUser", "userName": "operator", "arn": "arn:aws:iam::111122223333:user/operator"},
    }
    return json.dumps({**base, **more}).encode()


def parse(*records: bytes, context: Context | None = None) -> Parsed:
    return SOURCE.parse(records, context or Context())


def mapped(record: bytes) -> dict[str, Cell]:
    part = parse(record).parts[0]
    return {"route": part.route.name, **evaluate(part.route.ocsf, part.frame).row(0)}


def seen(record: bytes, name: str) -> Cell:
    """What a rule sees under a field name."""
    alias = SOURCE.routes[0].views[0].aliases.get(name, name)
    table = {name: alias if isinstance(alias, Expression) else field(alias)}
    part = parse(record, context=Context(wanted=lambda _route: inputs_of(table))).parts[0]
    return evaluate(table, part.frame).row(0).get(name)


def test_rules_read_fields_by_their_dotted_names_through_objects_and_lists() -> None:
    record = event(requestParameters={"containerDefinitions": [{"command": ["sh", "-c"]}, {"command": ["id"]}], "enable": False})
    assert seen(record, "requestParameters.containerDefinitions.command") == ("sh", "-c", "id")
    assert seen(record, "requestParameters.enable") is False
    assert seen(record, "userIdentity.type") == "IAMUser"


def test_an_object_is_text_to_a_rule_that_asks_for_text_in_it() -> None:
    record = event(requestParameters={"policyDocument": '{"Action": "s3:GetObject"}'}, responseElements={"ConsoleLogin": "Failure"})
    assert seen(record, "requestParameters") == (
        '{"policyDocument":"{\\"Action\\": \\"s3:GetObject\\"}"}',
        '{"policyDocument":"{"Action": "s3:GetObject"}"}',
    )
    assert seen(record, "responseElements") == '{"ConsoleLogin":"Failure"}'


def test_an_object_that_is_null_a_scalar_or_missing_stays_so() -> None:
    assert seen(event(requestParameters=None), "requestParameters") is None
    assert seen(event(requestParameters="{}"), "requestParameters") == "{}"
    assert seen(event(), "requestParameters") is None
    broken = event(requestParameters={"a": "x"}).replace(b'"x"', b'"\xff"')
    assert seen(broken, "requestParameters") == '{"a":"\ufffd"}'


def test_status_follows_from_the_error_code() -> None:
    assert [seen(event(), "status"), seen(event(errorCode="AccessDenied"), "status")] == ["success", "failure"]
    assert mapped(event(errorCode="AccessDenied", errorMessage="no"))["status_id"] == 2


@pytest.mark.parametrize(
    ("name", "read_only", "expected"),
    [
        ("CreateUser", False, (1, None)),
        ("DescribeInstances", True, (2, None)),
        ("PutObject", False, (1, None)),
        ("ModifyImageAttribute", False, (3, None)),
        ("TerminateInstances", False, (4, None)),
        ("Frobnicate", True, (2, None)),
        ("Frobnicate", False, (99, "Frobnicate")),
    ],
)
def test_the_verb_of_an_operation_gives_the_activity(name: str, read_only: bool, expected: tuple[int, str | None]) -> None:  # noqa: FBT001 - a case of the table
    row = mapped(event(name, readOnly=read_only))
    assert (row["class_uid"], row["activity_id"], row.get("activity_name")) == (6003, *expected)


def test_a_role_assumed_is_a_switch_of_account() -> None:
    row = mapped(event("AssumeRole", "sts.amazonaws.com", requestParameters={"roleArn": "arn:aws:iam::111122223333:role/admin"}))
    assert (row["route"], row["class_uid"], row["activity_id"]) == ("login", 3002, 7)
    assert (row["user.uid"], row["session.issuer"]) == ("arn:aws:iam::111122223333:user/operator", "arn:aws:iam::111122223333:role/admin")


def test_the_service_that_called_stands_in_place_of_an_address() -> None:
    row = mapped(event(sourceIPAddress="ec2.amazonaws.com", userIdentity={"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}))
    assert (row["src_endpoint.svc_name"], row["actor.user.name"], row["actor.user.type_id"]) == (
        "ec2.amazonaws.com",
        "ec2.amazonaws.com",
        4,
    )


def test_resources_are_those_listed_and_those_the_request_names() -> None:
    record = event(
        resources=[{"ARN": "arn:aws:s3:::logs", "type": "AWS::S3::Bucket"}, {"ARNPrefix": "arn:aws:s3:::logs/x"}, {"type": "none"}],
        requestParameters={"bucketName": "logs", "userName": "backup"},
    )
    assert mapped(record)["resources"] == (
        {"uid": "arn:aws:s3:::logs", "type": "AWS::S3::Bucket"},
        {"uid": "arn:aws:s3:::logs/x"},
        {"uid": "backup", "type": "userName"},
    )


def test_an_insight_event_is_an_event() -> None:
    record = (
        b'{"eventVersion":"1.08","awsRegion":"us-east-1","insightDetails":{"eventName":"RunInstances","eventSource":"ec2.amazonaws.com"}}'
    )
    row = mapped(record)
    assert (row["api.operation"], row["api.service.name"], row["actor.invoked_by"]) == ("RunInstances", "ec2.amazonaws.com", "AWS")


def test_the_clock_of_a_shipper_stands_in_for_one_that_was_cut_off() -> None:
    record = json.loads(event())
    record["@timestamp"] = record.pop("eventTime")
    assert mapped(json.dumps(record).encode())["time"] == 1_715_846_400_000_000_000


def test_every_record_is_in_a_part_or_unparsed() -> None:
    records = [
        b"",
        b"[]",
        b"{}",
        event()[:50],
        event("ConsoleLogin", "signin.amazonaws.com"),
        event(),
        b'{"eventName":1}',
        event("AssumeRole", "x.example"),
    ]
    parsed = parse(*records)
    assert {part.route.name: list(part.rows) for part in parsed.parts} == {"api": [5, 7], "login": [4]}
    assert sorted(parsed.unparsed) == [0, 1, 2, 3, 6]
    assert parsed.unparsed[2] == "a JSON object, but no CloudTrail event: eventName is missing"


def test_events_are_recognised_by_their_keys() -> None:
    assert SOURCE.recognise([event(), b'{"eventName":"x"}', b'{"eventName":"x","awsRegion":"y"', b"text"]) == 1


def test_only_wanted_fields_are_read() -> None:
    context = Context(wanted=lambda _route: frozenset({"eventName"}))
    assert list(parse(event(), context=context).parts[0].frame.columns) == ["eventName"]
