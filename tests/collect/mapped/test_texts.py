"""Bodies of text records are taken apart as their format says, and what is none is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.collect.mapped.plan import Reader
from bartizan.collect.mapped.texts import body_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def fields(form: str, body: str, head: Sequence[bytes] = (), **options: object) -> dict[str, str | None] | None:
    found = body_of(Reader(format=form, options=options), head)(body)
    return None if found is None else dict(zip(*found, strict=True))


@pytest.mark.parametrize(
    ("body", "options", "expected"),
    [
        ('a=1 b="x y" c=', {}, {"a": "1", "b": "x y", "c": ""}),
        (r'a="say \"hi\"" b=C:\x', {}, {"a": 'say "hi"', "b": r"C:\x"}),
        ("a=1 b=2 a=3", {}, {"a": "3", "b": "2"}),
        ("a=1, b=2; c=3", {}, {"a": "1", "b": "2", "c": "3"}),
        ("url=http://x/?y=z n=1", {}, {"url": "http://x/?y=z", "n": "1"}),
        ('action:"Drop"; src:"192.0.2.1"; n:"a;b"]', {"pair": ":", "between": ";"}, {"action": "Drop", "src": "192.0.2.1", "n": "a;b"}),
        ("a=x y|b=2", {"between": "|"}, {"a": "x y", "b": "2"}),
        ("no pairs at all", {}, None),
    ],
)
def test_pairs_of_key_and_value(body: str, options: dict[str, object], expected: dict[str, str] | None) -> None:
    assert fields("kv", body, **options) == expected


def test_a_table_may_name_its_columns_itself() -> None:
    head = (b"#Version: 1", b'#Fields: "A_B","C"')
    assert fields("csv", '"1","x, y"', head, columns="head") == {"A_B": "1", "C": "x, y"}
    assert fields("csv", '"1","2"', (), columns="head") is None


def test_of_a_column_that_is_named_twice_the_last_counts() -> None:
    assert fields("csv", "1,2,3", columns=["a", "b", "a"]) == {"a": "3", "b": "2"}


KEYS = st.text("abcxyz_.", min_size=1, max_size=5)


@given(st.dictionaries(KEYS, st.text("abc 12=;,\\\"'é", max_size=8), min_size=1, max_size=6))
def test_pairs_that_are_quoted_come_out_as_they_went_in(pairs: dict[str, str]) -> None:
    escaped = {name: re.sub(r'(["\\])', r"\\\1", value) for name, value in pairs.items()}
    assert fields("kv", " ".join(f'{name}="{value}"' for name, value in escaped.items())) == pairs


@pytest.mark.parametrize(
    ("body", "options", "expected"),
    [
        ("1,x,", {"columns": ["a", "b", "c"]}, {"a": "1", "b": "x", "c": ""}),
        ('1,"x, ""y""",z', {"columns": ["a", "b"]}, {"a": "1", "b": 'x, "y"'}),
        ("1;2", {"columns": ["a", "b"], "separator": ";"}, {"a": "1", "b": "2"}),
        ("1,A,2", {"kinds": {"A": ["n", "kind", "m"]}, "kind_column": 1}, {"n": "1", "kind": "A", "m": "2"}),
        ("1,B,2", {"kinds": {"A": ["n", "kind", "m"]}, "kind_column": 1}, None),
        ("1", {"columns": ["a", "b"]}, None),
        ("1,2", {"columns": ["a", "b", "c"], "least": 3}, None),
        ('"' + "x" * 200_000 + '",1', {"columns": ["a", "b"]}, None),
    ],
)
def test_values_with_separators(body: str, options: dict[str, object], expected: dict[str, str] | None) -> None:
    assert fields("csv", body, **options) == expected


CEF_HEAD = {"cef.version": "0", "cef.vendor": "V", "cef.product": "P", "cef.device_version": "1", "cef.signature": "s", "cef.name": "n|m"}


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        ("src=1.1.1.1 msg=two words dst=2.2.2.2", {"src": "1.1.1.1", "msg": "two words", "dst": "2.2.2.2"}),
        (r"a=x\=y b=c\\d e=f\ng", {"a": "x=y", "b": "c\\d", "e": "f\ng"}),
        ("cs1Label=Rule Name cs1=deny", {"cs1Label": "Rule Name", "cs1": "deny", "Rule Name": "deny"}),
        ("request=http://x/?a=b&c=d", {"request": "http://x/?a=b&c=d"}),
        ("", {}),
    ],
)
def test_common_event_format(extension: str, expected: dict[str, str]) -> None:
    found = fields("cef", rf"CEF:0|V|P|1|s|n\|m|5|{extension}") or {}
    assert {name: (value or "").strip() for name, value in found.items()} == {**CEF_HEAD, "cef.severity": "5", **expected}


def test_a_common_event_whose_head_is_not_whole_is_none() -> None:
    assert fields("cef", "CEF:0|V|P|1|s") is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("LEEF:1.0|V|P|1|e|a=1\tb=x=y", {"a": "1", "b": "x=y"}),
        ("LEEF:2.0|V|P|1|e|^|a=1^b=2", {"a": "1", "b": "2"}),
        ("LEEF:2.0|V|P|1|e|x7C|a=1|b=2", {"a": "1", "b": "2"}),
        ("LEEF:2.0|V|P|1|e|0x09|a=1\tb=2", {"a": "1", "b": "2"}),
        ("LEEF:2.0|V|P|1|e||a=1\tb=2", {"a": "1", "b": "2"}),
    ],
)
def test_log_event_extended_format(body: str, expected: dict[str, str]) -> None:
    assert fields("leef", body) == {"leef.vendor": "V", "leef.product": "P", "leef.version": "1", "leef.eventid": "e", **expected}


@pytest.mark.parametrize("body", ["LEEF:1.0|V|P", "leef", "LEEF:"])
def test_what_is_no_leef_is_refused(body: str) -> None:
    assert fields("leef", body) is None


def test_of_columns_of_one_name_the_last_counts() -> None:
    assert fields("w3c", "1 2 -", [b"#Fields: a b a"]) == {"a": None, "b": "2"}
    assert fields("w3c", "1 2", [b"#Fields: a b a"]) is None


def test_columns_of_a_w3c_log_are_named_by_the_last_head() -> None:
    head = [b"#Fields: a b", b"#Software: x", b"#Fields: a b c"]
    assert fields("w3c", "1 - 3", head) == {"a": "1", "b": None, "c": "3"}
    assert (fields("w3c", "1 2", head), fields("w3c", "1 2", [])) == (None, None)
    assert fields("w3c", "1 2", columns=["x", "y"]) == {"x": "1", "y": "2"}
    assert fields("w3c", "1\tx y\t-", head) == {"a": "1", "b": "x y", "c": None}


def test_the_first_pattern_that_fits_counts() -> None:
    patterns = {"pair": r"(?P<a>\w+)=(?P<b>\w+)", "word": r"(?P<a>\w+)"}
    assert fields("regex", "x=y", patterns=patterns) == {"@pattern": "pair", "a": "x", "b": "y"}
    assert fields("regex", "x", patterns=patterns) == {"@pattern": "word", "a": "x"}
    assert fields("regex", "!", patterns=patterns) is None


def test_patterns_are_matched_on_as_much_as_a_record_of_their_kind_is_long() -> None:
    patterns = {"all": r"(?P<a>.*)(?P<end>x)?"}
    found = fields("regex", "y" * 100_000, patterns=patterns)
    assert found == {"@pattern": "all", "a": "y" * (16 << 10), "end": None}
