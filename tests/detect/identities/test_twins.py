"""The columns and the naive twin agree, whatever the records are, however they are batched, and at the bound of memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.detect.identities.records import NOW, WRITTEN, kept

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Context
from bartizan.detect.identities.contract import HOUR, Fact, order_of
from bartizan.detect.identities.naive import naive_facts
from bartizan.schema.columns import ABSENT, Cell, Frame
from bartizan.schema.expressions import evaluate
from bartizan.schema.identity import record_id
from bartizan.schema.record import Details, Provenance, complete

START = 1_772_438_400_000
HASHES = (
    ({"algorithm_id": 1, "value": "ab" * 16}, {"algorithm_id": 3, "value": "cd" * 32}),
    ({"algorithm_id": 99, "value": "ef" * 16},),
    (),
)
ADDRESSES = st.sampled_from(["10.0.0.7", "10.0.0.8", "::1", "", None])
USERS = st.sampled_from(["alice", "Alice@corp.example", "bob", "SYSTEM", "-"])
CELLS: dict[str, st.SearchStrategy[Cell]] = {
    "class_uid": st.sampled_from([1007, 3002, 4001, 4004, 4014]),
    "activity_id": st.sampled_from([1, 2, 7]),
    "time": st.integers(0, 12).map(lambda quarters: START + quarters * HOUR // 4) | st.just(START),
    "unmapped.time_flag": st.sampled_from([ABSENT, ABSENT, ABSENT, "absent", "read as UTC, absent"]),
    "metadata.log_provider": st.sampled_from(["one", "Two"]),
    "device.hostname": st.sampled_from(["ws-1", "WS-1.corp.example", "ws-2", "unknown", ABSENT]),
    "device.ip": ADDRESSES,
    "device.uid": st.sampled_from(["a-1", "a-2", ABSENT]),
    "cloud.account.uid": st.sampled_from(["111122223333", ABSENT]),
    "src_endpoint.ip": ADDRESSES,
    "src_endpoint.hostname": st.sampled_from(["ws-1", "ws-1.corp.example", "ws-2", ABSENT]),
    "src_endpoint.mac": st.sampled_from(["02:00:00:00:00:01", "02-00-00-00-00-02", "ff:ff:ff:ff:ff:ff", ABSENT]),
    "lease_dur": st.sampled_from([1800, 7200, 0, -1, 1 << 40, True, "60", ABSENT]),
    "session.uid": st.sampled_from(["0x3E7", "0x3a1b2", "0x0", 7, ABSENT]),
    "user.name": USERS,
    "user.domain": st.sampled_from(["CORP", "corp.example", ABSENT]),
    "user.uid": st.sampled_from(["S-1-5-21-1-2-3-1105", "s-1-5-21-1-2-3-1106", "S-1-5-18", "arn:aws:iam::1:user/alice", 7, ABSENT]),
    "actor.user.name": USERS,
    "actor.user.uid": st.sampled_from(["S-1-5-21-1-2-3-1105", "u-1", ABSENT]),
    "process.pid": st.sampled_from([4312, 4, 0, 5120, "4312", ABSENT]),
    "process.uid": st.sampled_from(["{7B1C0F52}", "7b1c0f53", ABSENT]),
    "process.created_time": st.sampled_from([START, ABSENT]),
    "process.file.path": st.sampled_from(["C:\\a.exe", "/b", ABSENT]),
    "process.file.hashes": st.sampled_from([*HASHES, ABSENT]),
    "tunnel_interface.ip": ADDRESSES,
    "connection_info.direction_id": st.sampled_from([0, 1, 2, True, ABSENT]),
    "actor.process.pid": st.sampled_from([4312, 0, "4312", ABSENT]),
    "dst_endpoint.ip": ADDRESSES,
}
RECORDS = st.lists(st.fixed_dictionaries({}, optional=CELLS), max_size=14)


def whole(number: int, record: dict[str, Cell]) -> dict[str, Cell]:
    """Return a record with what every completed record has."""
    return {"class_uid": 0, "activity_id": 0, "time": START, **record, "metadata.uid": f"{number:032x}"}


def batches(records: list[dict[str, Cell]], size: int) -> list[Frame]:
    return [Frame.of(records[at : at + size]) for at in range(0, len(records), size)]


@pytest.mark.slow
@settings(deadline=None)
@given(RECORDS, st.integers(1, 5))
def test_the_columns_and_their_naive_twin_agree(drawn: list[dict[str, Cell]], size: int) -> None:
    records = [whole(number, record) for number, record in enumerate(drawn)]
    expected = naive_facts(records)
    with tempfile.TemporaryDirectory() as folder:
        assert sorted(kept(Path(folder, "whole"), batches(records, size)), key=order_of) == expected
        small = kept(Path(folder, "small"), batches(records, size), batch_rows=3, held_rows=8)
        assert sorted(small, key=order_of) == expected


def test_the_twins_agree_on_the_examples_of_every_source(tmp_path: Path) -> None:
    frames = []
    for source in catalogue().sources:
        for example in source.examples:
            here = Provenance(now=NOW, modified=WRITTEN, product=source.product, log_provider=source.name)
            for part in source.parse(list(example.raw), Context(modified=WRITTEN, head=example.head)).parts:
                ids = [record_id(example.raw[row]) for row in part.rows]
                frames.append(complete(evaluate(part.route.ocsf, part.frame), here, Details(ids=ids)))
    facts: list[Fact] = kept(tmp_path, frames)
    assert facts == naive_facts([frame.row(row) for frame in frames for row in range(frame.height)])
    assert len({fact.source for fact in facts}) >= 60
    assert len({fact.rule for fact in facts}) >= 30
