"""Findings are forgotten when their time is over, and not before somebody was told of them and the lake has them."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan

from bartizan.detect.watch.contract import Alert
from bartizan.detect.watch.ledger import Ledger
from bartizan.detect.watch.places import Places
from bartizan.faces.server.forgetting import forget
from bartizan.lake.state.engine import sa
from bartizan.lake.state.tables import FINDING
from bartizan.respond.notify.contract import Notice
from bartizan.respond.notify.outbox import Outbox

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400


@pytest.fixture
def places(tmp_path: Path, address: Path | str) -> Places:
    """A watch with findings of 9, 5 and 1 days ago, and one of another node."""
    made = Places(root=tmp_path, database=address if isinstance(address, str) else "")
    now = time.time_ns()
    for node, ages in ((made.node, {"a": 9, "b": 5, "c": 1}), ("other", {"d": 9})):
        with closing(Ledger(made.ledger, node)) as ledger:
            ledger.record([Alert(uid, "r", "high", 1, b"{}") for uid in ages], now)
            with ledger._database.writing() as connection:
                for uid, age in ages.items():
                    connection.execute(sa.update(FINDING).where(FINDING.c.uid == uid).values(judged=now - age * DAY * 10**9))
    return made


def left(places: Places) -> list[str]:
    with closing(Ledger(places.ledger)) as ledger:
        return [alert.uid for _, alert in ledger.findings()]


def test_what_is_past_its_time_is_forgotten_of_this_node(places: Places) -> None:
    assert forget(places, 4, channels=[], lake=False, now=time.time()) == (2, 0)
    assert left(places) == ["c", "d"]
    assert forget(places, 4, channels=[], lake=False, now=time.time()) == (0, 0)


def test_what_is_still_to_be_told_or_stored_stays(places: Places) -> None:
    now = time.time()
    assert forget(places, 4, channels=["soc"], lake=False, now=now) == (0, 0)
    assert forget(places, 4, channels=[], lake=True, now=now) == (0, 0)
    with closing(Ledger(places.ledger)) as ledger, closing(Outbox(places.ledger)) as outbox:
        first = ledger.findings()[0][0]
        outbox.take({"soc": [(first, Notice("a", "high", b"{}"))]}, first, now - 9 * DAY)
        due = outbox.due(now, ["soc"])
        assert due is not None
        outbox.sent(due, now - 8 * DAY)
    assert forget(places, 4, channels=["soc"], lake=False, now=now) == (1, 1)
    assert left(places) == ["b", "c", "d"]


def test_the_command_forgets_once(tmp_path: Path) -> None:
    config = tmp_path / "watch.yml"
    config.write_text("state: state\nkeep-days: 90\n")
    assert bartizan("watch", "forget", config, "--days", "30").out == "0 findings and 0 deliveries are forgotten\n"
    said = bartizan("watch", "forget", config, "--days", "0")
    assert (said.code, said.err) == (2, "bartizan: --days: write how many days are kept, more than none\n")
