"""An S3 and an SQS, and a cluster of Kafka, on loopback."""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = {"aws_access_key_id": "example", "aws_secret_access_key": "example", "region_name": "eu-central-1"}


@dataclass
class Aws:
    """Clients of moto's server, a bucket and a queue in it."""

    endpoint: str
    sqs: Any
    s3: Any
    url: str
    bucket: str = "logs"

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def tell(self, *keys: str) -> None:
        """Put a notification of some objects into the queue, as S3 writes it."""
        self.send(json.dumps({"Records": [created(self.bucket, key) for key in keys]}))

    def send(self, body: str) -> None:
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def waiting(self) -> int:
        """Return how many messages the queue holds, those in somebody's hands too."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(map(int, found.values()))

    def show(self) -> None:
        """Let what somebody holds be seen again, as when its time is over."""
        from moto.sqs.models import sqs_backends

        (queue,) = sqs_backends["123456789012"]["eu-central-1"].queues.values()
        for message in queue._messages:
            message.visible_at = 0
        for message in list(queue.pending_messages):
            queue.pending_messages.discard(message)


def created(bucket: str, key: str) -> dict[str, Any]:
    from urllib.parse import quote_plus

    return {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": bucket}, "object": {"key": quote_plus(key)}},
    }


@contextmanager
def aws() -> Iterator[Aws]:
    """Run moto's server."""
    pytest.importorskip("boto3", reason="needs the extra 'aws'")
    pytest.importorskip("flask_cors", reason="needs moto's server")
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    sqs, s3 = (boto3.client(name, endpoint_url=endpoint, **KEYS) for name in ("sqs", "s3"))
    with urlopen(Request(f"{endpoint}/moto-api/reset", method="POST")):
        pass
    try:
        s3.create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        yield Aws(endpoint, sqs, s3, sqs.create_queue(QueueName="told")["QueueUrl"])
    finally:
        sqs.close()
        s3.close()
        server.stop()


@contextmanager
def kafka() -> Iterator[tuple[str, Any]]:
    """Run the cluster that librdkafka has for tests: its brokers, and a producer."""
    client = pytest.importorskip("confluent_kafka", reason="needs the extra 'kafka'")
    producer = client.Producer({"test.mock.num.brokers": 1, "log_level": 0})
    brokers = producer.list_topics(timeout=30).brokers.values()
    yield ",".join(f"{broker.host}:{broker.port}" for broker in brokers), producer
    producer.flush(30)
