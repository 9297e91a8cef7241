"""Objects are cut into records whatever they are packed in, and what of them cannot be read is said."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.limits import Limits
from bartizan.collect.receivers.pull.objects import label_of, records_of
from bartizan.errors import InputError

if TYPE_CHECKING:
    from bartizan.collect.receivers.contract import Delivery

LINES = b"one\ntwo\nthree\n"
TRAIL = json.dumps({"Records": [{"eventName": "GetObject", "n": n} for n in range(3)]}).encode()


def read(body: bytes, limits: Limits | None = None) -> list[Delivery]:
    blocks = [body[at : at + 7] for at in range(0, len(body), 7)]
    return list(records_of(blocks, name="s3://b/k", label="b", **({} if limits is None else {"limits": limits})))


def packed(body: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.log", body)
        archive.writestr("b.log", b"four\n")
    return file.getvalue()


def test_lines_documents_and_what_is_packed_are_read() -> None:
    assert [list(each.records) for each in read(LINES)] == [[b"one", b"two", b"three"]]
    assert [list(each.records) for each in read(gzip.compress(LINES))] == [[b"one", b"two", b"three"]]
    assert [list(each.records) for each in read(packed(LINES))] == [[b"one", b"two", b"three"], [b"four"]]
    assert [json.loads(record)["n"] for each in read(gzip.compress(TRAIL)) for record in each.records] == [0, 1, 2]
    assert read(b"") == []


@pytest.mark.slow
def test_a_large_object_comes_in_pieces() -> None:
    found = read(gzip.compress(b"".join(b"line %d\n" % n for n in range(400_000))), Limits(chunk=1 << 20))
    assert (len(found) > 3, sum(len(each.records) for each in found)) == (True, 400_000)


def test_what_cannot_be_read_is_said_behind_what_can() -> None:
    found: list[bytes] = []
    with pytest.raises(InputError, match=r"^s3://b/k: "):
        found.extend(
            record for each in records_of([gzip.compress(LINES * 4000)[:-40]], name="s3://b/k", label="b") for record in each.records
        )
    assert found[:3] == [b"one", b"two", b"three"]
    with pytest.raises(InputError, match=r"^s3://b/k: "):
        read(b"\x7fELF" + bytes(range(256)) * 10)
    bomb = gzip.compress(b"A" * (1 << 20))
    with pytest.raises(InputError, match="more than 65536 bytes"):
        read(bomb, Limits(unpacked=1 << 16))


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/23/x.json.gz", "b:AWSLogs:CloudTrail:eu-west-1"),
        ("ext/dns/region=eu/accountId=123456789012/eventDay=20261123/x.gz", "b:ext:dns:region=eu:accountId=123456789012"),
        ("app/2026-11-23T10/hour=07/x", "b:app"),
        ("x.log", "b"),
    ],
)
def test_logs_of_a_bucket_are_told_apart_by_what_does_not_change_by_the_day(key: str, label: str) -> None:
    assert label_of("b", key) == label
