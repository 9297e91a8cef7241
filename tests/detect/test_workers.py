"""Whoever judges, the result is the same; a process that dies costs at most what it held, and that is said."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
from itertools import islice
from pathlib import Path

import pytest
from tests.hunting import NOW, TINY, accepted, failed, hunted, pack, process, write
from tests.processes import ended, needs_proc, spawned

from bartizan.collect.catalogue import catalogue_of
from bartizan.collect.chunk import Chunk
from bartizan.collect.units import Unit, units
from bartizan.detect.hunt import workers
from bartizan.detect.hunt.judge import Judged
from bartizan.detect.hunt.request import Request
from bartizan.detect.hunt.setup import judge_for
from bartizan.detect.hunt.workers import Lost, judge_all
from bartizan.errors import RulesError


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    for name in ("a", "b", "c"):
        write(folder / f"{name}.log", [accepted(number) if number % 5 else failed(number) for number in range(ord(name), ord(name) + 150)])
        write(folder / f"{name}.json", [process(number + ord(name)) for number in range(40)])
    return folder


REPOSITORY = Path(__file__).parents[2]


def request(rules: Path) -> Request:
    return Request(rules=(rules,), now=NOW)


def test_two_workers_give_the_bytes_that_one_gives(logs: Path, rules: Path) -> None:
    alone, together = (hunted([logs], rules, limits=TINY, workers=count) for count in (1, 2))
    assert alone.text == together.text
    assert alone.outcome == together.outcome
    assert len(alone.findings) == 194


def test_one_unit_is_judged_without_another_process(logs: Path, rules: Path) -> None:
    before = spawned()
    results = judge_all(units([str(logs / "a.json")]), request(rules), judge_for(request(rules)), 2)
    assert [len(judged.found) for judged in results if isinstance(judged, Judged)] == [40]
    assert spawned() == before


@needs_proc
def test_a_worker_that_is_killed_costs_nothing(logs: Path, rules: Path) -> None:
    asked = request(rules)
    judge = judge_for(asked)
    expected = [one.keys for one in judge_all(units([str(logs)], limits=TINY), asked, judge, 1) if isinstance(one, Judged)]
    results = judge_all(units([str(logs)], limits=TINY), asked, judge, 2)
    told = [next(results)]
    told += islice(results, 3)
    for pid in spawned():
        os.kill(pid, signal.SIGKILL)
    told += results
    assert [one.keys for one in told if isinstance(one, Judged)] == expected
    assert spawned() == set()


@needs_proc
def test_results_that_nobody_wants_any_more_leave_no_worker(logs: Path, rules: Path) -> None:
    results = judge_all(units([str(logs)], limits=TINY), request(rules), judge_for(request(rules)), 2)
    next(results)
    assert spawned()
    results.close()
    assert spawned() == set()


@needs_proc
def test_workers_end_with_a_parent_that_is_killed(logs: Path, rules: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
            import os, sys, time
            from pathlib import Path
            sys.path.insert(0, {str(REPOSITORY)!r})
            if __name__ == "__main__":
                from tests.detect.test_workers import TINY, judge_all, judge_for, request, units
                from tests.processes import spawned
                rules = request(Path({str(rules)!r}))
                results = judge_all(units([{str(logs)!r}], limits=TINY), rules, judge_for(rules), 2)
                next(results)
                print(*spawned(), flush=True)
                time.sleep(60)
        """)
    )
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = set(map(int, parent.stdout.readline().split()))
        parent.kill()
    assert pids
    assert ended(pids)


@pytest.fixture
def deadly(tmp_path: Path) -> Path:
    """A source of a third party that brings its process down."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "deadly.py").write_text(
        textwrap.dedent("""
            import multiprocessing
            import os
            from bartizan.collect.contract import Framing, Parsed, Source

            def recognise(records):
                return 64 if records and records[0].startswith(b"deadly") else 0

            def parse(records, context):
                if multiprocessing.parent_process() is not None:
                    os.kill(os.getpid(), 9)
                return Parsed((), dict.fromkeys(range(len(records)), "deadly"))

            SOURCE = Source(
                name="deadly", title="Deadly", framings=(Framing.LINES,), recognise=recognise, parse=parse, routes=(), examples=()
            )
        """)
    )
    info = site / "deadly-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: deadly\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[bartizan.sources]\ndeadly = deadly:SOURCE\n")
    return site


@pytest.mark.slow
def test_what_no_worker_survives_is_said_to_be_lost(rules: Path, tmp_path: Path, deadly: Path) -> None:
    folder = tmp_path / "logs"
    # Three that are small enough to be read in one go, the last of them behind the one that is deadly; two that are not.
    write(folder / "a.log", [accepted(1)])
    write(folder / "b.log", ["deadly weapon\n"])
    write(folder / "c.log", [accepted(2)])
    write(folder / "d.log", [accepted(number) for number in range(5, 60)])
    write(folder / "e.log", ["deadly weapon\n"] * 400)
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
            import json, sys
            from pathlib import Path
            sys.path.insert(0, {str(REPOSITORY)!r})
            if __name__ == "__main__":
                from tests.hunting import TINY, hunted
                told = hunted([Path({str(folder)!r})], Path({str(rules)!r}), limits=TINY, workers=2)
                print(json.dumps([told.counts, {{Path(one.path).name: one.problems for one in told.outcome.balance}}, told.sights]))
        """)
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(deadly)}, check=True, timeout=60
    )
    counts, problems, sights = json.loads(done.stdout)
    nothing = [0, 0, 0, 0]
    assert counts == {"a.log": [1, 1, 0, 0], "b.log": nothing, "c.log": nothing, "d.log": [55, 55, 0, 0], "e.log": nothing}
    assert len(sights) == 56
    died = "the process that read it died twice (out of memory?)"
    behind = "is not counted, and records behind it are numbered as if it were not there"
    assert problems["a.log"] == problems["b.log"] == problems["c.log"]
    assert problems["a.log"] == [f"{folder}/a.log and 2 more: {died}: what it held behind its first 1 chunks {behind}"]
    assert problems["d.log"] == []
    assert problems["e.log"] == [
        f"bytes {begin} to {end} of {folder}/e.log: {died}: what it held {behind}" for begin, end in ((0, 4102), (4102, 5600))
    ]


def test_rules_that_change_while_workers_start_are_told(logs: Path, tmp_path: Path) -> None:
    rules = pack(tmp_path / "rules")
    judge = judge_for(request(rules))
    (rules / "a-new-one.yml").write_text((rules / "root.yml").read_text().replace("1111", "7777"))
    with pytest.raises(RulesError, match="the rules were changed while the hunt began: run it again"):
        list(judge_all(units([str(logs)], limits=TINY), request(rules), judge, 2))


def test_rules_that_vanish_while_workers_start_are_told(logs: Path, tmp_path: Path) -> None:
    rules = pack(tmp_path / "rules")
    judge = judge_for(request(rules))
    for file in rules.iterdir():
        file.unlink()
    with pytest.raises(RulesError, match="holds no rule file"):
        list(judge_all(units([str(logs)], limits=TINY), request(rules), judge, 2))


def test_a_fault_of_a_worker_is_raised_where_somebody_sees_it() -> None:
    class Faulty:
        catalogue = catalogue_of([])

        def judge(self, _chunk: object) -> None:
            message = "deep inside"
            raise ZeroDivisionError(message)

    (answer,) = workers._answers(Unit(0, (Chunk(origin="a.log"),)), Faulty())  # type: ignore[arg-type]  # a judge that fails
    assert isinstance(answer, RuntimeError)
    first, *rest = str(answer).splitlines()
    assert first == "in a worker, a.log: ZeroDivisionError('deep inside')"
    assert rest[0] == "Traceback (most recent call last):"


def test_a_problem_that_is_no_fault_is_raised_as_what_it_is() -> None:
    error = RulesError("no rules")

    class Complaining:
        catalogue = catalogue_of([])

        def judge(self, _chunk: object) -> None:
            raise error

    assert list(workers._answers(Unit(0, ()), error)) == [error]
    assert list(workers._answers(Unit(0, (Chunk(origin="a.log"),)), Complaining())) == [error]  # type: ignore[arg-type]  # a judge that fails


def test_a_lost_unit_names_itself() -> None:
    unit = Unit(3, ())
    assert (Lost(unit, 2).unit, Lost(unit, 2).after) == (unit, 2)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_in_which_files_are_named_changes_nothing(logs: Path, rules: Path, seed: int) -> None:
    from bartizan import hunt

    files = sorted(logs.iterdir())
    shuffled = random.Random(seed).sample(files, len(files))
    with hunt(*files, rules=[rules]) as one, hunt(*shuffled, rules=[rules]) as other:
        assert b"".join(one.spool.blocks()) == b"".join(other.spool.blocks())
        assert one.outcome == other.outcome
