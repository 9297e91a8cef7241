"""A message leaves the queue when what it tells of is on disk, and not before."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from tests.collect.receivers.pull.places import Aws, aws

from bartizan.collect.receivers.pull import sqs
from bartizan.collect.receivers.pull.sqs import SqsPuller
from bartizan.errors import InputError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def place() -> Iterator[Aws]:
    with aws() as made:
        yield made


def puller(place: Aws) -> SqsPuller:
    return SqsPuller("trail", place.url, queue=place.sqs, store=place.s3)


@pytest.mark.slow
def test_objects_that_messages_tell_of_are_read_and_messages_are_let_go_of_when_told(place: Aws) -> None:
    place.put("AWSLogs/1/a b.gz", gzip.compress(b"one\ntwo\n"))
    place.tell("AWSLogs/1/a b.gz")
    place.send('{"source":"aws.guardduty","detail":{"id":"f"}}')
    place.send('{"Event":"s3:TestEvent"}')
    found = puller(place).fetch()
    records = sorted((each.label, record) for some in found for each in some.deliveries() for record in each.records)
    assert records == [("", b'{"source":"aws.guardduty","detail":{"id":"f"}}'), ("logs:AWSLogs", b"one"), ("logs:AWSLogs", b"two")]
    assert (place.waiting(), [some.again for some in found]) == (3, [0, 0, 0])
    for some in found:
        some.done()
    assert (place.waiting(), puller(place).fetch()) == (0, [])


def test_an_object_that_is_not_there_leaves_its_message_in_the_queue(place: Aws) -> None:
    place.tell("missing")
    (some,) = puller(place).fetch()
    with pytest.raises(InputError, match=r"^s3://logs/missing: cannot be fetched: .*: its message stays in the queue$"):
        list(some.deliveries())
    assert place.waiting() == 1


def test_a_message_that_comes_again_says_so(place: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqs, "_HIDDEN", 0)
    place.send("a line")
    assert [[some.again for some in puller(place).fetch()] for _ in range(2)] == [[0], [1]]


def test_a_queue_that_is_not_there_may_be_there_later(place: Aws) -> None:
    with pytest.raises(Unreachable, match=r"trail: .*NonExistentQueue|trail: "):
        SqsPuller("trail", place.url + "x", queue=place.sqs, store=place.s3).fetch()
