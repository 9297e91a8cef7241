"""A record is its content."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from bartizan.schema.identity import RECORD_ID_BYTES, record_id, record_ids, sight_keys


def test_an_id_is_the_first_half_of_the_sha_256_of_the_raw_record() -> None:
    assert record_id(b"a line").hex() == sha256(b"a line").hexdigest()[: 2 * RECORD_ID_BYTES]


def test_many_ids_at_once_are_those_that_each_record_has() -> None:
    raws = [b"", b"a line", b"another", b"a line"]
    assert record_ids(raws) == b"".join(map(record_id, raws))


@given(raws=st.lists(st.binary(max_size=300), max_size=8), seed=st.integers(0, 2**64 - 1))
def test_records_have_the_same_key_where_they_have_the_same_id(raws: list[bytes], seed: int) -> None:
    def cut(keys: bytes) -> list[bytes]:
        return [keys[at : at + RECORD_ID_BYTES] for at in range(0, len(keys), RECORD_ID_BYTES)]

    keys, ids = cut(sight_keys(raws, seed)), cut(record_ids(raws))
    assert [keys.index(key) for key in keys] == [ids.index(one) for one in ids]


def test_a_key_tells_nothing_to_who_does_not_know_the_seed() -> None:
    assert len({sight_keys([b"a line"], seed) for seed in range(99)}) == 99
