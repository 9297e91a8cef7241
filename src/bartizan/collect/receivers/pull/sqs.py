"""Fetch from a queue of SQS: objects of S3 that its messages tell of, or else the messages themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.receivers.cutting import cut_body
from bartizan.collect.receivers.pull.contract import Fetched
from bartizan.collect.receivers.pull.notices import ObjectAt, objects_in
from bartizan.collect.receivers.pull.objects import label_of, records_of
from bartizan.errors import InputError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bartizan.collect.receivers.contract import Delivery

__all__ = ["SqsPuller"]

_WAIT: Final = 2
"""Seconds for which the queue may wait for a message: long enough to cost few requests, short enough to end at once."""
_HIDDEN: Final = 600
"""Seconds in which nobody else gets a message that we have: all messages of one answer must be read and on disk by then."""
_MOST: Final = 10
_BLOCK: Final = 1 << 20


class SqsPuller:
    """A queue. ``queue`` and ``store`` are clients of SQS and S3 (boto3's, or whatever answers like them)."""

    receiver = "sqs"

    def __init__(self, name: str, url: str, *, queue: Any, store: Any) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
        """Fetch from the queue of some address."""
        self.name = name
        self._url, self._queue, self._store = url, queue, store

    def fetch(self) -> Sequence[Fetched]:
        """Return the messages that are there, at most ten."""
        asked = {"MaxNumberOfMessages": _MOST, "WaitTimeSeconds": _WAIT, "VisibilityTimeout": _HIDDEN}
        answer = self._asked(lambda: self._queue.receive_message(QueueUrl=self._url, AttributeNames=["ApproximateReceiveCount"], **asked))
        return [self._fetched(message) for message in answer.get("Messages", ())]

    def close(self) -> None:
        """Let go of the connections: messages that are held come back by themselves."""
        self._queue.close()
        self._store.close()

    def _fetched(self, message: dict[str, Any]) -> Fetched:
        handle = message["ReceiptHandle"]
        times = int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1))

        def done() -> None:
            self._asked(lambda: self._queue.delete_message(QueueUrl=self._url, ReceiptHandle=handle))

        return Fetched(lambda: self._records(message["Body"]), done, again=int(times > 1))

    def _records(self, body: str) -> Iterator[Delivery]:
        objects = objects_in(body)
        if objects is None:
            yield from cut_body(body.encode("utf-8", "replace"))
            return
        for each in objects:
            name = f"s3://{each.bucket}/{each.key}"
            yield from records_of(self._blocks(each, name), name=name, label=label_of(each.bucket, each.key))

    def _blocks(self, each: ObjectAt, name: str) -> Iterator[bytes]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - only who fetches so has it

        version = {"VersionId": each.version} if each.version and each.version != "null" else {}
        try:
            body = self._store.get_object(Bucket=each.bucket, Key=each.key, **version)["Body"]
        except ClientError as error:
            message = f"{name}: cannot be fetched: {error.response['Error'].get('Message') or error}: its message stays in the queue"
            raise InputError(message) from error
        except BotoCoreError as error:
            raise self._said(error) from error
        try:
            yield from body.iter_chunks(_BLOCK)
        except (BotoCoreError, OSError) as error:
            raise self._said(error) from error
        finally:
            body.close()

    def _asked(self, call: Callable[[], Any]) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

        try:
            found: dict[str, Any] = call()
        except (BotoCoreError, ClientError) as error:
            raise self._said(error) from error
        return found

    def _said(self, error: Exception) -> Unreachable:
        return Unreachable(f"{self.name}: {type(error).__name__}: {error}")
