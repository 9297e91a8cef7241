"""Splunk's HTTP Event Collector, as traces of requests and answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.collect.contract import Framing
from bartizan.collect.receivers.contract import Answer, Asked, Delivery, Intake, Receiver, Trouble
from bartizan.collect.receivers.http.splunk import CHANNELS, make

EVENT = "/services/collector/event"


def post(body: bytes, path: str = EVENT, *, receiver: Receiver | None = None, **more: dict[str, str]) -> Answer | Intake | Trouble:
    return (receiver or make()).answer(Asked(method="POST", path=path, body=body, **more))


def taken(body: bytes, path: str = EVENT, **more: dict[str, str]) -> list[Delivery]:
    answer = post(body, path, **more)
    assert isinstance(answer, Intake), answer
    return list(answer.deliveries)


def said(answer: Answer) -> Any:  # noqa: ANN401 - JSON
    return json.loads(answer.body)


ENVELOPES = [{"event": {"a": 1}, "sourcetype": "x"}, {"event": "a line", "time": 1}, {"event": {"b": [2]}, "host": "h"}]
RECORDS = [
    Delivery(records=[b'{"a":1}'], framing=Framing.JSON, label="x"),
    Delivery(records=[b'{"b":[2]}'], framing=Framing.JSON),
    Delivery(records=[b"a line"], framing=Framing.LINES),
]


@pytest.mark.parametrize(
    "body",
    [
        "\n".join(json.dumps(one, separators=(",", ":")) for one in ENVELOPES),
        "".join(json.dumps(one, separators=(",", ":")) for one in ENVELOPES),
        " \r\n ".join(json.dumps(one, separators=(",", ":")) for one in ENVELOPES),
        json.dumps(ENVELOPES, separators=(",", ":")),
    ],
    ids=["one a line", "touching", "blanks between", "an array"],
)
def test_events_are_taken_out_of_their_envelopes_however_these_are_laid_out(body: str) -> None:
    assert taken(body.encode()) == RECORDS


def test_a_pretty_printed_event_is_one_record_on_one_line() -> None:
    assert [each.records for each in taken(b'{"event": {\n "a": "x\\n"\n}}')] == [[b'{  "a": "x\\n" }']]


def test_raw_data_is_cut_like_a_file() -> None:
    found = taken(b"one\ntwo\n", "/services/collector/raw", query={"sourcetype": "syslog"})
    assert found == [Delivery(records=[b"one", b"two"], framing=Framing.LINES, label="syslog")]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "No data"),
        (b" \n", "No data"),
        (b"{", "Invalid data format, event number 0"),
        (b'{"event":"a"}\n{"event":', "Invalid data format, event number 1"),
        (b'{"event":"a"}{"time":1}', "Event field is required, event number 1"),
        (b'{"event":""}', "Event field cannot be blank, event number 0"),
        (b"[1]", "Invalid data format, event number 0"),
    ],
)
def test_what_is_wrong_is_said_in_splunks_words_with_the_number_of_the_event(body: bytes, why: str) -> None:
    assert post(body) == Trouble(400, why)


def test_a_channel_counts_its_requests_and_answers_what_has_arrived() -> None:
    receiver = make()
    channel = {"x-splunk-request-channel": "c1"}
    answers = [post(b'{"event":"a"}', receiver=receiver, headers=channel) for _ in range(2)]
    assert [said(answer.kept)["ackId"] for answer in answers if isinstance(answer, Intake)] == [0, 1]
    asked = post(b'{"acks":[0,1,2]}', "/services/collector/ack", receiver=receiver, headers=channel)
    assert asked == Answer(200, b'{"acks":{"0":true,"1":true,"2":false}}', (("content-type", "application/json"),))
    other = post(b'{"acks":[0]}', "/services/collector/ack", receiver=receiver, query={"channel": "c2"})
    assert isinstance(other, Answer)
    assert said(other) == {"acks": {"0": False}}


def test_channels_are_forgotten_when_there_are_too_many() -> None:
    receiver = make()
    for number in range(CHANNELS + 1):
        post(b'{"event":"a"}', receiver=receiver, query={"channel": str(number)})
    first, last = (
        post(b'{"acks":[0]}', "/services/collector/ack", receiver=receiver, query={"channel": name}) for name in ("0", str(CHANNELS))
    )
    assert (said(first), said(last)) == ({"acks": {"0": False}}, {"acks": {"0": True}})  # type: ignore[arg-type]  # both are answers


@pytest.mark.parametrize(("body", "query"), [(b'{"acks":[0]}', {}), (b"x", {"channel": "c"}), (b"{}", {"channel": "c"})])
def test_a_question_after_nothing_is_refused(body: bytes, query: dict[str, str]) -> None:
    assert isinstance(post(body, "/services/collector/ack", query=query), Trouble)


def test_health_needs_no_token() -> None:
    receiver, asked = make(), Asked(method="GET", path="/services/collector/health")
    assert receiver.serves("GET", asked.path)
    assert receiver.token(asked) is None
    assert receiver.answer(asked) == Answer(200, b'{"text":"HEC is healthy","code":17}', (("content-type", "application/json"),))


@pytest.mark.parametrize(
    ("headers", "query", "token"),
    [
        ({"authorization": "Splunk abc"}, {}, "abc"),
        ({"authorization": "Basic eDphYmM="}, {}, "abc"),
        ({"authorization": "Basic ???"}, {"token": "q"}, "q"),
        ({}, {"token": "q"}, "q"),
        ({}, {}, ""),
    ],
)
def test_a_token_is_found_where_senders_put_it(headers: dict[str, str], query: dict[str, str], token: str) -> None:
    assert make().token(Asked(method="POST", path=EVENT, headers=headers, query=query)) == token


def test_refusals_carry_splunks_codes() -> None:
    receiver = make()
    found = [receiver.refusal(Trouble(status, "why")) for status in (400, 401, 403, 429, 413)]
    told = [(one.status, said(one)["code"], said(one)["text"]) for one in found]
    assert told == [
        (400, 6, "why"),
        (401, 2, "Token is required"),
        (403, 4, "Invalid token"),
        (503, 9, "Server is busy"),
        (413, 6, "why"),
    ]


@given(st.binary(max_size=300))
def test_garbage_is_an_answer_and_no_exception(body: bytes) -> None:
    for path in (EVENT, "/services/collector/raw", "/services/collector/ack"):
        assert isinstance(post(body, path, query={"channel": "c"}), Answer | Intake | Trouble)


@given(
    st.lists(
        st.fixed_dictionaries({}, optional={name: st.text(max_size=9) | st.integers() for name in ("event", "sourcetype", "time")}),
        max_size=5,
    )
)
def test_any_json_is_an_answer_and_no_exception(envelopes: list[dict[str, object]]) -> None:
    assert isinstance(post("".join(map(json.dumps, envelopes)).encode()), Intake | Trouble)


def test_an_event_that_is_no_utf_8_is_taken_with_the_others() -> None:
    found = post(b'{"event":"one \xff","sourcetype":"s"}\n{"event":{"a":"\xfe"},"sourcetype":"s"}\n{"event":"three","sourcetype":"\xff"}')
    assert isinstance(found, Intake)
    assert [(each.label, each.records) for each in found.deliveries] == [
        ("s", ['{"a":"\ufffd"}'.encode()]),
        ("s", ["one \ufffd".encode()]),
        ("\ufffd", [b"three"]),
    ]
    assert isinstance(post(b'{"acks":[1],"\xff":[2]}', "/services/collector/ack", query={"channel": "c"}), Answer)
