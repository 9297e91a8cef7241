"""What is fetched is judged like what is sent, and is let go of only when it is on disk, whatever is killed."""

from __future__ import annotations

import gzip
import os
import signal
import sqlite3
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.collect.receivers.pull.places import KEYS, aws, kafka
from tests.faces.command import bartizan
from tests.faces.server.serving import serving
from tests.hunting import accepted, failed, pack

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.enable_socket


def log(*numbers: int) -> bytes:
    return "".join(map(accepted, numbers)).encode()


def uids(folder: Path) -> Counter[str]:
    with sqlite3.connect(folder / "state" / "watch.sqlite") as database:
        return Counter(row[0] for row in database.execute("SELECT uid FROM finding"))


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in KEYS.items():
        monkeypatch.setitem(os.environ, name.replace("region_name", "aws_default_region").upper(), value)
    pack(tmp_path / "rules")
    return tmp_path / "watch.yml"


def write(config: Path, pull: str) -> str:
    config.write_text(f"state: state\nlisten: 127.0.0.1:0\nrules: ['{config.parent / 'rules'}']\npull: [{{{pull}}}]\n")
    return str(config)


@pytest.mark.slow
def test_objects_of_s3_are_judged_and_their_messages_leave_the_queue(tmp_path: Path, config: Path) -> None:
    with aws() as place:
        place.put("AWSLogs/1/a.gz", gzip.compress(log(1, 2) + failed(3).encode()))
        place.tell("AWSLogs/1/a.gz")
        place.tell("AWSLogs/1/a.gz")
        place.tell("missing.gz")
        words = write(config, f"name: trail, sqs: '{place.url}', endpoint: '{place.endpoint}'")
        with serving(tmp_path, "--config", words) as server:
            server.until(lambda: server.metric("bartizan_pulls_total", 'what="fetched"') == 2)
            server.until(lambda: server.metric("bartizan_records_total", 'what="read"') == 6)
            assert server.metric("bartizan_records_total", 'what="duplicate"') == 3
            server.until(lambda: server.metric("bartizan_pulls_total", 'what="failed"') == 1)
            assert place.waiting() == 1
            assert "s3://logs/missing.gz: cannot be fetched" in server.log.read_text()
            assert server.end() == 0
            assert {one["evidences"][0]["data"]["origin"]["path"] for one in server.findings()} == {"sqs/trail/logs:AWSLogs"}
    assert sorted(uids(tmp_path).values()) == [1, 1, 1]


@pytest.mark.slow
def test_a_message_stays_until_its_records_are_on_disk_whoever_is_killed(tmp_path: Path, config: Path) -> None:
    with aws() as place:
        words = write(config, f"name: trail, sqs: '{place.url}', endpoint: '{place.endpoint}'")
        # One message that tells of a large object and of many small ones: it takes long between the first record on disk and the last.
        small = range(80_000, 80_200)
        place.put("large", gzip.compress(log(*range(80_000)), 1))
        for number in small:
            place.put(f"small-{number}", log(number))
        place.tell("large", *(f"small-{number}" for number in small))
        with serving(tmp_path, "--config", words, ready=False) as server:
            server.until(lambda: any((tmp_path / "state" / "journal").glob("*.wal")) and _journaled(tmp_path) > 1 << 20)
            server.end(signal.SIGKILL)
        assert place.waiting() == 1
        place.show()
        with serving(tmp_path, "--config", words) as server:
            server.until(lambda: place.waiting() == 0)
            server.until(lambda: server.metric("bartizan_backlog_bytes") == 0)
            assert server.end() == 0
    counts = uids(tmp_path)
    assert (len(counts), max(counts.values())) == (80_200, 1)


def _journaled(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "state" / "journal").glob("*.wal"))


@pytest.mark.slow
def test_topics_of_kafka_are_judged_and_fetched_again_after_a_kill_without_a_second_finding(tmp_path: Path, config: Path) -> None:
    with kafka() as (brokers, producer):
        (tmp_path / "kafka.properties").write_text("# what TLS and SASL need would stand here\nsession.timeout.ms=6000\n")
        words = write(config, f"name: bus, kafka: '{brokers}', topics: [auth], properties-file: kafka.properties")
        for number in range(20):
            producer.produce("auth", accepted(number).encode())
        producer.flush(30)
        with serving(tmp_path, "--config", words) as server:
            server.until(lambda: server.metric("bartizan_findings_total") == 20)
            server.end(signal.SIGKILL)
        for number in range(15, 25):
            producer.produce("auth", accepted(number).encode())
        producer.flush(30)
        with serving(tmp_path, "--config", words) as server:
            server.until(lambda: server.metric("bartizan_records_total", 'what="read"') >= 10)
            assert server.metric("bartizan_records_total", 'what="duplicate"') >= 5
            server.until(lambda: len(uids(tmp_path)) == 25)
            assert server.end() == 0
    assert max(uids(tmp_path).values()) == 1


@pytest.mark.parametrize(
    ("pull", "why"),
    [
        ("name: a", "'a' is fetched from nowhere, or from two places: write either sqs or kafka"),
        ("name: a, sqs: x, kafka: y", "'a' is fetched from nowhere, or from two places: write either sqs or kafka"),
        ("name: a, kafka: '127.0.0.1:1'", "'a' names no topics: write them as a list"),
        ("name: a, kafka: '127.0.0.1:1', topics: [b], properties-file: none", "none cannot be read"),
        ("name: a, kafka: '127.0.0.1:1', topics: [b], properties-file: odd", "odd:2: this is no property: write NAME=VALUE"),
    ],
)
def test_what_cannot_be_fetched_from_is_said_before(config: Path, pull: str, why: str) -> None:
    (config.parent / "odd").write_text("a=b\nodd\n")
    said = bartizan("config", "check", write(config, pull))
    assert (said.code, why in said.err) == (2, True)


def test_what_can_be_fetched_from_is_counted(config: Path) -> None:
    said = bartizan("config", "check", write(config, "name: a, sqs: 'https://sqs.eu-central-1.amazonaws.com/1/q'"))
    assert (said.code, said.out) == (0, f"{config}: can be served: 0 senders, 1 places to fetch from, 0 channels\n")
