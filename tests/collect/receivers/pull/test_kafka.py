"""An offset is committed when what is before it is on disk: what was not is fetched again by whoever comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.collect.receivers.pull.places import kafka

from bartizan.collect.receivers.pull.kafka import KafkaPuller
from bartizan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.receivers.pull.contract import Fetched

pytestmark = [pytest.mark.enable_socket, pytest.mark.slow]


@pytest.fixture
def cluster() -> Iterator[tuple[str, Any]]:
    with kafka() as made:
        yield made


def joined(brokers: str, *topics: str) -> KafkaPuller:
    return KafkaPuller("events", topics, {"bootstrap.servers": brokers, "group.id": "g", "session.timeout.ms": "6000", "log_level": "0"})


def records(some: Fetched) -> list[tuple[str, bytes]]:
    return [(each.label, record) for each in some.deliveries() for record in each.records]


def taken(puller: KafkaPuller, count: int, *, done: bool) -> list[tuple[str, bytes]]:
    """Fetch until so many records have come."""
    found: list[tuple[str, bytes]] = []
    for _ in range(90):
        for some in puller.fetch():
            found += records(some)
            if done:
                some.done()
        if len(found) >= count:
            break
    return sorted(found)


def test_what_is_committed_is_not_fetched_again_and_what_is_not_is(cluster: tuple[str, Any]) -> None:
    brokers, producer = cluster
    for number in range(5):
        producer.produce("auth", b"line %d" % number)
    producer.produce("json", b'[{"n":1},{"n":2}]')
    producer.produce("json", b'{"n":3}')
    producer.produce("json", None, key=b"a tombstone")
    producer.produce("json", b'{"n":4}\n{"n":5}\n')
    producer.flush(30)
    first = joined(brokers, "auth", "json")
    lines = [("auth", b"line %d" % number) for number in range(5)]
    assert taken(first, 10, done=True) == lines + [("json", b'{"n":%d}' % number) for number in range(1, 6)]
    for number in range(5, 8):
        producer.produce("auth", b"line %d" % number)
    producer.flush(30)
    fresh = [("auth", b"line %d" % number) for number in range(5, 8)]
    assert taken(first, 3, done=False) == fresh
    first.close()
    second = joined(brokers, "auth", "json")
    assert taken(second, 3, done=True) == fresh
    second.close()


def test_what_is_no_property_is_said() -> None:
    pytest.importorskip("confluent_kafka", reason="needs the extra 'kafka'")
    with pytest.raises(UsageError, match=r'^events: .*No such configuration property: "no\.such"'):
        KafkaPuller("events", ["a"], {"bootstrap.servers": "127.0.0.1:1", "group.id": "g", "no.such": "1"})
