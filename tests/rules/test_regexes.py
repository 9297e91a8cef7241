"""Regular expressions: judged before they run, sieved by literals, searched by the engine that fits."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.rules.refusals import Refused
from bartizan.rules.regexes import checked, required, searcher
from bartizan.rules.regexes.linear import linear_search
from bartizan.rules.regexes.tree import cost, nested, parsed, python_flags

PATTERNS = [
    (r"powershell.*-enc", ""),
    (r"(?i)Invoke-(Web|Rest)Request", ""),
    (r"a|b", "i"),
    (r"^C:\\Users\\[^\\]+\\x\.exe$", "i"),
    (r"^line$", "m"),
    (r"a.b", "s"),
    (r"a.b", ""),
    (r"\bword\b|\Bx\B", ""),
    (r"[^/]{3,}$", ""),
    (r"(?:\{\d\}){2,}", ""),
    (r"\d+\D+\s+\S+\w+\W+", ""),
    (r"[a-f0-9_\-\s]{2}[^\W\d]", "i"),
    (r"(?s:a.b)|(?-i:c)", "i"),
    (r"\Ax\Z|y?z*?", ""),
    (r"(?:a|b|ab)+c", ""),
    (r"[\x80-\xff]|\u0416|[^\n]\x00", "i"),
    (r"(x$|y)", ""),
    (r"", ""),
    (r"a{0}b{1}c{2,}d{,3}", ""),
    (r"(?x) a b  # with a comment", ""),
    (r".{150}|(.){20,}", ""),
]
TEXTS = st.text(
    alphabet=st.sampled_from("aAbBcxyzwordCUserspowershell-enc0159 {}\\:./_\n\t\x00\x1c\u00e9\u0416\u0436\u017f\u0130\U0001f600"),
    max_size=60,
)


@pytest.mark.parametrize(("pattern", "flags"), PATTERNS)
@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_the_linear_engine_finds_what_pythons_finds(pattern: str, flags: str, text: str) -> None:
    search = linear_search(pattern, flags)
    assert search is not None
    found = re.search(pattern, text, python_flags(flags))
    assert search(text) == (-1 if found is None else found.start() if text.isascii() else 0)


@pytest.mark.parametrize(("pattern", "flags"), PATTERNS)
@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_a_text_that_matches_holds_the_literals_the_pattern_needs(pattern: str, flags: str, text: str) -> None:
    if not text.isascii() or re.search(pattern, text, python_flags(flags)) is None:
        return
    choices = required(pattern, flags)
    assert not choices or any(all(literal in text.lower() for literal in choice) for choice in choices)


@pytest.mark.parametrize(
    ("pattern", "choices"),
    [
        (r"Power\s+Shell", [{"power", "shell"}]),
        (r"(cat|dog)s?", [{"cat"}, {"dog"}]),
        (r"[Ee]xe", [{"e", "xe"}]),
        (r"a?b*c+d{2}", [{"c", "d"}]),
        (r"\w+", []),
        (r"x|\d", []),
        (r"(a|b|c|d|e|f)(a|b|c|d|e|f)long", [{"a", "long"}, {"b", "long"}, {"c", "long"}, {"d", "long"}, {"e", "long"}, {"f", "long"}]),
        ("caf\u00e9 au", [{"caf", " au"}]),
    ],
)
def test_the_literals_a_pattern_needs(pattern: str, choices: list[set[str]]) -> None:
    assert [set(choice) for choice in required(pattern, "")] == choices


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("a(", "'a(' is no regular expression: missing ), unterminated subpattern at position 1"),
        ("(?<!a)b", "'(?<!a)b' looks ahead or behind, which no engine does in bounded time: say it with a filter"),
        (r"(a)(?(1)b|c)", "'(a)(?(1)b|c)' depends on a group, which no engine does in bounded time: write both cases out"),
        ("(?>a)", "'(?>a)' has an atomic group, which is no part of Sigma: use a plain group"),
        ("a++", "'a++' has a possessive repeat, which is no part of Sigma: use a plain repeat"),
        ("x" * 70 + "(", "'" + "x" * 57 + "...' is no regular expression: missing ), unterminated subpattern at position 70"),
    ],
)
def test_a_pattern_nobody_can_bound_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(Refused) as raised:
        checked(pattern, "")
    assert raised.value.why == why


def test_a_pattern_that_only_python_takes_is_kept_if_its_time_is_bounded() -> None:
    assert checked(r"(?a)\w$x?", "") == r"(?a)\w$x?"
    assert linear_search(r"(?a)\w$x?", "") is None
    assert [linear_search(pattern, "") for pattern in (r"x$y?", r"(?a:\w)", r"(?:x$)+", r"(?=a)")] == [None] * 4
    assert searcher(r"(?a)\w$x?", "").found("a" * 3_000_000) is True


def test_a_pattern_too_large_for_the_linear_engine_is_left_to_python() -> None:
    assert linear_search(r"(\w{1000}){1000}", "") is None


@pytest.mark.parametrize(
    ("pattern", "expected"), [("(a+)+", True), ("(a|bb)+", True), ("(a{2}b)+", False), ("a+b+", False), ("(a+b)?", False)]
)
def test_repeats_inside_repeats_are_seen(pattern: str, expected: bool) -> None:  # noqa: FBT001 - an expected value
    assert nested(parsed(pattern, "")) is expected


def test_each_repeat_that_varies_multiplies_the_steps() -> None:
    costs = [cost(parsed(pattern, ""), 99) for pattern in ("abc", "a+b", "a+b+c", "a{2,3}b", ".{50,}", "(a+b|c+d)e")]
    assert costs == [100, 100 * 100, 100**3, 100, 100 * 50, 100**3]


@pytest.mark.parametrize("pattern", [r"(?:.*\)){1,}.*z", "(a+)+$", "(a|aa)+$", ".*.*.*.*x", "[^x]+[^y]+[^z]+!"])
def test_a_pattern_that_python_would_take_for_ever_takes_no_time(pattern: str) -> None:
    begun = time.process_time()
    assert [searcher(pattern, "").found(text) for text in (")" * 50_000, "a" * 50_000 + "b")] == [False, False]
    assert time.process_time() - begun < 30


def test_the_place_of_a_match_is_where_it_begins() -> None:
    assert [searcher("nee+dle", "").place(text) for text in ("xx needle", "x" * 1_000 + "needle", "none")] == [3, 1_000, -1]


def test_the_place_in_a_text_for_the_linear_engine_is_told_where_the_text_is_ascii() -> None:
    assert [searcher("nee+dle", "").place(text) for text in ("x" * 5_000 + "needle", "x" * 5_000)] == [5_000, -1]
    assert [searcher("nee+dle", "").place(text) for text in ("\u00e9" * 5_000 + "needle", "\u00e9" * 5_000)] == [0, -1]
    assert [searcher("(n|e+)+d.*x", "").place(text) for text in ("a needlex", "needle")] == [2, -1]


def test_a_repeat_that_one_linear_engine_refuses_is_taken_by_the_other() -> None:
    search = linear_search(r"b{1001}c", "")
    assert search is not None
    assert [search("b" * 1_001 + "c"), search("b" * 1_000 + "c"), search("é" + "b" * 1_001 + "c")] == [0, -1, 0]


def test_a_pattern_whose_unicode_sets_are_too_large_for_the_linear_engine_goes_to_python_where_the_text_is_not_ascii() -> None:
    pattern = r"(\w{300}){3}!"
    search = linear_search(pattern, "")
    assert search is not None
    texts = ["a" * 900 + "!", "é" * 900 + "!", "é" * 899 + "!"]
    assert [search(text) for text in texts] == [0, 0, -1]
