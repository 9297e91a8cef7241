"""A copy of the state, taken while the server runs, is a back-up: nothing of what was acknowledged before is lost, nothing is twice."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import threading
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from tests.faces.command import bartizan
from tests.faces.server.serving import Server, serving
from tests.hunting import accepted, pack

from bartizan.detect.watch.contract import Entry, Place
from bartizan.detect.watch.copying import copy_state
from bartizan.detect.watch.journal import Journal, JournalReader, frame
from bartizan.detect.watch.places import Places
from bartizan.errors import OutputError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.enable_socket


def uids(folder: Path) -> Counter[str]:
    with sqlite3.connect(folder / "watch.sqlite") as database:
        return Counter(row[0] for row in database.execute("SELECT uid FROM finding"))


def log(number: int) -> bytes:
    return "".join(map(accepted, range(10 * number, 10 * number + 10))).encode()


@pytest.mark.slow
def test_a_copy_taken_under_load_can_be_started_from(tmp_path: Path) -> None:
    rules, config = pack(tmp_path / "rules"), tmp_path / "watch.yml"
    config.write_text(f"state: state\nlisten: 127.0.0.1:0\nrules: ['{rules}']\n")
    acknowledged: list[int] = []
    over = threading.Event()

    def send(server: Server) -> None:
        number = 0
        while not over.is_set():
            assert server.ask("POST", "/v1/records?stream=auth", log(number))[0] == 200
            acknowledged.append(number)
            number += 1

    with serving(tmp_path, "--config", str(config)) as server:
        thread = threading.Thread(target=send, args=(server,))
        thread.start()
        server.until(lambda: len(acknowledged) > 100)
        before = len(acknowledged)
        said = bartizan("watch", "copy", config, tmp_path / "copy")
        over.set()
        thread.join()
        server.end(signal.SIGKILL)
    assert (said.code, "segments of the journal" in said.out) == (0, True)
    shutil.rmtree(tmp_path / "state")
    shutil.copytree(tmp_path / "copy", tmp_path / "state")
    with serving(tmp_path, "--config", str(config)) as server:
        server.until(lambda: server.metric("bartizan_backlog_bytes") == 0)
        restored = uids(tmp_path / "state")
        for number in range(len(acknowledged)):
            assert server.ask("POST", "/v1/records?stream=auth", log(number))[0] == 200
        server.until(lambda: len(uids(tmp_path / "state")) == 10 * len(acknowledged))
        assert server.end() == 0
    assert len(restored) >= 10 * before
    assert max(uids(tmp_path / "state").values()) == 1


def test_a_journal_that_is_older_than_its_readers_goes_on_behind_them(tmp_path: Path) -> None:
    old = Journal(tmp_path)
    old.append([frame(Entry("a", 1))])
    old.close()
    assert list(JournalReader(tmp_path).after(Place(1, 10_000), most=1 << 20)) == []
    new = Journal(tmp_path, behind=Place(5, 1000))
    end = new.append([frame(Entry("b", 2))])
    new.close()
    for place in (Place(1, 10_000), Place(5, 1000)):
        found = list(JournalReader(tmp_path).after(place, most=1 << 20))
        assert [entry.stream for entry, _ in found] == ["b"]
    assert end.segment == 6
    again = Journal(tmp_path, behind=end)
    assert again.end == end
    again.close()


def test_what_cannot_be_copied_is_said(tmp_path: Path) -> None:
    places = Places(root=tmp_path / "state")
    with pytest.raises(UsageError, match="there is no state of a watch in this folder"):
        copy_state(places, tmp_path / "copy")
    places.journal.mkdir(parents=True)
    with pytest.raises(UsageError, match="there is something already: name a new folder"):
        copy_state(places, tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="the state cannot be copied there"):
        copy_state(places, tmp_path / "file" / "copy")
    assert copy_state(places, tmp_path / "copy") == ["0 segments of the journal"]


@pytest.mark.slow
def test_a_state_whose_journal_is_lost_judges_what_comes(tmp_path: Path) -> None:
    rules = str(pack(tmp_path / "rules"))
    with serving(tmp_path, "--rules", rules) as server:
        server.ask("POST", "/v1/records", log(1))
        server.until(lambda: server.metric("bartizan_findings_total") == 10)
        server.end()
    shutil.rmtree(tmp_path / "state" / "journal")
    with serving(tmp_path, "--rules", rules) as server:
        server.ask("POST", "/v1/records", log(2))
        server.until(lambda: server.metric("bartizan_findings_total") == 10)
        server.end()
    assert sorted(uids(tmp_path / "state").values()) == [1] * 20
