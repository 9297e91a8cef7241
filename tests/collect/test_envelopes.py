"""A record that a transport put into an envelope is read as if it had come alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.framing.wrappers import unwrapped
from bartizan.collect.units import read, units

if TYPE_CHECKING:
    from pathlib import Path

LINE = "May 16 08:00:00 web-1 sshd[901]: Failed password for root from 203.0.113.9 port 40122 ssh2"
EVENT = '{"eventVersion":"1.09","eventName":"ListBuckets","eventSource":"s3.amazonaws.com","awsRegion":"us-east-1"}'
SUBSCRIPTION = {"messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": "g", "logStream": "s", "subscriptionFilters": ["f"]}


@pytest.mark.parametrize(
    ("envelope", "records"),
    [
        ({"log": LINE + "\n", "stream": "stderr", "time": "2024-05-16T08:00:00Z"}, [LINE]),
        ({"log": EVENT, "stream": "stdout", "time": "2024-05-16T08:00:00Z", "kubernetes": {"pod_name": "x"}}, [EVENT]),
        ({"time": 1, "host": "h", "sourcetype": "x", "event": json.loads(EVENT)}, [EVENT]),
        ({"sourcetype": "x", "event": LINE}, [LINE]),
        ({"Type": "Notification", "MessageId": "m", "TopicArn": "t", "Message": EVENT, "Timestamp": "x"}, [EVENT]),
        ({"version": "0", "detail-type": "x", "source": "aws.s3", "account": "1", "region": "r", "detail": json.loads(EVENT)}, [EVENT]),
        ({**SUBSCRIPTION, "logEvents": [{"id": "1", "message": LINE}, {"id": "2", "message": EVENT}]}, [LINE, EVENT]),
        ({"@timestamp": "x", "message": LINE, "agent": {"type": "filebeat"}, "log": {"file": {"path": "/var/log/auth.log"}}}, [LINE]),
    ],
)  # fmt: skip
def test_an_envelope_is_opened(envelope: dict[str, object], records: list[str]) -> None:
    assert unwrapped(json.dumps(envelope, separators=(",", ":")).encode()) == [record.encode() for record in records]


@pytest.mark.parametrize(
    "record",
    [
        {"event": "login", "time": 1, "host": "h"},
        {"event": "login", "sourcetype": "x", "user": "alice"},
        {"log": "x", "stream": "y", "level": "info"},
        {"log": 5, "stream": "y", "time": "z"},
        {**SUBSCRIPTION, "logEvents": ["none"]},
        {"log": {"level": "info"}, "stream": "y"},
        {"@timestamp": "x", "message": "m", "agent": {}, "log": {}, "winlog": {"event_id": 1}},
        {"detail-type": "EC2 state", "source": "aws.ec2", "account": "1", "region": "r", "detail": {"state": "x"}},
        {**SUBSCRIPTION, "logEvents": "none"},
        {"TopicArn": "x", "Message": "y"},
    ],
)  # fmt: skip
def test_a_record_that_looks_like_an_envelope_stays_whole(record: dict[str, object]) -> None:
    assert unwrapped(json.dumps(record).encode()) is None


def test_lines_of_a_container_are_the_lines_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "container.log"
    lines = [json.dumps({"log": f"{LINE} {number}\n", "stream": "stderr", "time": "2024-05-16T08:00:00Z"}) + "\n" for number in range(3)]
    log.write_text("".join(lines))
    [chunk] = [chunk for unit in units([str(log)]) for chunk in read(unit)]
    assert (chunk.source, list(chunk.records)) == ("syslog", [f"{LINE} {number}".encode() for number in range(3)])
    assert list(chunk.offsets or ()) == [9, 9 + len(lines[0]), 9 + 2 * len(lines[0])]
    assert chunk.size == log.stat().st_size


def test_records_that_only_their_array_names_are_told_what_they_are() -> None:
    reply = b'{"queryEndTime":"2026-03-02T08:00:00Z","clicksPermitted":[{"id":1}],"messagesBlocked":[{ "id":2},{ }],"clicksBlocked":[]}'
    assert unwrapped(reply) == [
        b'{"eventType":"clicksPermitted","id":1}',
        b'{"eventType":"messagesBlocked","id":2}',
        b'{"eventType":"messagesBlocked"}',
    ]


def test_envelopes_in_each_other_are_opened_as_far_as_real_ones_go() -> None:
    raw = b'{"sourcetype":"x","event":' * 900 + b'{"a":1}' + b"}" * 900
    assert unwrapped(raw) == [b'{"sourcetype":"x","event":' * 896 + b'{"a":1}' + b"}" * 896]


def test_an_envelope_whose_text_is_no_unicode_is_a_record_itself() -> None:
    whole = json.dumps({**SUBSCRIPTION, "logEvents": [{"id": "1", "message": "x"}]}, separators=(",", ":")).encode()
    assert unwrapped(whole) == [b"x"]
    assert unwrapped(whole.replace(b'"id"', b'"\xff"')) == [b'{"\xff":"1","message":"x"}']
