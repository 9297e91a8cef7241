"""Several judges find what one finds, whoever of them judges what, and a piece of which one has died is judged again."""

from __future__ import annotations

import tempfile
import threading
from contextlib import contextmanager
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.detect.watch.test_watch import CORRELATED, cut, days, uids
from tests.detect.watch.watching import Entries, entry, follower, kept, quiet, request_for, sights, steps
from tests.hunting import NOW, accepted, failed, pack

from bartizan.detect.hunt.setup import judge_for
from bartizan.detect.hunt.workers import mark_of
from bartizan.detect.watch.panel import Panel, assist

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.detect.watch.follow import Follower

RULE = "11111111-1111-4111-8111-111111111111"


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pack(tmp_path_factory.mktemp("rules"), CORRELATED)


@contextmanager
def assisted(one: Follower, rules: Path, *, theirs: Path | None = None, count: int = 2) -> Iterator[Panel]:
    """Give a follower assistants, each in a thread of its own instead of a process, who are asked for everything."""
    request = request_for(rules)
    judge = judge_for(request)
    pairs = [Pipe() for _ in range(count)]
    threads = [threading.Thread(target=assist, args=(far, request_for(theirs or rules))) for _, far in pairs]
    for thread in threads:
        thread.start()
    panel = one.watcher.panel = Panel(judge, [near for near, _ in pairs], mark_of(judge, request))
    panel.worth = 0
    for near, _ in pairs:
        assert near.poll(30)
    yield panel
    panel.close()
    for thread in threads:
        thread.join()
    for _, far in pairs:
        far.close()


@given(lines=days(), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5), together=st.integers(1, 6))
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_recording_gives_with_assistants_what_it_gives_without(rules: Path, lines: list[str], sizes: list[int], together: int) -> None:
    entries = Entries([*cut(lines, sizes), entry([accepted(9)], stream="other"), quiet(900)], each=together)
    with tempfile.TemporaryDirectory() as name:
        alone, helped = (follower(Path(name) / each, rules, entries) for each in ("alone", "helped"))
        steps(alone)
        with assisted(helped, rules):
            steps(helped)
        assert kept(helped) == kept(alone)
        assert helped.ledger.place() == alone.ledger.place()
        assert helped.ledger.balances() == alone.ledger.balances()
        alone.close()
        helped.close()


def test_a_long_chunk_is_cut_among_the_judges_and_its_records_keep_their_numbers(tmp_path: Path, rules: Path) -> None:
    one = follower(tmp_path, rules, Entries([entry([accepted(number) for number in range(40)])]))
    with assisted(one, rules) as panel:
        (piece,) = steps(one)
        assert panel.notes == ["more comes than one process judges: 2 do now", "more comes than one process judges: 3 do now"]
    found = sights([alert for alert in piece.alerts if alert.rule == RULE])
    assert found == {("1", "ndjson/local", number): 1 for number in range(1, 41)}
    one.close()


def test_records_that_belong_together_stay_with_one_judge(tmp_path: Path) -> None:
    rules = pack(tmp_path / "rules", CORRELATED)
    judge = judge_for(request_for(rules))
    lines = [f"type=SYSCALL msg=audit(17000000{number // 3:02}.1:{number // 3}): pid={number}" for number in range(60)]
    one = follower(tmp_path / "state", rules, Entries([entry(lines, received=NOW), quiet(60, received=NOW + 60 * 10**9)]))
    with assisted(one, rules) as panel:
        chunks = [(chunk, before, judged.count) for chunk, before, judged in panel.judge(one.watcher._streams.chunks([entry(lines)]), NOW)]
    source = judge.catalogue.named(chunks[0][0].source)
    assert source is not None
    assert source.group is not None
    assert [(before, count) for _, before, count in chunks] == [(0, 57)]
    one.close()


def test_little_is_judged_without_asking_anybody(tmp_path: Path, rules: Path) -> None:
    one = follower(tmp_path, rules, Entries([entry([accepted(1), accepted(2)])]))
    near, far = Pipe()
    judge = judge_for(request_for(rules))
    far.send(mark_of(judge, request_for(rules)))
    panel = one.watcher.panel = Panel(judge, [near], mark_of(judge, request_for(rules)))
    (piece,) = steps(one)
    assert (len(panel.notes), len(piece.alerts), far.poll()) == (1, 2, False)
    one.close()
    far.close()


def test_an_assistant_who_never_comes_is_not_waited_for(tmp_path: Path, rules: Path) -> None:
    one = follower(tmp_path, rules, Entries([entry([accepted(1)])]))
    near, far = Pipe()
    one.watcher.panel = Panel(judge_for(request_for(rules)), [near], b"mark")
    (piece,) = steps(one)
    assert len(piece.alerts) == 1
    one.close()
    far.close()


def test_an_assistant_with_other_rules_is_not_asked(tmp_path: Path, rules: Path) -> None:
    changed = {name: text.replace("level: high", "level: low") for name, text in CORRELATED.items()}
    one = follower(tmp_path / "state", rules, Entries([entry([accepted(1), accepted(2)])]))
    with assisted(one, rules, theirs=pack(tmp_path / "changed", changed), count=1) as panel:
        (piece,) = steps(one)
        assert panel.notes == ["an assistant found other rules than the judge has, and is not asked: load the rules anew (SIGHUP)"]
    assert len(piece.alerts) == 2
    one.close()


def test_a_piece_of_which_an_assistant_died_is_judged_again(tmp_path: Path, rules: Path) -> None:
    entries = Entries([entry([failed(number), accepted(number)], stream=f"s{number}") for number in range(8)], each=8)
    one = follower(tmp_path, rules, entries)
    near, far = Pipe()
    judge = judge_for(request_for(rules))
    far.send(mark_of(judge, request_for(rules)))
    panel = one.watcher.panel = Panel(judge, [near], mark_of(judge, request_for(rules)))
    panel.worth = 0
    far.close()
    with pytest.raises((EOFError, OSError)):
        steps(one)
    assert kept(one) == []
    one.close()
    again = follower(tmp_path, rules, entries)
    steps(again)
    straight = follower(tmp_path / "straight", rules, entries)
    steps(straight)
    assert uids(kept(again)) == uids(kept(straight))
    again.close()
    straight.close()
