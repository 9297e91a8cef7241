"""A record is its content."""

from __future__ import annotations

from hashlib import sha256

from bartizan.schema.identity import RECORD_ID_BYTES, record_id, record_ids


def test_an_id_is_the_first_half_of_the_sha_256_of_the_raw_record() -> None:
    assert record_id(b"a line").hex() == sha256(b"a line").hexdigest()[: 2 * RECORD_ID_BYTES]


def test_many_ids_at_once_are_those_that_each_record_has() -> None:
    raws = [b"", b"a line", b"another", b"a line"]
    assert record_ids(raws) == b"".join(map(record_id, raws))
