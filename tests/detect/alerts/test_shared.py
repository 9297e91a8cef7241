"""Decisions in the database of a watch are those that a file would hold, and silences there keep people from being told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.detect.watch.watching import Entries, entry, follower, steps
from tests.hunting import accepted, failed, pack

from bartizan.detect.alerts.building import View
from bartizan.detect.alerts.decisions import Decision, lifted, made_silence, taken_on
from bartizan.detect.alerts.desk import desk_of, sources_of, state_beside
from bartizan.detect.alerts.journal import Journal
from bartizan.detect.alerts.shared import DecisionTable, database_of, findings_in, journal_at
from bartizan.detect.alerts.silences import parse_matchers
from bartizan.detect.alerts.silencing import Silencer
from bartizan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DECIDED = Decision(by="alice@example.com", now=1_795_430_000_000_000_000, comment="a test")
FOREVER = 1 << 62


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """The folder of a watch that found three things on two hosts."""
    lines = [accepted(1), failed(2), accepted(3, host="db-01")]
    one = follower(tmp_path / "state", pack(tmp_path / "rules"), Entries([entry(lines)]))
    steps(one)
    one.close()
    return tmp_path / "state"


def silence(*matchers: str, until: int = FOREVER) -> dict[str, Any]:
    return made_silence(parse_matchers(matchers), DECIDED, start=0, until=until)


def test_a_table_keeps_decisions_as_a_file_does(address: Path | str, tmp_path: Path) -> None:
    file, table = Journal(tmp_path / "decisions.ndjson"), DecisionTable(address)
    assert table.read() == file.read()
    for some in ([silence("host=a")], [silence("host=b"), silence("host=c")]):
        file.append(some)
        table.append(some)
    assert table.read() == file.read()


def test_the_alerts_of_a_watch_are_decided_on_in_its_database(state: Path) -> None:
    sources = sources_of([str(state)])
    beside = state_beside(sources)
    assert (sources.watches, beside, sources.kept, sources.logs) == ((state / "watch.sqlite",), state / "watch.sqlite", (), ())
    desk = desk_of(sources, View(), beside)
    assert (desk.problems, len(desk.alerts.alerts), len(list(findings_in(state / "watch.sqlite")))) == ([], 3, 3)
    first = desk.alerts.alerts[0]
    journal_at(state).append([taken_on(first, DECIDED)])
    again = desk_of(sources, View(), beside)
    assert [again.standings[one.id].state for one in again.alerts.alerts] == ["triaged", "new", "new"]


def test_what_people_silenced_they_are_not_told_until_it_is_lifted_or_over(state: Path) -> None:
    lines = list(findings_in(state / "watch.sqlite"))
    table, clock = DecisionTable(state / "watch.sqlite"), iter(range(0, 1000, 10))
    silencer = Silencer(table)

    def silenced() -> list[bool]:
        now = float(next(clock))
        return [silencer.silence_of(line, now) is not None for line in lines]

    assert silenced() == [False, False, False]
    made = silence("host=web-*")
    table.append([made])
    assert silenced() == [True, True, False]
    assert silencer.silence_of(lines[0], 11.0) == made["entity"]["uid"]
    assert silencer.silence_of(b"no finding", 12.0) is None
    table.append([lifted(str(made["entity"]["uid"]), DECIDED)])
    table.append([silence("title=*password*", "severity=high"), silence("host=db-01", until=1)])
    assert silenced() == [True, False, True]


def test_places_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "watch.sqlite").touch()
    places = ["postgresql://a@b/c", str(tmp_path), tmp_path / "watch.sqlite", tmp_path / "alerts.ndjson", "auth.log"]
    file = tmp_path / "watch.sqlite"
    assert [database_of(place) for place in places] == ["postgresql://a@b/c", file, file, None, None]
    assert isinstance(journal_at(tmp_path / "alerts.ndjson"), Journal)
    with pytest.raises(UsageError, match=r"a password on a command line can be read by everybody .*: write it into ~/\.pgpass") as caught:
        database_of("postgresql://a:" + "s3cret@b/c")
    assert "s3cret" not in str(caught.value)
