"""Correlations of several packs: found by id or name, in order, silent rules, and kept in the cache."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.rules import load
from bartizan.rules.compile import compiled
from bartizan.rules.compile.correlations import TYPES
from bartizan.rules.plan import Every, Limit, Never, Seen, Some
from bartizan.rules.ruleset import assembled

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.rules.ruleset import LoadedRules

BASE = """title: {0}
name: {0}
id: {1}1111111-1111-4111-8111-111111111111
logsource: {{product: p}}
detection: {{s: {{a: b}}, condition: s}}
"""
A, B = BASE.format("a", "a"), BASE.format("b", "b")
OUTER = """
title: outer
correlation:
  type: temporal
  rules: [inner, B1111111-1111-4111-8111-111111111111]
  group-by: [user]
  aliases:
    user: {inner: who, B1111111-1111-4111-8111-111111111111: account}
  timespan: 1h
"""
INNER = """
title: inner
name: inner
id: c1111111-1111-4111-8111-111111111111
correlation:
  type: value_sum
  rules: a
  group-by: [who, where]
  timespan: 2w
  condition: {gt: 1.5, lte: 100, field: size}
  generate: true
"""


def loaded(tmp_path: Path, *texts: str) -> LoadedRules:
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.yml").write_text(text)
    return load([tmp_path], cache=tmp_path / "cache")


def test_rules_are_found_by_name_and_id_over_files_and_come_before_what_names_them(tmp_path: Path) -> None:
    rules = loaded(tmp_path, OUTER, A, INNER, B)
    assert rules.refused == []
    assert [(rule.title, rule.correlation) for rule in rules.rules] == [("a", ""), ("b", ""), ("outer", "temporal"), ("inner", "value_sum")]
    inner, outer = rules.correlations
    assert (inner.number, inner.rules, inner.keys, inner.values) == (3, (0,), (("who", "where"),), (("size",),))
    assert (outer.number, outer.rules, outer.keys, outer.values) == (2, (3, 1), (("who",), ("account",)), ((), ()))
    assert (inner.plan.timespan, inner.plan.limits) == (1_209_600_000_000_000, (Limit("gt", 1.5), Limit("lte", 100)))
    assert outer.plan.presence == Every((Seen(0), Seen(1)))
    assert rules.silent == {1, 3}


def test_a_warm_cache_gives_the_same_correlations(tmp_path: Path) -> None:
    cold = loaded(tmp_path, OUTER, A, INNER, B)
    warm = load([tmp_path], cache=tmp_path / "cache", progress=lambda *_: (_ for _ in ()).throw(AssertionError))
    assert (warm.rules, warm.correlations, warm.silent) == (cold.rules, cold.correlations, cold.silent)


def test_a_boolean_condition_binds_not_before_and_before_or_and_may_list_the_rules_itself(tmp_path: Path) -> None:
    text = "title: x\ncorrelation:\n  type: temporal\n  timespan: 1m\n  condition: a and not b or (NOT a AND b)\n"
    (one,) = loaded(tmp_path, A, B, text).correlations
    assert one.rules == (0, 1)
    assert one.plan.presence == Some((Every((Seen(0), Never(Seen(1)))), Every((Never(Seen(0)), Seen(1)))))


def test_an_order_may_be_written_with_and_or_with_how_many(tmp_path: Path) -> None:
    text = "title: {}\ncorrelation: {{type: temporal_ordered, rules: [b, a], timespan: 1m, condition: {}}}\n"
    conditions = ("a and b", "{gte: 2}", "{eq: 2}", "{gt: 1}")
    rules = loaded(tmp_path, A, B, *(text.format(f"x{number}", condition) for number, condition in enumerate(conditions)))
    assert rules.refused == []
    assert {one.rules for one in rules.correlations} == {(1, 0)}


def test_the_same_correlation_twice_is_refused_and_another_of_its_id_remarked(tmp_path: Path) -> None:
    other = INNER.replace("2w", "3w").replace("name: inner\n", "")
    third = INNER.replace("c1111111", "a1111111").replace("name: inner\n", "")
    rules = loaded(tmp_path, A, INNER, INNER, other, third)
    assert [(one.path.rpartition("/")[2], one.line, one.why) for one in rules.refused] == [("2.yml", 2, f"same rule as {tmp_path}/1.yml:2")]
    assert rules.remarks == [
        (
            f"{tmp_path}/3.yml:2: id c1111111-1111-4111-8111-111111111111 is also that of {tmp_path}/1.yml:2, "
            "which says something else: both are run"
        ),
        (
            f"{tmp_path}/4.yml:2: id a1111111-1111-4111-8111-111111111111 is also that of {tmp_path}/0.yml:1, "
            "which says something else: both are run"
        ),
    ]


def test_a_filter_holds_back_what_feeds_a_correlation_and_is_not_about_the_correlation(tmp_path: Path) -> None:
    text = "title: f\nlogsource: {product: p}\nfilter: {rules: any, s: {u: v}, condition: not s}\n"
    rules = loaded(tmp_path, A, INNER, text)
    assert list(rules.filtered) == [0]


SCALARS = st.sampled_from(
    [None, 5, -1, 0.5, True, "", "a", "b", "c", "a and b", "not (a", "5m", "0s", "\uff19m", "event_count", "temporal", 1e400]
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3), max_leaves=6)
KEYS = ("type", "rules", "group-by", "timespan", "aliases", "condition", "generate", "field")
BODIES = st.builds(
    lambda kind, strange: {"type": kind, "rules": ["a", "b"], "timespan": "5m", "condition": {"gte": 1, "field": "f"}, **strange},
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3),
)


@settings(max_examples=300, deadline=None)
@given(BODIES | VALUES, BODIES)
def test_whatever_stands_in_a_document_it_is_a_rule_or_refused_with_a_reason(first: object, second: object) -> None:
    documents = [{"title": "c", "name": "c", "correlation": first}, {"title": "d", "name": "d", "correlation": second}]
    text = "---\n".join([A, B, *(yaml.safe_dump(one) for one in documents)])
    rules = assembled([("x", compiled(text.encode(), {}))], {}, {"x": b""}, date(2026, 11, 26))
    assert len(rules.rules) + len(rules.refused) == 4
    assert all(one.why for one in rules.refused)
