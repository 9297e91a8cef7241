"""What a ledger keeps is the same in a file and on a server, and several nodes can share one."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.detect.watch.test_watch import BURST
from tests.detect.watch.watching import Entries, entry, follower, kept, quiet, request_for, steps
from tests.hunting import PACK, accepted, failed, pack

from bartizan.detect.hunt.setup import judge_for
from bartizan.detect.watch.contract import Alert, Place
from bartizan.detect.watch.follow import Follower
from bartizan.detect.watch.ledger import Ledger
from bartizan.detect.watch.places import Places
from bartizan.detect.watch.watcher import Balance, Piece
from bartizan.errors import UsageError
from bartizan.lake.state.tables import FINDING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.postgres import Cluster

EARLIER = Path(__file__).parent / "earlier"
NOON = 1_795_430_000_000_000_000
HERE = Place(1, 10)


@pytest.fixture
def opened() -> Iterator[Callable[..., Ledger]]:
    """Open ledgers that are closed when the test is over."""
    with ExitStack() as stack:
        yield lambda address, node="": stack.enter_context(closing(Ledger(address, node)))


def alert(uid: str, time: int = NOON) -> Alert:
    return Alert(uid, "rule", "high", time, f'{{"uid":"{uid}"}}'.encode())


def judged(ledger: Ledger, *uids: str, place: Place = HERE, read: int = 1) -> None:
    """Keep a piece with findings of some ids."""
    piece = Piece(alerts=[alert(uid) for uid in uids], balance={"a.log": Balance(read, read, 0, 0)}, now=NOON)
    with ledger.piece():
        ledger.add(piece, NOON)
        ledger.done(place, read, b"state")


def test_a_piece_is_there_as_a_whole(address: Path | str, opened: Callable[..., Ledger]) -> None:
    ledger = opened(address)
    assert (ledger.place(), ledger.planned(), ledger.last(), ledger.balances()) == ((Place(), 0, None), None, 0, {})
    ledger.plan(Place(1, 10))
    assert ledger.planned() == Place(1, 10)
    judged(ledger, "a", "b")
    judged(ledger, "b", "c", place=Place(1, 20), read=2)
    again = opened(address)
    assert (again.place(), again.planned()) == ((Place(1, 20), 2, b"state"), None)
    assert [found for _, found in again.findings()] == [alert("a"), alert("b"), alert("c")]
    assert again.balances() == {("2026-11-23", "a.log"): Balance(3, 3, 0, 0)}
    numbers = [number for number, _ in again.findings()]
    assert (numbers == sorted(numbers), again.last(), [one.uid for _, one in again.findings(numbers[0], most=1)]) == (
        True,
        numbers[-1],
        ["b"],
    )


def failing(ledger: Ledger) -> None:
    ledger.add(Piece(alerts=[alert("a")], now=NOON), NOON)
    ledger.keep("rule", b"u", NOON, b"line")
    raise KeyError


def test_nothing_of_a_piece_that_fails_is_there(address: Path | str, opened: Callable[..., Ledger]) -> None:
    ledger = opened(address)
    with pytest.raises(KeyError), ledger.piece():
        failing(ledger)
    judged(ledger, "b")
    assert ([found.uid for _, found in ledger.findings()], ledger.get("rule", b"u")) == (["b"], None)


def test_evidence_is_there_at_once_and_until_nothing_can_need_it(address: Path | str, opened: Callable[..., Ledger]) -> None:
    ledger = opened(address)
    with ledger.piece():
        ledger.keep("rule", b"old", NOON, b"1")
        ledger.keep("rule", b"new", 1 << 70, b"2")
        ledger.keep("rule", b"new", NOON, b"not again")
        assert ledger.get("rule", b"new") == b"2"
    with ledger.piece():
        ledger.keep("rule", b"new", NOON, b"nor now")
        ledger.prune(NOON + 1)
    assert [opened(address).get("rule", uid) for uid in (b"old", b"new", b"none")] == [None, b"2", None]


def test_each_node_has_its_own_state_and_a_finding_is_there_once(address: Path | str, opened: Callable[..., Ledger]) -> None:
    one, other = opened(address, "one"), opened(address, "other")
    judged(one, "a", "b", place=Place(1, 10))
    with other.piece():
        other.keep("rule", b"u", NOON, b"line")
    judged(other, "b", "c", place=Place(7, 70))
    other.move_cursor(3, 4)
    assert (one.place()[0], other.place()[0], one.cursor(), other.cursor()) == (Place(1, 10), Place(7, 70), (0, 0), (3, 4))
    assert (one.get("rule", b"u"), other.get("rule", b"u")) == (None, b"line")
    assert [found.uid for _, found in one.findings()] == ["a", "b", "c"]
    assert [[found.uid for _, found in each.findings(own=True)] for each in (one, other)] == [["a", "b"], ["c"]]
    assert one.balances() == {("2026-11-23", "a.log"): Balance(2, 2, 0, 0)}


def test_no_finding_appears_behind_one_that_was_seen(postgres: Cluster, opened: Callable[..., Ledger]) -> None:
    address = postgres.new()
    slow, quick = opened(address, "slow"), opened(address, "quick")
    with slow._database.writing() as connection:
        slow._database.in_turn(connection, FINDING)
        row = {**alert("slow")._asdict(), "received": NOON, "judged": NOON, "node": "slow"}
        connection.execute(slow._database.adding(FINDING), [row])
        thread = threading.Thread(target=judged, args=(quick, "quick"))
        thread.start()
        thread.join(0.5)
        assert (thread.is_alive(), quick.findings()) == (True, [])
    thread.join()
    assert [found.uid for _, found in quick.findings()] == ["slow", "quick"]


def test_a_watch_goes_on_from_the_file_of_an_earlier_release(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "watch.sqlite")) as database:
        database.executescript((EARLIER / "watch.sql").read_text())
    (tmp_path / "journal").mkdir()
    rules = pack(tmp_path / "rules", {**PACK, "burst.yml": BURST})
    before = [entry([failed(1), accepted(2)]), entry([failed(3)])]
    one = follower(tmp_path, rules, Entries([*before, entry([failed(5)]), quiet(600)]))
    assert (one.place, one.anew, one.ledger.balances()) == (Place(1, 2), (), {("2026-11-23", "ndjson/local"): Balance(3, 3, 0, 0)})
    steps(one)
    assert [(alert.rule[0], alert.time) for alert in kept(one)] == [("1", NOON - 37_998_000_000_000), ("7", NOON - 37_995_000_000_000)]
    one.close()


def test_a_folder_has_a_name_that_stays_and_one_from_before_has_none(tmp_path: Path) -> None:
    new = Places(root=tmp_path / "new")
    assert (len(new.node), new.node, Places(root=new.root, database="postgresql://h/d").node) == (8, new.node, new.node)
    (tmp_path / "old" / "journal").mkdir(parents=True)
    assert (Places(root=tmp_path / "old").node, Places(root=tmp_path, name="x").node) == ("", "x")
    with pytest.raises(UsageError, match="this folder was begun with a database of its own: name a new folder"):
        _ = Places(root=tmp_path / "old", database="postgresql://h/d").node


def test_a_watch_on_a_server_goes_on_where_it_was(postgres: Cluster, tmp_path: Path) -> None:
    address, rules = postgres.new(), pack(tmp_path / "rules", {**PACK, "burst.yml": BURST})
    entries = Entries([entry([failed(1), accepted(2)]), entry([failed(3)]), entry([failed(5)]), quiet(600)])
    request = request_for(rules)
    found = []
    for _ in range(len(entries.entries)):
        with closing(Follower(judge_for(request), request, Places(root=tmp_path / "a", database=address), entries, lateness=30)) as one:
            assert one.step() is not None
            found = kept(one)
    assert [alert.rule[0] for alert in found] == ["1", "7"]
