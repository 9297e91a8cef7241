"""What records must have is asked of columns so that too much is let through rather than too little."""

from __future__ import annotations

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from bartizan.lake.needs import ALWAYS, NEVER, All, Has, Need, OneOf, Said, Some, each, meets, some, where

COLUMNS = ("process.cmd_line", "process.name", "user")
TEXTS = ["", "-", "a", "ab", "aB", "bA", "ABBA", "a'b", 'a"b', "ä", "\u212aa", "a\u017f", "x\\y", "%", "_"]
LEAVES = st.one_of(
    st.builds(
        Has, st.sampled_from(COLUMNS), st.sampled_from(["is", "in", "start", "end"]), st.sampled_from(["a", "ab", "a'b", "x\\", "%", "_"])
    ),
    st.builds(OneOf, st.sampled_from(COLUMNS), st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3).map(tuple), st.booleans()),
)
NEEDS: st.SearchStrategy[Need] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, max_size=3).map(tuple)), st.builds(Some, st.lists(inner, max_size=3).map(tuple))
    ),
)
SAID = st.builds(
    Said,
    st.frozensets(st.sampled_from(COLUMNS)),
    st.one_of(st.none(), st.frozensets(st.sampled_from(COLUMNS))),
)


@given(need=NEEDS, said=SAID, rows=st.lists(st.tuples(*[st.one_of(st.none(), st.sampled_from(TEXTS))] * 3), max_size=6))
def test_the_condition_in_sql_is_what_a_look_at_each_record_says(need: Need, said: Said, rows: list[tuple[str | None, ...]]) -> None:
    with duckdb.connect() as engine:
        engine.execute('CREATE TABLE t (number INTEGER, process STRUCT(cmd_line VARCHAR, "name" VARCHAR), "user" VARCHAR)')
        for number, (line, name, user) in enumerate(rows):
            engine.execute("INSERT INTO t VALUES (?, {'cmd_line': ?, 'name': ?}, ?)", [number, line, name, user])
        found = [row[0] for row in engine.execute(f"SELECT number FROM t WHERE {where(need, said)} ORDER BY 1").fetchall()]
    records = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    assert found == [number for number, record in enumerate(records) if meets(need, record, said)]


def test_needs_are_joined_to_what_they_come_to() -> None:
    one, two = Has("user", "is", "a"), Has("user", "is", "b")
    assert [each([]), each([one]), each([one, ALWAYS, one]), each([one, NEVER]), each([one, two])] == [
        ALWAYS,
        one,
        one,
        NEVER,
        All((one, two)),
    ]
    assert [some([]), some([one]), some([one, NEVER, one]), some([one, ALWAYS]), some([one, two])] == [
        NEVER,
        one,
        one,
        ALWAYS,
        Some((one, two)),
    ]
