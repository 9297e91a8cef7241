"""Elasticsearch's _bulk and the questions that shippers ask, as traces."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.collect.contract import Framing
from bartizan.collect.receivers.contract import Answer, Asked, Delivery, Intake, Trouble
from bartizan.collect.receivers.http.elastic import VERSION, make


def ask(method: str, path: str, body: bytes = b"", **headers: str) -> Answer | Intake | Trouble:
    return make().answer(Asked(method=method, path=path, body=body, headers=headers))


def said(answer: Answer | Intake | Trouble) -> Any:  # noqa: ANN401 - JSON
    assert isinstance(answer, Answer), answer
    return json.loads(answer.body)


def test_documents_are_records_by_their_index_and_each_is_answered() -> None:
    body = b'{"index":{"_index":"a","_id":"7"}}\n{"x":1}\n{"create":{}}\n{"y":2}\n\n{"create":{"_index":"a"}}\n{"z":3}\n'
    found = ask("POST", "/logs/_bulk", body)
    assert isinstance(found, Intake)
    assert found.deliveries == [
        Delivery(records=[b'{"x":1}', b'{"z":3}'], framing=Framing.JSON, label="a"),
        Delivery(records=[b'{"y":2}'], framing=Framing.JSON, label="logs"),
    ]
    told = said(found.kept)
    assert told["errors"] is False
    assert [next(iter(item.items())) for item in told["items"]] == [
        ("index", {"_index": "a", "_id": "7", "status": 201, "result": "created", "_version": 1}),
        ("create", {"_index": "logs", "_id": None, "status": 201, "result": "created", "_version": 1}),
        ("create", {"_index": "a", "_id": None, "status": 201, "result": "created", "_version": 1}),
    ]


def test_what_cannot_be_done_is_an_error_of_its_item_alone() -> None:
    body = b'{"update":{"_index":"a"}}\n{"doc":{}}\n{"delete":{"_index":"a"}}\n{"index":{}}\nno json\n{"index":{}}\n{"x":1}\n'
    found = ask("PUT", "/_bulk", body)
    assert isinstance(found, Intake)
    told = said(found.kept)
    assert (told["errors"], [next(iter(item.values()))["status"] for item in told["items"]]) == (True, [400, 404, 400, 201])
    assert [each.records for each in found.deliveries] == [[b'{"x":1}']]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "request body is required"),
        (b"x\n", "Malformed action/metadata line [1], expected one of [create, delete, index, update]"),
        (b'{"index":{}}\n{}\n{"what":{}}\n', "Malformed action/metadata line [3], expected one of [create, delete, index, update]"),
        (b'{"index":{}}\n', "The bulk request must be terminated by a newline [\\n]"),
    ],
)
def test_what_is_no_bulk_request_is_refused_with_its_line(body: bytes, why: str) -> None:
    assert ask("POST", "/_bulk", body) == Trouble(400, why)


def test_the_questions_of_shippers_are_answered_as_by_a_cluster() -> None:
    assert said(ask("GET", "/"))["version"]["number"] == VERSION
    assert said(ask("GET", "/_license"))["license"]["status"] == "active"
    assert said(ask("GET", "/_xpack"))["features"]["ilm"]["enabled"] is True
    assert said(ask("GET", "/_nodes/http"))["nodes"]["bartizan"]["version"] == VERSION
    assert said(ask("GET", "/_cluster/health"))["status"] == "green"
    assert said(ask("PUT", "/_index_template/filebeat")) == {"acknowledged": True}
    assert said(ask("GET", "/_ilm/policy/filebeat")) == {}


@pytest.mark.parametrize("path", ["/", "/_bulk"])
def test_every_answer_names_the_product(path: str) -> None:
    answer = make().refusal(Trouble(400, "why")) if path == "/_bulk" else ask("GET", path)
    assert isinstance(answer, Answer)
    assert ("x-elastic-product", "Elasticsearch") in answer.headers


def test_a_client_gets_the_media_type_that_it_asked_for() -> None:
    answer = ask("GET", "/", accept="application/vnd.elasticsearch+json; compatible-with=8")
    assert isinstance(answer, Answer)
    assert answer.headers[0] == ("content-type", "application/vnd.elasticsearch+json;compatible-with=8")


def test_a_busy_server_is_what_shippers_wait_for() -> None:
    answers = [make().refusal(Trouble(status, "why")) for status in (503, 429, 401)]
    assert [(one.status, said(one)["error"]["type"]) for one in answers] == [
        (429, "es_rejected_execution_exception"),
        (429, "es_rejected_execution_exception"),
        (401, "security_exception"),
    ]


def test_a_single_document_is_a_record() -> None:
    found = ask("POST", "/logs/_doc", b'{\n"a": 1}')
    assert isinstance(found, Intake)
    assert (found.deliveries, found.kept.status) == ([Delivery(records=[b'{ "a": 1}'], framing=Framing.JSON, label="logs")], 201)
    assert ask("POST", "/logs/_doc", b"[1]") == Trouble(400, "failed to parse")


def test_it_serves_what_shippers_ask_and_nothing_else() -> None:
    asked = [("GET", "/"), ("HEAD", "/"), ("POST", "/_bulk"), ("POST", "/logs-x/_bulk"), ("HEAD", "/_template/t"), ("PUT", "/index")]
    assert [make().serves(*each) for each in asked] == [True] * 6
    others = [("GET", "/metrics"), ("GET", "/healthz"), ("GET", "/logs/_search"), ("GET", "/_bulk"), ("POST", "/v1/records")]
    assert [make().serves(*each) for each in others] == [False] * 5


@given(st.lists(st.sampled_from([b'{"index":{}}', b'{"delete":{}}', b'{"create":{"_index":"i"}}', b"{}", b"x", b"", b'{"a":[1]}'])))
def test_any_lines_are_an_answer_and_no_exception(lines: list[bytes]) -> None:
    assert isinstance(ask("POST", "/_bulk", b"\n".join(lines)), Intake | Trouble)


def test_a_document_that_is_no_utf_8_is_taken_with_the_others() -> None:
    found = ask("POST", "/logs/_bulk", b'{"index":{"_id":"\xfe"}}\n{"x":"\xff"}\n{"index":{}}\n{"y":2}\n')
    assert isinstance(found, Intake)
    assert [each.records for each in found.deliveries] == [['{"x":"\ufffd"}'.encode(), b'{"y":2}']]
    assert said(found.kept)["errors"] is False
