"""Fetch from topics of Kafka as one of a group of consumers: an offset is committed when what is before it is on disk."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.receivers.cutting import cut_body, delivered
from bartizan.collect.receivers.pull.contract import Fetched
from bartizan.errors import MissingExtra, Unreachable, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bartizan.collect.receivers.contract import Delivery

__all__ = ["KafkaPuller"]

_WAIT: Final = 1.0
_MOST: Final = 10_000
"""Messages that are fetched at a time; they are in memory."""
_OURS: Final[Mapping[str, object]] = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": False,
    "queued.max.messages.kbytes": 65_536,
}
"""What is not the user's to choose: what is promised hangs on it, and memory."""
_USUAL: Final[Mapping[str, object]] = {"auto.offset.reset": "earliest", "client.id": "bartizan"}


class KafkaPuller:
    """Some topics. ``properties``: those of librdkafka, ``bootstrap.servers`` and ``group.id`` among them."""

    receiver = "kafka"

    def __init__(
        self, name: str, topics: Sequence[str], properties: Mapping[str, object], log: Callable[[str], None] = lambda _line: None
    ) -> None:
        """Join the group. UsageError where a property is none, MissingExtra where the client is not installed."""
        if importlib.util.find_spec("confluent_kafka") is None:
            feature = "fetching from Kafka"
            raise MissingExtra(feature, "kafka")
        from confluent_kafka import Consumer, KafkaException  # noqa: PLC0415 - only who fetches so has it

        self.name, self._log = name, log
        try:
            self._consumer = Consumer({**_USUAL, **properties, **_OURS, "error_cb": self._hear})
            self._consumer.subscribe(list(topics))
        except (KafkaException, ValueError, TypeError) as error:
            message = f"{name}: {error}"
            raise UsageError(message) from error
        self._behind: dict[tuple[str, int], int] = {}

    def fetch(self) -> Sequence[Fetched]:
        """Return what has come, as one."""
        found = [message for message in self._consumer.consume(_MOST, timeout=_WAIT) if self._is_record(message)]
        if not found:
            return ()
        values: dict[str, list[bytes]] = {}
        ends: dict[tuple[str, int], int] = {}
        again = 0
        for message in found:
            place, offset = (message.topic() or "", message.partition() or 0), message.offset() or 0
            ends[place] = max(offset + 1, ends.get(place, 0))
            again += offset < self._behind.get(place, 0)
            value = message.value()
            if value is not None:
                values.setdefault(place[0], []).append(value)
        return [Fetched(lambda: _records(values), lambda: self._commit(ends), again=again)]

    def close(self) -> None:
        """Leave the group: others take the topics over at once."""
        self._consumer.close()

    def _is_record(self, message: Any) -> bool:  # noqa: ANN401 - confluent-kafka's messages
        error = message.error()
        if error is not None:
            self._log(f"{self.name}: {error.str()}")
        return error is None

    def _commit(self, ends: Mapping[tuple[str, int], int]) -> None:
        from confluent_kafka import KafkaException, TopicPartition  # noqa: PLC0415 - as above

        try:
            self._consumer.commit(offsets=[TopicPartition(*place, end) for place, end in ends.items()], asynchronous=False)
        except KafkaException as error:
            # Its partitions may be another's by now, who fetches it again: what we keep of it is counted as duplicates.
            message = f"{self.name}: offsets were not committed: {error}"
            raise Unreachable(message) from error
        self._behind.update(ends)

    def _hear(self, error: Any) -> None:  # noqa: ANN401 - confluent-kafka's errors
        self._log(f"{self.name}: {error.str()}")


def _records(values: Mapping[str, Sequence[bytes]]) -> Iterator[Delivery]:
    for topic, some in values.items():
        plain = [value for value in some if not _is_several(value)]
        yield from delivered(plain, label=topic)
        for value in some:
            if _is_several(value):
                yield from cut_body(value, label=topic)


def _is_several(value: bytes) -> bool:
    """Say whether a message may hold several records: lines, an array."""
    return b"\n" in value.rstrip() or value.lstrip()[:1] == b"["
