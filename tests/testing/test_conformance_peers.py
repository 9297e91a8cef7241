"""The adapter of an SQL backend treats its engine fairly."""

from __future__ import annotations

import json
import sys

import pytest

from bartizan.testing.conformance import Driver, read_cases
from bartizan.testing.conformance.protocol import request

pytest.importorskip("sigma.backends.sqlite", reason="needs the peer")

SHOWN = {
    "escapes/two-backslashes-before-a-star-are-one-backslash-and-a-wildcard": "passed",
    "values/not-null": "passed",
    "modifiers/a-placeholder-stands-for-each-value-of-its-list": "passed",
    "keywords/a-keyword-in-a-line-of-text": "passed",
    "filters/a-filter-of-two-rules": "passed",
    "conditions/an-unknown-modifier": "passed",
    "correlations/two-bursts-far-apart-are-two-findings": "passed",
    "correlations/with-generate-the-rules-find-what-they-match": "passed",
    "values/field-names-are-case-sensitive": "unsupported",
    "values/booleans-in-a-list": "failed",
}


def test_the_adapter_of_sqlite_passes_on_what_the_backend_says() -> None:
    cases = [case for case in read_cases() if case.id in SHOWN]
    with Driver([sys.executable, "-m", "bartizan.testing.conformance.peers.pysigma_sqlite"]) as driver:
        assert {outcome.case.id: outcome.verdict for outcome in driver.run(cases)} == SHOWN


def test_a_field_that_no_event_has_is_a_null_column() -> None:
    from bartizan.testing.conformance.peers.pysigma_sqlite import judge

    rules = "title: t\nlogsource: {category: c}\ndetection: {p: {a: x}, q: {gone: y}, condition: p and not q}\n"
    case = read_cases()[0]
    asked = {**json.loads(request(case)), "rules": rules, "events": [{"a": "x"}, {"a": "z"}], "placeholders": {}}
    assert judge(asked) == {"matches": [0]}
