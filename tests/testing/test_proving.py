"""A rule is proved by a record of a source's own form on which it fires, found by a hunt like any other."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.toys import toy

from bartizan import rules
from bartizan.collect.catalogue import catalogue, catalogue_of
from bartizan.collect.contract import Carried, Route
from bartizan.collect.json_columns import decode
from bartizan.detect.can_fire import Proof, can_fire
from bartizan.schema.columns import ABSENT, Cell
from bartizan.schema.logsource import Logsource, View
from bartizan.testing.proving import prove
from bartizan.testing.proving.lines import lines
from bartizan.testing.proving.objects import objects
from bartizan.testing.proving.regexes import texts_for
from bartizan.testing.proving.writing import written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bartizan.collect.catalogue import Catalogue
    from bartizan.collect.contract import Context, Parsed, Source

NOW = 1_767_225_600_000_000_000
RULE = """
title: asked
id: 00000000-0000-4000-8000-000000000000
logsource: {logsource}
detection: {detection}
"""
PROCESS = "{product: windows, category: process_creation}"


def proof_of(folder: Path, logsource: str, detection: str, known: Catalogue | None = None, *, source: str = "") -> Proof:
    """Prove one rule, on one source where one is named."""
    (folder / "rule.yml").write_text(RULE.format(logsource=logsource, detection=detection), encoding="utf-8")
    loaded = rules.load((folder / "rule.yml",), cache=folder / "cache")
    assert loaded.refused == []
    sources = known or catalogue()
    told = can_fire(loaded, [one for one in sources.sources if source in {"", one.name}])
    (proof,) = prove(loaded, told, sources, now=NOW)
    return proof


@pytest.mark.parametrize(
    ("logsource", "detection", "source"),
    [
        (PROCESS, "{a: {CommandLine|contains|all: [one, two]}, condition: a}", "windows-event-json"),
        (
            PROCESS,
            "{a: {Image|startswith: 'C:', Image|endswith: '.exe'}, f: {Image: 'C:.exe'}, condition: a and not f}",
            "windows-flat-json",
        ),
        (PROCESS, "{a: {CommandLine|re: '^(?:ab|cd){2,3}[^x-z]\\d+.?\\w$'}, condition: a}", "windows-winlogbeat"),
        (PROCESS, "{a: {CommandLine|contains|windash: ' -enc '}, condition: a}", "windows-event-xml"),
        (PROCESS, "{a: {CommandLine|base64offset|contains: 'http://'}, condition: a}", "windows-event-json"),
        (PROCESS, "{a: {CommandLine: 'a*b?c'}, b: {ParentImage: null}, condition: a and b}", "windows-event-json"),
        (PROCESS, "{a: {CommandLine|contains: x}, b: {ParentImage: null}, condition: a and not b}", "windows-event-json"),
        (PROCESS, "{a: {Image|fieldref: ParentImage}, condition: a}", "windows-event-json"),
        (PROCESS, "{a: {Image|endswith: /sh, CommandLine|contains: x}, condition: a}", "defender-hunting"),
        ("{product: linux, category: process_creation}", "{a: {CommandLine: \"a <b> & 'c'\"}, condition: a}", "linux-sysmon"),
        ("{product: windows, service: security}", "{a: {EventID: 4625, LogonType: 10, IpAddress|cidr: 10.0.0.0/8}, condition: a}", ""),
        ("{product: windows, service: system}", "{a: {EventID: 104}, f: {Channel: System}, condition: a and not f}", "windows-event-json"),
        (
            "{product: windows, category: network_connection}",
            "{a: {DestinationPort|gte: 1024, DestinationPort|lt: 1026}, condition: a}",
            "",
        ),
        ("{product: linux, service: auditd}", "{a: {type: EXECVE, a1: '-t'}, k: ['some words'], condition: a and k}", "auditd"),
        ("{product: linux, service: auditd}", "{a: {type: SERVICE_STOP, unit: [firewalld, ufw]}, condition: a}", "auditd"),
        ("{product: zeek, service: dns}", "{a: {query|endswith: .example.org, rejected: false}, condition: a}", "zeek"),
        ("{category: webserver}", "{a: {cs-method: POST, cs-uri-query|contains: 'a=b'}, condition: a}", "iis"),
        ("{category: webserver}", "{a: {cs-uri-stem|contains: /.well-known/}, condition: a}", "alb-access"),
        ("{category: proxy}", "{a: {c-uri|contains: /update.php, c-uri-query|contains|all: ['a=', 'b=']}, condition: a}", "squid"),
        ("{category: firewall}", "{a: {dst_port: 23, action: [accept, allow]}, condition: a}", "cef"),
        ("{product: linux, service: sudo}", "{a: {USER: '#-1'}, condition: a}", "syslog"),
        ("{product: azure, service: auditlogs}", "{a: {ConsentContext.IsAdminConsent: 'false'}, condition: a}", "entra-audit"),
        ("{product: windows, service: wmi}", "{a: {k|exists: false}, b: {EventID|gt: 5}, condition: a and b}", "windows-event-json"),
    ],
)
def test_a_rule_fires_on_the_record_that_is_written_for_it(tmp_path: Path, logsource: str, detection: str, source: str) -> None:
    proof = proof_of(tmp_path, logsource, detection, source=source)
    assert (proof.outcome, proof.why, proof.source) == ("proved", "", source or proof.source)


def test_a_field_that_no_example_shows_is_named(tmp_path: Path) -> None:
    proof = proof_of(tmp_path, PROCESS, "{a: {OriginalFileName: a.exe, CommandLine: x}, condition: a}", source="windows-flat-json")
    assert (proof.outcome, proof.told) == ("proved", ("OriginalFileName",))
    record = json.loads(proof.raw[0])
    assert (record["OriginalFileName"], record["CommandLine"], record["EventID"]) == ("a.exe", "x", 1)


def test_what_no_single_value_can_be_is_said_to_be_so(tmp_path: Path) -> None:
    proof = proof_of(tmp_path, PROCESS, "{a: {CommandLine: short, CommandLine|re: 'longer than that'}, condition: a}")
    assert (proof.outcome, proof.why) == ("unwritten", "no value was found that is all it asks of CommandLine")


def test_a_record_that_no_example_shows_cannot_be_written(tmp_path: Path) -> None:
    shop = _shop()
    bare = replace(shop, examples=shop.examples[1:])
    proof = proof_of(tmp_path, "{product: shop}", "{a: {last: x}, condition: a}", catalogue_of([("bare", bare)]))
    assert (proof.outcome, proof.why) == ("unwritten", "no example of shop is a record that it asks for")


def test_a_field_that_a_source_is_said_to_carry_and_does_not_read_cannot_be_written(tmp_path: Path) -> None:
    proof = proof_of(tmp_path, "{product: shop}", "{a: {gone: y}, condition: a}", catalogue_of([("shop", _shop())]))
    assert (proof.outcome, proof.why) == ("unwritten", "gone cannot be written as 'y'")


def test_a_record_that_is_taken_for_another_source_proves_nothing(tmp_path: Path) -> None:
    shop = _shop()
    shy = replace(shop, recognise=lambda _records: 0)
    proof = proof_of(tmp_path, "{product: shop}", "{a: {last: y}, condition: a}", catalogue_of([("shop", shy)]))
    assert (proof.outcome, proof.why, proof.raw) == ("silent", "the records were taken for no source", (b"shop 1 y",))


def test_correlations_and_rules_that_are_only_evidence_to_them_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "many.yml").write_text(
        RULE.format(logsource=PROCESS, detection="{a: {CommandLine: x}, condition: a}").replace("title: asked", "title: asked\nname: one")
        + "---\ntitle: many\ncorrelation: {type: event_count, rules: [one], timespan: 1m, condition: {gte: 2}}\n",
        encoding="utf-8",
    )
    loaded = rules.load((tmp_path / "many.yml",), cache=tmp_path / "cache")
    proofs = prove(loaded, can_fire(loaded, catalogue().sources), catalogue(), now=NOW)
    assert [(one.outcome, one.why) for one in proofs] == [
        ("left-out", "a correlation names it: it raises no findings of its own"),
        ("left-out", "a correlation asks for several records"),
    ]


def _shop() -> Source:
    """Make a source that reads a last word, and is said to carry a field beside it that it does not read."""
    made = toy("shop")
    route = Route(name="all", views=(View(Logsource("shop")),), ocsf={"class_uid": 0, "activity_id": 0, "severity_id": 1, "time": 0})

    def parse(records: Sequence[bytes], context: Context) -> Parsed:
        parsed = made.parse(records, replace(context, wanted=lambda _route: context.wanted(route)))
        return replace(parsed, parts=[replace(part, route=route) for part in parsed.parts])

    told = [Carried(route, frozenset({"last", "gone"}))]
    return replace(made, parse=parse, routes=(route,), documented=lambda: told)


@pytest.mark.parametrize(
    "pattern",
    [
        *("abc", "a|b", "^ab$", "[a-f]{3}x", "(?:ab|c)+d?", r"\d{2}\s\w\S\W\D", "[^abc]z", ".*x.", r"\.exe\b"),
        *(r"(a)(b)\2", "é[à-ü]", "a{2,}?b", r"\Aab\Z", "a|", "[^\\x00-\\x7f]?b"),
    ],
)
def test_a_text_is_found_by_the_pattern_that_it_was_written_for(pattern: str) -> None:
    found = [text for _, text, _ in texts_for(pattern, "")]
    assert any(re.search(pattern, text) for text in found), found


@pytest.mark.parametrize(
    ("line", "name", "cell", "now", "expected"),
    [
        ("a=1 b=2", "b", "x", "2", "a=1 b=x"),
        ('a="1 2" b=2', "a", "x y", "1 2", 'a="x y" b=2'),
        ("a=1", "c", "x", ABSENT, "a=1 c=x"),
        ('<Event><Data Name="A">1</Data></Event>', "A", "<x>", "1", '<Event><Data Name="A">&lt;x&gt;</Data></Event>'),
        ("<Event></Event>", "B", "x", ABSENT, '<Event><EventData><Data Name="B">x</Data></EventData></Event>'),
        ("one\t-\ttwo", "third", "x", "two", "one\t-\tx"),
        ("GET /a?b=%20c d", "query", "x y", "b= c", "GET /a?x%20y d"),
        ("a=1 b=2", "b", ABSENT, "2", "a=1 "),
        ("one two", "word", ABSENT, "two", "one -"),
    ],
)  # fmt: skip
def test_a_line_is_changed_where_the_field_stands(line: str, name: str, cell: Cell, now: Cell, expected: str) -> None:
    assert expected.encode() in list(lines(line.encode(), name, cell, now))


def test_a_text_that_a_line_cannot_hold_is_not_written() -> None:
    assert list(lines(b"a=1", "a", "x\ny", "1")) == []
    assert list(lines(b"a=1", "a", "\ud800", "1")) == []


JSON = st.recursive(
    st.text("abc", max_size=3) | st.integers(0, 9) | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcd", min_size=1, max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(item=st.dictionaries(st.text("abcd", min_size=1, max_size=2), JSON, max_size=4), name=st.sampled_from(["a", "b.c", "d", "a.b.c"]))
@settings(derandomize=True, deadline=None)
def test_a_field_of_an_object_reads_back_as_it_was_set(item: dict[str, object], name: str) -> None:
    raw = json.dumps(item).encode()

    def reads(record: bytes) -> Cell:
        column = decode([record], [name]).columns.get(name)
        return ABSENT if column is None else column[0]

    draft = written(raw, name, "x", reads, {})
    assert draft is not None
    assert reads(draft) in {"x", ("x",)}
    gone = written(draft, name, ABSENT, reads, {})
    assert gone is None or reads(gone) in {ABSENT, None}


def test_a_pair_is_added_to_a_list_of_pairs_as_the_others_are() -> None:
    raw = b'<13>app {"Data":[{"@Name":"A","#text":"1"}]}'
    drafts = objects(raw, "B", "x", ABSENT)
    assert drafts is not None
    assert b'<13>app {"Data":[{"@Name":"A","#text":"1"},{"@Name":"B","#text":"x"}]}' in list(drafts)
    assert objects(b"no { json", "B", "x", ABSENT) is None
