"""Logs as the body of a request."""

from __future__ import annotations

from bartizan.collect.contract import Framing
from bartizan.collect.receivers.contract import Answer, Asked, Delivery, Intake, Trouble
from bartizan.collect.receivers.http.ndjson import make

JSON = (("content-type", "application/json"),)


def post(body: bytes, **query: str) -> Answer | Intake | Trouble:
    return make().answer(Asked(method="POST", path="/v1/records", query=query, body=body))


def taken(body: bytes, **query: str) -> list[Delivery]:
    answer = post(body, **query)
    assert isinstance(answer, Intake)
    return list(answer.deliveries)


def test_json_lines_are_records() -> None:
    answer = post(b'{"a": 1}\n{"b": 2}\n', stream="audit")
    expected = Delivery(records=[b'{"a": 1}', b'{"b": 2}'], framing=Framing.JSON, label="audit")
    assert answer == Intake([expected], Answer(200, b'{"records":2}', JSON))


def test_an_array_and_pretty_printed_json_are_records() -> None:
    assert [each.records for each in taken(b'[{"a": 1}, {"b": 2}]')] == [[b'{"a": 1}', b'{"b": 2}']]
    assert [each.records for each in taken(b'{\n  "a": 1\n}\n{\n  "b": 2\n}\n')] == [[b'{\n  "a": 1\n}', b'{\n  "b": 2\n}']]


def test_plain_lines_are_records_and_a_head_is_a_head() -> None:
    assert [(each.framing, each.records) for each in taken(b"one\r\ntwo\n\n")] == [(Framing.LINES, [b"one", b"two"])]
    head = b"#Fields: date time c-ip"
    assert [(tuple(each.head), each.records) for each in taken(head + b"\n2026-11-26 10:00:00 192.0.2.1\n")] == [
        ((head,), [b"2026-11-26 10:00:00 192.0.2.1"])
    ]


def test_a_giant_line_is_kept_in_part_and_says_so() -> None:
    (delivery,) = taken(b"short\n" + b"x" * (2 << 20) + b"\nlast\n")
    assert [len(record) for record in delivery.records] == [5, 65536, 4]
    assert [why.partition(":")[0] for why in delivery.unreadable.values()] == ["2097152 bytes long, the limit is 1048576"]


def test_nothing_is_nothing_and_what_is_no_log_is_refused() -> None:
    assert post(b"") == Intake([], Answer(200, b'{"records":0}', JSON))
    assert post(b"\x7fELF" + bytes(range(256))) == Trouble(400, "the body holds no records that can be read as lines or JSON")
    assert make().refusal(Trouble(400, "why")) == Answer(400, b'{"error":"why"}', JSON)


def test_it_serves_its_path_alone() -> None:
    served = [make().serves(*each) for each in (("POST", "/v1/records"), ("GET", "/v1/records"), ("POST", "/v1/logs"))]
    assert served == [True, False, False]
    assert make().token(Asked(method="POST", path="/v1/records", headers={"authorization": "Bearer abc"})) == "abc"
