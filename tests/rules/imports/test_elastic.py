"""Queries of Elastic mean here what they mean there, or are refused with what stands in the way."""

from __future__ import annotations

import json
import re
import sys
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.imports.judging import fires, fires_by

from bartizan.errors import MissingExtra
from bartizan.rules.imports import REFUSED, import_rules
from bartizan.rules.imports.elastic.kql import NotTranslated, read_kql
from bartizan.rules.imports.elastic.lucene import read_lucene
from bartizan.rules.imports.elastic.texts import cut, named, parts_of, pattern_of
from bartizan.rules.imports.elastic.translating import translated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NO_LOG = "a query that does not say which log it is about (event.dataset, or host.os.type with event.category)"
Query: TypeAlias = tuple[Any, ...]
"""``is`` with a field, the pieces of its value and whether it is quoted; ``not`` with a query; ``and`` or ``or`` with several."""
WINDOWS = "host.os.type:windows and event.category:process and event.type:start"
TEXT = st.text('aB\\*?" ():-1', max_size=4)
QUERY = st.recursive(
    st.tuples(
        st.just("is"), st.sampled_from("xy"), st.lists(TEXT.filter(bool) | st.just("*"), min_size=1, max_size=3).map(tuple), st.booleans()
    ),
    lambda inner: st.tuples(st.just("not"), inner) | st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)),
    max_leaves=6,
)
RECORD = st.dictionaries(st.sampled_from("xy"), st.text('aB\\*?" ():-1', max_size=6) | st.none(), max_size=2)


def written(query: Query, *, lucene: bool) -> str:
    """Write a query in one of the two languages: a leaf is a text in quotes, or its pieces with wildcards where they are ``*``."""
    if query[0] == "is":
        _, field, pieces, quoted = query
        if quoted and "*" not in pieces:
            text = "".join(pieces).replace("\\", "\\\\").replace('"', '\\"')
            return f'{field}:"{text}"'
        return f"{field}:" + "".join(piece if piece == "*" else "".join(f"\\{sign}" for sign in piece) for piece in pieces)
    if query[0] == "not":
        return f"(NOT {written(query[1], lucene=lucene)})"
    word = query[0].upper() if lucene else query[0]
    return "(" + f" {word} ".join(written(part, lucene=lucene) for part in query[1]) + ")"


def holds(query: Query, record: Mapping[str, Any]) -> bool:
    """Judge a record as Elasticsearch does: letter for letter, a wildcard for any run of characters."""
    if query[0] == "not":
        return not holds(query[1], record)
    if query[0] != "is":
        return (all if query[0] == "and" else any)(holds(part, record) for part in query[1])
    value = record.get(query[1])
    pattern = "".join("*" if piece == "*" else re.sub(r"[*?\[]", r"[\g<0>]", piece) for piece in query[2])
    return value is not None and fnmatchcase(value, pattern)


@given(query=QUERY, record=RECORD)
@settings(derandomize=True, deadline=None, max_examples=200)
def test_a_query_of_kql_holds_of_what_it_holds_of_in_elastic(query: Query, record: dict[str, Any]) -> None:
    assert fires(read_kql(written(query, lucene=False)), record) is holds(query, record)


@given(query=QUERY, record=RECORD)
@settings(derandomize=True, deadline=None, max_examples=200)
def test_a_query_of_lucene_holds_of_what_it_holds_of_in_elastic(query: Query, record: dict[str, Any]) -> None:
    pytest.importorskip("luqum", reason="the extra 'elastic' is not installed")
    assert fires(read_lucene(written(query, lucene=True)), record) is holds(query, record)


@given(text=st.text("aB*?\\.", max_size=6), path=st.text("aB.\\", max_size=8))
@settings(derandomize=True, deadline=None, max_examples=200)
def test_a_name_is_the_last_part_of_a_path(text: str, path: str) -> None:
    parts = parts_of(text.replace("\\", ""), "*?")
    expected = "\\" in path and fnmatchcase(path.rpartition("\\")[2], text.replace("\\", ""))
    if len(parts) > 1:
        expected = fnmatchcase(path.rpartition("\\")[2], text.replace("\\", ""))
    assert fires(named("x", parts, "\\"), {"x": path}) is expected


@given(text=st.text("a*?\\", max_size=8))
@settings(derandomize=True)
def test_a_pattern_is_cut_where_it_was_joined(text: str) -> None:
    assert cut(pattern_of(parts_of(text, "*?"))) == parts_of(text, "*?")


@pytest.mark.parametrize(
    ("query", "fired", "silent"),
    [
        (
            f'{WINDOWS} and process.name:(cmd.exe or "power shell.exe") and not process.parent.name:ex*.exe',
            {"Image": "C:\\Windows\\cmd.exe", "ParentImage": "C:\\a.exe"},
            {"Image": "C:\\Windows\\cmd.exe", "ParentImage": "C:\\explorer.exe"},
        ),
        (f"{WINDOWS} and process.args:-enc", {"CommandLine": "a -enc b"}, {"CommandLine": "a -ENC b"}),
        (
            f"{WINDOWS} and user.name:SYSTEM and process.pid > 4",
            {"User": "NT AUTHORITY\\SYSTEM", "ProcessId": "5"},
            {"User": "SYSTEM", "ProcessId": "4"},
        ),
        (
            "host.os.type:linux and event.category:file and event.type:creation and file.extension:so",
            {"TargetFilename": "/tmp/a.so"},
            {"TargetFilename": "/tmp/so"},
        ),
        (
            "event.dataset:aws.cloudtrail and event.provider:iam.amazonaws.com and event.outcome:success and event.action:x",
            {"eventSource": "iam.amazonaws.com", "eventName": "x"},
            {"eventSource": "iam.amazonaws.com", "eventName": "x", "errorCode": "AccessDenied"},
        ),
        (
            "data_stream.dataset:aws.cloudtrail and event.outcome:failure and aws.cloudtrail.flattened.request_parameters.roleName:*",
            {"errorCode": "AccessDenied", "requestParameters.roleName": "a"},
            {"requestParameters.roleName": "a"},
        ),
        (
            "event.dataset:okta.system and okta.actor.alternate_id:a@example.com",
            {"actor.alternateId": "a@example.com"},
            {"actor.alternateId": "b@example.com"},
        ),
    ],
)
def test_a_question_is_asked_of_the_fields_of_the_log(query: str, fired: dict[str, Any], silent: dict[str, Any]) -> None:
    found = translated(read_kql(query))
    assert (fires(found.asked, fired), fires(found.asked, silent)) == (True, False)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("foo", "'foo' names no field: it is looked for in every field"),
        ("a:b c", "a: several words without quotes are looked for one by one: quote them"),
        ("a:{b:c}", "a: nested objects are judged one by one, which Sigma cannot say"),
        ("a.*:b", "'a.*': a wildcard in the name of a field"),
        ("a > now-5m", "a: 'now-5m' is no number: only numbers are compared"),
        ('a:"b', "character 3: '\"b' is not KQL: a quote that is not closed?"),
        ("a:(b or", "character 8: 'the end' is not expected here"),
        ("a:b)", "character 4: ')' is not expected here"),
        ("(" * 200 + "a:b", "brackets and negations within each other, more than 100"),
        ("not " * 200 + "a:b", "brackets and negations within each other, more than 100"),
        (
            "process.name:x",
            f"no log of ours is known for {NO_LOG}",
        ),
        ("event.dataset:shop.log and event.action:x", "no log of ours is known for event.dataset: shop.log"),
        (f"{WINDOWS} and registry.path:x", "registry.path: this log has no field that is known to be the same"),
        (f"{WINDOWS} and process.name > 5", "process.name: a number has no last part"),
        ("event.dataset:aws.cloudtrail and event.outcome:unknown", "event.outcome: 'unknown' is no outcome that this log tells"),
        (
            "event.dataset:aws.cloudtrail and aws.cloudtrail.request_parameters:*x*",
            "aws.cloudtrail.request_parameters: this log has no field that is known to be the same",
        ),
    ],
)
def test_what_is_beyond_the_part_that_is_carried_is_told(query: str, why: str) -> None:
    with pytest.raises(NotTranslated) as told:
        translated(read_kql(query))
    assert str(told.value) == why


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("b", "'b' names no field: it is looked for in every field"),
        ("a:b c:d", "'a:b c:d': terms side by side without AND or OR"),
        ("a:/x.*/", "'/x.*/': a regular expression of Lucene, which has a syntax of its own"),
        ("a:b~2", "'b~2': a fuzzy word (~) is like others"),
        ('a:"x y"~3', "'\"x y\"~3': words near each other (~)"),
        ("a:b^2", "'b^2': a boost (^) ranks and does not judge"),
        ("a:b OR c:d AND e:f", "'c:d AND e:f': AND and OR side by side without brackets, which Lucene does not read as logic does"),
        ("!a:b", "'!a:b': a name of a field with signs in it: write NOT, not !"),
        ("a:!b", "a: '!b' is nothing that is carried over"),
        ("a:(b:c)", "'b:c': a field within a field"),
        ("a:>x", "a: 'x' is no number: only numbers are compared"),
        ('_exists_:"a"', "'_exists_:\"a\"': names no single field"),
        ("(" * 100_000 + "a:b", "is no query that luqum reads: "),
    ],
)
def test_what_a_search_engine_does_beyond_judging_is_told(query: str, why: str) -> None:
    pytest.importorskip("luqum", reason="the extra 'elastic' is not installed")
    with pytest.raises(NotTranslated) as told:
        read_lucene(query)
    assert str(told.value).startswith(why)


def test_ranges_and_fields_that_are_there_are_read_from_lucene() -> None:
    pytest.importorskip("luqum", reason="the extra 'elastic' is not installed")
    asked = read_lucene("a:[1 TO 5} AND b:>=2 AND c:[* TO 3] AND _exists_:d AND NOT e:{1.5 TO *]")
    good = {"a": 1, "b": 2, "c": 3, "d": "x"}
    assert [fires(asked, {**good, **change}) for change in ({}, {"a": 5}, {"b": 1}, {"c": 4}, {"d": None}, {"e": 2}, {"e": 1.5})] == [
        True, False, False, False, False, False, True,
    ]  # fmt: skip


def test_lucene_without_its_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "luqum.parser", None)
    with pytest.raises(
        MissingExtra, match=r"reading queries in Lucene's syntax needs the extra 'elastic': pip install 'bartizan\[elastic\]'"
    ):
        read_lucene("a:b")


def test_a_rule_is_written_with_what_it_says_of_itself(tmp_path: Path) -> None:
    rule = {
        "name": "A shell of a server",
        "rule_id": "9a1a2dae-0b5f-4c3d-8305-a268d404c306",
        "type": "query",
        "language": "kuery",
        "severity": "high",
        "description": "What\nit means.",
        "threat": [{"framework": "MITRE ATT&CK", "technique": [{"id": "T1059", "subtechnique": [{"id": "T1059.004"}]}]}],
        "query": 'host.os.type:linux and event.category:process and process.args:"-c" and process.parent.name:java',
    }
    (tmp_path / "a.ndjson").write_text(json.dumps(rule), encoding="utf-8")
    (made,) = import_rules("elastic", tmp_path).rules
    assert made.documents == (
        [
            {
                "title": "A shell of a server",
                "id": made.documents[0]["id"],
                "name": "elastic_9a1a2dae_0b5f_4c3d_8305_a268d404c306",
                "status": "experimental",
                "description": "Imported from rule 9a1a2dae-0b5f-4c3d-8305-a268d404c306 of Elastic. What it means.",
                "level": "high",
                "tags": ["attack.t1059", "attack.t1059.004"],
                "logsource": {"product": "linux", "category": "process_creation"},
                "detection": {
                    "selection_1": {"CommandLine|contains|cased": "-c", "ParentImage|endswith|cased": "/java"},
                    "condition": "selection_1",
                },
                "x-origin": {"language": "kuery", "rule": "9a1a2dae-0b5f-4c3d-8305-a268d404c306", "file": "a.ndjson", "line": 1},
            }
        ]
    )
    assert fires_by(made.documents, [{"CommandLine": "sh -c id", "ParentImage": "/opt/java"}, {"CommandLine": "sh -c id"}]) == [0]
    assert [(piece.part, piece.fate, piece.direction) for piece in made.pieces] == [
        ("host.os.type", "carried", ""),
        ("event.category", "carried", ""),
        ("query", "approximated", "may match less"),
        ("process.args", "approximated", "may match more"),
        ("process.parent.name", "carried", ""),
    ]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"type": "threshold"}, "it counts: event_count says so, once the query is a rule"),
        ({"type": "new_terms"}, "it asks for what was not there before: bartizan_new_value says so, once the query is a rule"),
        ({"type": "eql", "language": "eql"}, "it is written in EQL: no maintained library with a fitting licence makes Sigma of it"),
        ({"language": ""}, "it is written in no language that is named: no maintained library with a fitting licence makes Sigma of it"),
        ({"filters": [{"query": {}}]}, "filters: queries of Elasticsearch's own form beside the query"),
        ({"query": " "}, "query: is not there"),
        ({"query": "event.dataset:okta.system"}, "query: it asks nothing of a record beside which log it is of"),
    ],
)
def test_a_rule_that_is_no_plain_query_is_refused(tmp_path: Path, changed: dict[str, Any], why: str) -> None:
    rule = {
        "name": "A",
        "id": "1",
        "type": "query",
        "language": "kuery",
        "query": "event.dataset:okta.system and event.action:x",
        **changed,
    }
    (tmp_path / "a.ndjson").write_text(json.dumps(rule), encoding="utf-8")
    (made,) = import_rules("elastic", tmp_path).rules
    assert (made.fate, made.pieces[0].why) == (REFUSED, why)
