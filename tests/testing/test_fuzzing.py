"""What is fuzzed answers to good inputs, and what is made of them keeps their form."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bartizan.collect.catalogue import catalogue
from bartizan.testing.fuzzing import Target, mutated, targets
from bartizan.testing.fuzzing.contract import tried
from bartizan.testing.fuzzing.forms import changed
from bartizan.testing.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

TARGETS = targets()
each_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


def test_every_source_is_fuzzed_and_every_reader() -> None:
    names = [target.name for target in TARGETS]
    assert len(set(names)) == len(names)
    assert names[:8] == [
        "rules",
        "mapping-files",
        "indicators",
        "wazuh-rules",
        "envelopes",
        "event-logs",
        "packed-files",
        "request-bodies",
    ]
    assert [name for name in names[8:] if name.startswith("receive-")] == [
        "receive-ndjson",
        "receive-hec-events",
        "receive-hec-raw",
        "receive-hec-acks",
        "receive-bulk",
        "receive-otlp-json",
        "receive-otlp-protobuf",
        "receive-syslog",
    ]
    assert names[16:] == [source.name for source in catalogue().sources]


@each_target
def test_a_target_has_nothing_to_say_against_good_inputs(target: Target) -> None:
    assert target.seeds
    assert [tried(target, seed) for seed in target.seeds] == [None] * len(target.seeds)


@each_target
def test_a_target_answers_to_some_of_what_is_made_of_its_inputs(target: Target) -> None:
    made = [mutated(seed, number, target.seeds, binary=target.binary) for seed in target.seeds for number in range(3)]
    assert [verdict for data in made if (verdict := tried(target, data)) is not None] == []


@pytest.mark.slow
@each_target
def test_a_target_answers_to_whatever_is_made_of_its_inputs(target: Target) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.sampled_from(range(len(target.seeds))), st.lists(st.integers(0, 2**32), min_size=1, max_size=6))
    def answers(which: int, changes: list[int]) -> None:
        data = target.seeds[which]
        for seed in changes:
            data = mutated(data, seed, target.seeds, binary=target.binary)
        assert tried(target, data) is None

    answers()


def _raises(data: bytes) -> Iterable[Problem]:
    return [Problem("x", str(int(data)))] if data != b"0" else []


def test_what_a_target_raises_and_what_it_tells_are_verdicts_of_their_kind() -> None:
    target = Target(name="toy", seeds=(b"0",), run=_raises)
    assert tried(target, b"0") is None
    told, raised = tried(target, b"7"), tried(target, b"x")
    assert told is not None
    assert told.kind == "x"
    assert raised is not None
    assert raised.kind.startswith("ValueError in _raises:")
    assert "invalid literal" in raised.problems[0].what


@given(st.binary(max_size=300), st.integers(0, 2**32), st.booleans())
def test_any_bytes_can_be_changed_and_the_same_seed_changes_them_alike(data: bytes, seed: int, binary: bool) -> None:  # noqa: FBT001 - a test
    once = mutated(data, seed, (data,), binary=binary, longest=1000)
    assert once == mutated(data, seed, (data,), binary=binary, longest=1000)
    assert len(once) <= 1000


def test_a_changed_json_record_is_json_nine_times_of_ten() -> None:
    record = json.dumps({"a": {"b": [1, "2", None]}, "c": "d", "e": True}).encode()
    made = [changed(record, random.Random(seed)) for seed in range(300)]
    assert sum(_is_json(data) for data in made) > 240
    assert len(set(made)) > 150


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    "record",
    [
        b'<Event xmlns="x"><System><EventID>4624</EventID></System></Event>',
        b'date=2024-01-01 user="alice" action=accept',
        b"2024-01-01,alice,10.0.0.1,443,allow",
        b"<34>Nov 23 08:14:02 web-01 sshd[2112]: Accepted password",
        b"caf\xe9 \xff",
        b"---",
        b"",
    ],
)
def test_a_changed_text_differs_and_is_mostly_still_there(record: bytes) -> None:
    made = {changed(record, random.Random(seed)) for seed in range(200)}
    assert len(made) > 20
    assert any(record[:4] in data for data in made)
