"""What a lake holds is judged as it was when it came, by whichever engine."""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.clusters import SAIL
from tests.detect.stored.conftest import FILTER
from tests.detect.stored.lakes import hunted_stored, ids, lake_of, snapshot_of
from tests.field import field_data
from tests.hunting import NOW, Told, accepted, counts, failed, hunted, pack, process, write

from bartizan import workbench
from bartizan.detect.hunt.request import Request
from bartizan.detect.hunt.run import Means
from bartizan.detect.hunt.setup import judge_for, rules_for
from bartizan.detect.hunt.spool import Spool
from bartizan.detect.stored import judging
from bartizan.detect.stored.chunks import rows_of
from bartizan.detect.stored.contract import COLUMNS, TOLD
from bartizan.detect.stored.gathering import Gathering
from bartizan.detect.stored.judging import StoredJudge
from bartizan.detect.stored.run import job_for, run_stored
from bartizan.errors import UsageError
from bartizan.lake.engines.kinds.local import LocalEngine
from bartizan.lake.mapping import Work, batches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bartizan.lake.engines.contract import Job

TAR = (
    'type=EXECVE msg=audit(1795400000.250:811): argc=3 a0="tar" a1="-cf" a2=2F746D702F6D792064617461\n',
    (
        "type=SYSCALL msg=audit(1795400000.250:811): arch=c000003e syscall=59 success=yes exit=0 ppid=2210 pid=2218 auid=1000 uid=1000"
        ' tty=pts0 ses=3 comm="tar" exe="/usr/bin/tar" key="run"\n'
    ),
    'type=CWD msg=audit(1795400000.250:811): cwd="/home/operator"\n',
    'type=PATH msg=audit(1795400000.250:811): item=0 name="my.tar" inode=131 nametype=CREATE\n',
)


def logs_of(folder: Path) -> list[Path]:
    """Logs of several kinds: logins, processes, the lines of audit events, and what nobody reads."""
    attack = [*(failed(number * 5) for number in range(7)), accepted(90), *(failed(3600 + number) for number in range(2))]
    return [
        write(folder / "auth.log", attack),
        write(folder / "sysmon.json", [process(number, User=f"CORP\\u{number}") for number in range(5)]),
        write(folder / "audit.log", TAR),
        write(folder / "odd.txt", ["nothing that anybody knows\n", "and another\n"]),
    ]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return logs_of(tmp_path_factory.mktemp("logs"))


@pytest.fixture(scope="module")
def lake(logs: list[Path], rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_of(tmp_path_factory.mktemp("lake"), rules, logs)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_hunt_through_a_lake_finds_what_the_hunt_through_the_logs_finds(
    logs: list[Path], lake: Path, rules: Path, workers: int
) -> None:
    first, second = hunted(logs, rules), hunted_stored(lake, rules, workers=workers)
    rules_that_fired = {one["finding_info"]["analytic"]["uid"][:4] for one in second.findings}
    assert rules_that_fired == {"1111", "2222", "3333", "a111", "aaaa", "b222", "b333", "b555"}
    assert ids(second) == ids(first)
    assert [(group.rule.id, group.count, group.first, group.last, group.entities) for group in second.outcome.groups] == [
        (group.rule.id, group.count, group.first, group.last, group.entities) for group in first.outcome.groups
    ]
    assert {one.rule.id: (one.verdict, one.findings) for one in second.outcome.verdicts} == {
        one.rule.id: (one.verdict, one.findings) for one in first.outcome.verdicts
    }
    assert (second.outcome.first, second.outcome.last) == (first.outcome.first, first.outcome.last)
    assert second.outcome.by_source == first.outcome.by_source


def test_a_finding_says_from_which_log_its_record_came_and_no_number(lake: Path, rules: Path) -> None:
    origins = {one["evidences"][0]["data"]["origin"]["path"].rpartition("/")[2] for one in hunted_stored(lake, rules).findings}
    assert origins == {"auth.log", "sysmon.json", "audit.log"}
    assert {one["evidences"][0]["data"]["origin"]["record"] for one in hunted_stored(lake, rules).findings} == {0}


def test_the_balance_is_that_of_the_tables_and_closes(lake: Path, rules: Path) -> None:
    told = hunted_stored(lake, rules)
    assert sum(one.read for one in told.outcome.balance) == _records(lake)
    assert (told.counts["process_activity"], told.counts["auditd"]) == ((5, 5, 0, 0), (4, 4, 0, 0))
    assert told.counts["unparsed"][2] > 0
    assert all(read == stored + unparsed + duplicate for read, stored, unparsed, duplicate in map(counts, told.outcome.balance))


def test_records_that_stand_in_a_lake_twice_are_found_once(logs: list[Path], rules: Path, tmp_path: Path) -> None:
    copied = write(tmp_path / "copy" / "again.log", [*(failed(number * 5) for number in range(7)), accepted(90)])
    lake = lake_of(tmp_path, rules, logs, [copied])
    assert ids(hunted_stored(lake, rules)) == ids(hunted(logs, rules))


def test_only_the_time_that_was_asked_for_is_judged(logs: list[Path], lake: Path, rules: Path) -> None:
    since = hunted(logs, rules).findings[0]["time"] * 1_000_000 + 1
    first, second = hunted(logs, rules, since=since), hunted_stored(lake, rules, since=since)
    assert ids(second) == ids(first) != []


def test_what_exceptions_hold_back_is_counted_once(rules: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "sysmon.json", [process(number) for number in range(4)])
    lake = lake_of(tmp_path, rules, [log], [write(tmp_path / "copy" / "again.json", [process(number) for number in range(4)])])
    held = pack(tmp_path / "held", {"filter.yml": FILTER, "whoami.yml": (rules / "whoami.yml").read_text(encoding="utf-8")})
    first, second = hunted([log], held), hunted_stored(lake, held)
    assert [(one.by.title, one.findings) for one in second.outcome.held] == [("The analyst may ask", 4)]
    assert second.outcome.held == first.outcome.held
    assert ids(second) == ids(first) == []


def test_clocks_without_a_year_keep_the_time_that_the_lake_has(rules: Path, tmp_path: Path) -> None:
    log = write(tmp_path / "auth.log", ["Feb 27 10:00:00 web-01 sshd[1]: Accepted password for root from 203.0.113.50 port 1 ssh2\n"])
    lake = lake_of(tmp_path, rules, [log])
    assert [one["time"] for one in hunted_stored(lake, rules).findings] == [one["time"] for one in hunted([log], rules).findings]


FTP = """
title: A protocol without secrets
id: dddddddd-dddd-4ddd-8ddd-dddddddddddd
level: low
logsource: {product: zeek, service: conn}
detection: {seen: {id.resp_p: 21}, condition: seen}
"""
ZEEK = (
    "#separator \\x09\n",
    "#path\tconn\n",
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\n",
    "1795400000.000001\tC1\t192.0.2.10\t40000\t203.0.113.9\t21\ttcp\n",
    "1795400001.000002\tC2\t192.0.2.10\t40001\t203.0.113.9\t443\ttcp\n",
    "#separator \\x09\n",
    "#path\tconn\n",
    "#fields\tts\tuid\tid.resp_p\tid.resp_h\tid.orig_p\tid.orig_h\tproto\n",
    "1795400002.000003\tC3\t21\t203.0.113.9\t40002\t192.0.2.11\ttcp\n",
)


def test_a_record_that_needs_the_head_of_its_log_has_it_beside_it(tmp_path: Path) -> None:
    log, rules = write(tmp_path / "conn.log", ZEEK), pack(tmp_path / "zeek", {"ftp.yml": FTP})
    told = hunted_stored(lake_of(tmp_path, rules, [log]), rules)
    assert ids(told) == ids(hunted([log], rules))
    assert [one["evidences"][0]["src_endpoint"]["ip"] for one in told.findings] == ["192.0.2.10", "192.0.2.11"]
    assert told.counts["network_activity"] == (3, 3, 0, 0)


def test_a_lake_without_records_gives_nothing(rules: Path, tmp_path: Path) -> None:
    told = hunted_stored(lake_of(tmp_path, rules), rules)
    assert (told.outcome.findings, told.outcome.events, told.outcome.balance) == (0, 0, [])


def test_work_of_another_version_is_refused(lake: Path, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = Request(rules=(rules,), now=NOW)
    monkeypatch.setattr(judging, "__version__", "0.0.1")
    packed = StoredJudge.of(rules_for(request), request)
    monkeypatch.undo()
    judging.judge_for_stored.cache_clear()
    with pytest.raises(UsageError, match=r"was sent work by version 0\.0\.1: install the same on both"):
        list(LocalEngine(1).run(job_for(snapshot_of(lake), packed)))


@pytest.mark.slow
@given(seed=st.integers(0, 2**32), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5))
@settings(max_examples=15)
def test_how_records_are_put_into_batches_and_in_which_order_changes_nothing(lake: Path, rules: Path, seed: int, sizes: list[int]) -> None:
    """The naive way is one batch a file, in order: what the engine of this machine does with one process."""
    request = Request(rules=(rules,), now=NOW)
    loaded = rules_for(request)
    over, chance = snapshot_of(lake), random.Random(seed)

    class Cut:
        def run(self, job: Job) -> Iterator[pa.RecordBatch]:
            pieces = []
            for table in job.tables:
                for batch in batches(Work(table, job.columns)):
                    at = 0
                    while at < batch.num_rows:
                        size = chance.choice(sizes)
                        pieces.append(batch.slice(at, size))
                        at += size
            chance.shuffle(pieces)
            yield from map(job.function, pieces)

        def close(self) -> None:
            pass

    with closing(Spool()) as spool:
        outcome = run_stored(over, Cut(), request, Means(judge=judge_for(request, loaded), rules=loaded, spool=spool))
        told = Told(replace(outcome, groups=()), b"".join(spool.blocks()))
    plain = hunted_stored(lake, rules)
    assert told.text == plain.text
    assert told.counts == plain.counts
    assert told.verdicts == plain.verdicts


def test_a_batch_without_rows_tells_nothing(rules: Path) -> None:
    request = Request(rules=(rules,), now=NOW)
    empty = pa.RecordBatch.from_pydict({name: pa.array([], pa.int64() if name in COLUMNS[:2] else pa.string()) for name in COLUMNS})
    made = StoredJudge.of(rules_for(request), request)(empty)
    assert msgspec.msgpack.decode(made.column(TOLD)[0].as_py())[0] == {}
    assert list(rows_of(empty)) == []


def test_ctrl_c_ends_it_early_with_what_was_found(lake: Path, rules: Path) -> None:
    request = Request(rules=(rules,), now=NOW)
    loaded = rules_for(request)

    class Interrupted:
        def run(self, job: Job) -> Iterator[pa.RecordBatch]:
            yield from LocalEngine(1).run(replace(job, tables=[one for one in job.tables if one.table == "process_activity"]))
            raise KeyboardInterrupt

        def close(self) -> None:
            pass

    with closing(Spool()) as spool:
        means = Means(judge=judge_for(request, loaded), rules=loaded, spool=spool)
        outcome = run_stored(snapshot_of(lake), Interrupted(), request, means)
    assert outcome.partial == "interrupted after 5 records: what comes later was not read"
    assert outcome.findings == 5


def test_what_a_gathering_keeps_on_disk_goes_with_it(rules: Path) -> None:
    request = Request(rules=(rules,), now=NOW)
    loaded = rules_for(request)
    with closing(Spool()) as spool:
        gathering = Gathering(request, Means(judge=judge_for(request, loaded), rules=loaded, spool=spool))
        assert (gathering.records, gathering.findings) == (0, 0)
        gathering.close()


@pytest.mark.slow
@pytest.mark.enable_socket
@pytest.mark.skipif(bool(SAIL), reason=SAIL)
def test_sail_gives_the_same_findings_byte_for_byte(lake: Path, rules: Path) -> None:
    assert hunted_stored(lake, rules, engine="sail").text == hunted_stored(lake, rules).text


@pytest.mark.slow
@pytest.mark.parametrize("name", ["evtx-to-mitre", "invictus-aws", "sigma-regression", "otrf/atomic/linux"])
def test_field_data_in_a_lake_give_what_they_gave_as_logs(name: str, tmp_path: Path) -> None:
    logs = field_data(name)
    content = workbench.content_folder() / "detections"
    with workbench.hunt(logs, rules=["starter"], asked=workbench.Asked(exceptions=(), now=NOW)) as found:
        first = sorted(msgspec.json.decode(line)["metadata"]["uid"] for line in found.spool.lines())
    assert ids(hunted_stored(lake_of(tmp_path, content, [logs]), content)) == first


def _records(root: Path) -> int:
    """Return how many records a lake has, without the findings that a hunt made of them."""
    return sum(file.rows for table in snapshot_of(root).tables if table.table != "detection_finding" for file in table.files)
