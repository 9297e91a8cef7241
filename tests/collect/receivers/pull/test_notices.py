"""What a queue says about objects is understood in every form in which AWS writes it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.collect.receivers.pull.places import created

from bartizan.collect.receivers.pull.notices import ObjectAt, objects_in

BRIDGE = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "detail": {"bucket": {"name": "lake"}, "object": {"key": "a b+c.gz", "version-id": "v2"}},
}


def through_sns(said: object) -> dict[str, str]:
    return {"Type": "Notification", "Message": json.dumps(said)}


@pytest.mark.parametrize(
    ("said", "objects"),
    [
        ({"Records": [created("b", "a b/ü.gz"), created("b", "c")]}, [ObjectAt("b", "a b/ü.gz"), ObjectAt("b", "c")]),
        (through_sns({"Records": [created("b", "k")]}), [ObjectAt("b", "k")]),
        (through_sns(through_sns({"Records": [created("b", "k")]})), [ObjectAt("b", "k")]),
        (BRIDGE, [ObjectAt("lake", "a b+c.gz", "v2")]),
        ({**BRIDGE, "detail-type": "Object Deleted"}, []),
        (through_sns({"s3Bucket": "trail", "s3ObjectKey": ["x", "y"]}), [ObjectAt("trail", "x"), ObjectAt("trail", "y")]),
        ({"Event": "s3:TestEvent", "Service": "Amazon S3"}, []),
        ({"Records": [{**created("b", "k"), "eventName": "ObjectRemoved:Delete"}]}, []),
        ({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {"bucket": {}, "object": 7}}]}, []),
        ({"Records": [{"eventSource": "signin.amazonaws.com"}]}, None),
        ({"source": "aws.guardduty", "detail": {"id": "f"}}, None),
        ({"Type": "Notification", "Message": "plain words"}, None),
        ([1], None),
    ],
)
def test_a_message_tells_of_objects(said: Any, objects: list[ObjectAt] | None) -> None:  # noqa: ANN401 - JSON
    assert objects_in(json.dumps(said)) == objects


@given(
    st.text()
    | st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)).map(json.dumps)
)
def test_nothing_that_a_queue_may_hold_breaks_it(body: str) -> None:
    assert objects_in(body) in (None, [])


@pytest.mark.parametrize("body", ["", "{", "\ud800", "[" * 100_000, '{"Records":' + "[" * 2000 + "]" * 2000 + "}"])
def test_garbage_is_no_notification(body: str) -> None:
    assert objects_in(body) is None
