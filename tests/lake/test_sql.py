"""What users ask in SQL cannot touch evidence, see other files, or take the machine."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from tests.lake.delta.kept import kept, records

from bartizan.errors import UsageError
from bartizan.lake.contract import Answer, Snapshot
from bartizan.lake.sql.child import Question, Reply, encoded, reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bartizan.lake.delta.lake import DeltaLake


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[DeltaLake]:
    with kept(tmp_path) as lake:
        lake.append([records(*({"process.pid": pid, "process.name": f"p{pid}"} for pid in range(20)))], source="edr", batch_id="a")
        yield lake


def digests(root: Path) -> dict[str, str]:
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in sorted(root.rglob("*")) if path.is_file()}


def test_a_question_is_answered_with_names_and_rows(lake: DeltaLake) -> None:
    asked = "SELECT process.pid AS pid, process.name FROM process_activity WHERE process.pid < $below ORDER BY pid"
    assert lake.sql(asked, {"below": 2}) == Answer(columns=("pid", "name"), rows=[(0, "p0"), (1, "p1")])
    assert lake.sql("SELECT ? + 1 AS one", [0]) == Answer(columns=("one",), rows=[(1,)])


def test_no_more_rows_come_than_were_asked_for(lake: DeltaLake) -> None:
    told = lake.sql("SELECT process.pid FROM process_activity", max_rows=7)
    assert (len(told.rows), told.more) == (7, True)
    assert lake.sql("SELECT process.pid FROM process_activity", max_rows=20).more is False


REFUSED = {
    "COPY process_activity TO '{file}'": "this is COPY",
    "COPY (SELECT 1) TO '/tmp/out.csv'": "this is COPY",
    "SELECT 1; COPY (SELECT 1) TO '{file}'": "this is SELECT and COPY",
    "SELECT 1; SELECT 2": "this is SELECT and SELECT",
    "EXPLAIN ANALYZE SELECT 1": "this is EXPLAIN",
    "ATTACH '/tmp/other.db'": "this is ATTACH",
    "CREATE TABLE x AS SELECT 1": "this is CREATE",
    "CREATE MACRO m() AS 1": "this is CREATE",
    "DROP VIEW process_activity": "this is DROP",
    "INSERT INTO process_activity VALUES (1)": "this is INSERT",
    "PRAGMA database_list": "this is PRAGMA",
    "SET lock_configuration = false": "this is SET",
    "SET enable_external_access = true": "this is SET",
    "INSTALL httpfs": "this is LOAD",
    "LOAD httpfs": "this is LOAD",
    "CALL pragma_version()": "this is CALL",
    "EXPORT DATABASE '/tmp/out'": "this is EXPORT",
    "": "this is nothing",
    "  -- only a comment": "this is nothing",
}


def test_whatever_is_not_one_select_is_refused_by_what_it_is(lake: DeltaLake) -> None:
    [file] = lake.snapshot().paths
    before = digests(lake.stores.root)
    told = {}
    for query in REFUSED:
        with pytest.raises(UsageError) as caught:
            lake.sql(query.format(file=file))
        told[query] = str(caught.value).partition(" can be asked, ")[2].partition(":")[0]
    assert told == REFUSED
    assert digests(lake.stores.root) == before


ATTACKS = (
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('{root}/lake.json')",
    "SELECT * FROM read_parquet('{root}/_lake/ledger/*.parquet')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM parquet_metadata('{root}/_lake/ledger/x.parquet')",
    "SELECT * FROM read_parquet('https://example.com/x.parquet')",
    "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
    "SELECT getenv('HOME')",
    "SELECT * FROM query('COPY (SELECT 1) TO ''/tmp/out.csv''')",
    "SELECT * FROM query_table('/etc/passwd')",
    "SELECT * FROM sqlite_scan('/tmp/x.db', 't')",
    "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT content FROM x",
    "SELECT (SELECT content FROM read_text('/etc/shadow'))",
    "SELECT * FROM process_activity, lateral (SELECT * FROM read_text('/etc/passwd'))",
    "SELECT * FROM sys_path",
    "SELECT write_file('/tmp/x', 'y')",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_file_outside_the_snapshot_is_seen(lake: DeltaLake, attack: str) -> None:
    with pytest.raises(UsageError, match="SQL: "):
        lake.sql(attack.format(root=lake.stores.root))
    assert lake.sql("SELECT count(*) FROM process_activity").rows == [(20,)]


def test_files_of_the_lake_that_are_not_in_the_snapshot_are_not_seen(lake: DeltaLake) -> None:
    lake.append([records({})], source="edr", batch_id="b")
    one, two = lake.snapshot().tables[0].files
    over = Snapshot(root="", tables=(type(lake.snapshot().tables[0])(table="t", version=0, schema={}, files=(one,)),))
    assert lake.sql(f"SELECT count(*) FROM read_parquet('{one.path}')", over=over).rows == [(one.rows,)]
    with pytest.raises(UsageError, match="Permission Error"):
        lake.sql(f"SELECT count(*) FROM read_parquet('{two.path}')", over=over)


def test_a_query_that_takes_too_long_is_ended_and_the_next_one_answered(lake: DeltaLake) -> None:
    endless = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE hash(a.range + b.range) = 1"
    with pytest.raises(UsageError) as caught:
        lake.sql(endless, timeout=0.5)
    assert str(caught.value) == "SQL: the query took longer than 0.5 s and was ended: ask for less, or allow it more time"
    assert lake.sql("SELECT 1").rows == [(1,)]


@pytest.mark.slow
def test_a_query_that_takes_too_much_memory_is_refused_and_the_next_one_answered(lake: DeltaLake) -> None:
    with pytest.raises(UsageError, match="SQL: "):
        lake.sql("SELECT array_agg(range::VARCHAR || repeat('x', 100)) FROM range(200000000)", timeout=120)
    assert lake.sql("SELECT 1").rows == [(1,)]


def test_an_answer_that_is_too_large_is_refused(lake: DeltaLake) -> None:
    with pytest.raises(UsageError, match="the answer is larger than 64 MiB: ask for fewer rows or columns"):
        lake.sql("SELECT repeat('x', 100000) FROM range(1000)")


def test_values_that_have_no_short_form_come_as_text(lake: DeltaLake) -> None:
    most = (1 << 127) - 1
    rows = lake.sql(f"SELECT TIMESTAMP '2026-01-02 03:04:05' AS a, {most}::HUGEINT AS b, [1, 2] AS c, 'nan'::DOUBLE AS d").rows
    assert [str(cell) for cell in rows[0]] == ["2026-01-02T03:04:05", str(most), "[1, 2]", "nan"]


def test_a_time_with_a_zone_is_to_be_cast(lake: DeltaLake) -> None:
    zoned = "TIMESTAMPTZ '2026-01-02 03:04:05+00'"
    with pytest.raises(UsageError) as caught:
        lake.sql(f"SELECT {zoned} AS a")
    assert str(caught.value) == "SQL: a time with a zone cannot be given as it is: cast it, as in CAST(x AS TIMESTAMP)"
    assert lake.sql(f"SELECT CAST({zoned} AS TIMESTAMP) AS a").rows == [("2026-01-02T03:04:05",)]


def test_replies_are_made_of_what_the_engine_says() -> None:
    nothing = Snapshot(root="", tables=())
    assert reply(Question("SELECT 1 AS a", nothing, [], 5), 1 << 28) == Reply(("a",), [(1,)])
    assert "syntax error" in reply(Question("SELECT FROM WHERE", nothing, [], 5), 1 << 28).refused
    assert "SQL: one SELECT can be asked" in reply(Question("SET threads = 1", nothing, [], 5), 1 << 28).refused
    assert "larger than 64 MiB" in str(encoded(Reply(("a",), [("x" * (65 << 20),)])))


CAGED = """
import sys
from bartizan.lake.sql.cage import enter
landlock = enter(1 << 32)
for name in ("there", "new"):
    try:
        with open(f"{sys.argv[1]}/{name}", "w") as file:
            file.write("x")
            file.flush()
        print(name, "was written")
    except OSError as error:
        print(name, error.strerror)
print(open(f"{sys.argv[1]}/there").read() if landlock else "kept")
"""


def test_the_process_that_answers_cannot_write_a_file(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("kept")
    run = subprocess.run([sys.executable, "-c", CAGED, str(tmp_path)], capture_output=True, text=True, check=True)
    one, two, kept_text = run.stdout.splitlines()
    assert one in {"there Permission denied", "there File too large"}
    assert two in {"new Permission denied", "new File too large"}
    assert kept_text == "kept"
