from __future__ import annotations

import hashlib
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.detect.hunt.duplicates import SeenRecords


def ident(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()[:16]


def expected(batches: list[list[int]]) -> list[list[int]]:
    """What a Python set says."""
    seen: set[int] = set()
    told = []
    for batch in batches:
        duplicate = []
        for position, number in enumerate(batch):
            if number in seen:
                duplicate.append(position)
            seen.add(number)
        told.append(duplicate)
    return told


def forgetting(batches: list[list[int]], capacity: int) -> tuple[list[list[int]], bool]:
    """What two generations of Python sets say, and whether one was forgotten."""
    young: set[int] = set()
    old: set[int] | None = None
    forgot, told = False, []
    for batch in batches:
        known = young | (old or set())
        fresh = list(dict.fromkeys(number for number in batch if number not in known))
        firsts = {number: batch.index(number) for number in fresh}
        told.append([position for position, number in enumerate(batch) if firsts.get(number) != position])
        for number in fresh:
            young.add(number)
            if len(young) == capacity:
                forgot = forgot or old is not None
                old, young = young, set()
    return told, forgot


@given(st.lists(st.lists(st.integers(0, 60), max_size=40), max_size=12))
def test_it_sees_what_a_set_sees(batches: list[list[int]]) -> None:
    seen = SeenRecords(capacity=1000)
    assert [seen.add(b"".join(map(ident, batch))) for batch in batches] == expected(batches)
    assert not seen.forgot


@given(st.lists(st.lists(st.integers(0, 60), max_size=40), max_size=12), st.integers(1, 12))
def test_with_little_room_it_sees_what_two_generations_of_sets_see(batches: list[list[int]], capacity: int) -> None:
    seen = SeenRecords(capacity=capacity)
    assert ([seen.add(b"".join(map(ident, batch))) for batch in batches], seen.forgot) == forgetting(batches, capacity)


@given(st.lists(st.integers(0, 80), max_size=200), st.integers(1, 20))
def test_the_last_records_first_seen_are_remembered_and_nothing_new_is_called_old(numbers: list[int], capacity: int) -> None:
    seen, ever, order = SeenRecords(capacity=capacity), set(), []
    for number in numbers:
        told = bool(seen.add(ident(number)))
        if number in order[-capacity:]:
            assert told
        if number not in ever:
            assert not told
        if not told:
            order.append(number)
        ever.add(number)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=60))
def test_ids_that_want_the_same_place_are_told_apart(halves: list[tuple[int, int]]) -> None:
    ids = [(low << 20).to_bytes(8, "little") + high.to_bytes(8, "little") for low, high in halves]
    seen = SeenRecords(capacity=100)
    assert seen.add(b"".join(ids)) == expected([[hash(one) for one in ids]])[0]


def test_a_hundred_thousand_records_grow_the_table() -> None:
    chance = random.Random(7)
    batches = [[chance.randrange(150_000) for _ in range(20_000)] for _ in range(6)]
    seen = SeenRecords()
    assert [seen.add(b"".join(map(ident, batch))) for batch in batches] == expected(batches)


def test_a_table_that_is_full_takes_no_more_room_than_it_needs() -> None:
    seen = SeenRecords(capacity=1 << 12)
    seen.add(b"".join(map(ident, range((1 << 12) - 1))))
    assert len(seen._young._low) == 1 << 13
