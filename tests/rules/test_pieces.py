"""The small machines of the matcher, each held against the plain way to say the same."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.documents import Document, Map, documents
from bartizan.rules.cells import number_in, texts_in, time_in
from bartizan.rules.match import literals
from bartizan.rules.match.globs import glob_matcher
from bartizan.rules.match.literals import Literals
from bartizan.rules.match.networks import Networks
from bartizan.rules.plan import Glob
from bartizan.rules.refusals import Refused
from bartizan.schema.columns import ABSENT, Cell

PARTS = st.lists(st.one_of(st.sampled_from([0, 1]), st.text(alphabet="ab*?\n", min_size=1, max_size=3)), min_size=1, max_size=7)


@settings(max_examples=500, deadline=None)
@given(PARTS, st.text(alphabet="ab*?\nc", max_size=12))
def test_a_glob_matches_what_the_same_regular_expression_matches(parts: list[str | int], text: str) -> None:
    pattern = "".join(re.escape(part) if isinstance(part, str) else (".*", ".")[part] for part in parts)
    assert glob_matcher(Glob(tuple(parts)))(text) == (re.fullmatch(pattern, text, re.DOTALL) is not None)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text(alphabet="ab\u00e9\ud800", min_size=1, max_size=3), unique=True, max_size=6),
    st.text(alphabet="ab\u00e9\ud800\0", max_size=40),
)
def test_literals_are_found_in_short_texts_and_in_long_ones(words: list[str], text: str) -> None:
    found = {(number, start) for number, start, _ in Literals(words).find(text)}
    assert found == {(number, start) for number, word in enumerate(words) for start in range(len(text)) if text.startswith(word, start)}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.text(alphabet="ab\u00e9", min_size=1, max_size=4), unique=True, max_size=6),
    st.text(alphabet="ab\u00e9c", min_size=9, max_size=40),
)
def test_of_a_long_text_each_literal_and_both_ends_are_known(words: list[str], text: str) -> None:
    window = pytest.MonkeyPatch()
    with window.context() as patch:
        patch.setattr(literals, "WINDOW", 8)
        hits = Literals(words).find(text)
    assert {number for number, _, _ in hits} == {number for number, word in enumerate(words) if word in text}
    assert {number for number, start, _ in hits if start == 0} == {number for number, word in enumerate(words) if text.startswith(word)}
    assert {number for number, _, end in hits if end == len(text)} == {number for number, word in enumerate(words) if text.endswith(word)}


NETWORKS = [
    "0.0.0.0/0",
    "192.0.2.0/24",
    "192.0.2.128/25",
    "192.0.2.255/32",
    "255.255.255.255/32",
    "2001:db8::/32",
    "2001:db8::1/128",
    "::/0",
]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.ip_addresses(), st.sampled_from([ip_network(one)[place] for one in NETWORKS for place in (0, -1)])))
def test_an_address_is_in_the_networks_that_hold_it(address: object) -> None:
    found = Networks(enumerate(NETWORKS)).holding(ip_address(str(address)))
    mapped = getattr(address, "ipv4_mapped", None)
    assert found == {number for number, one in enumerate(map(ip_network, NETWORKS)) if address in one or (mapped and mapped in one)}


def test_an_address_mapped_into_ipv6_is_in_the_ipv4_network_too() -> None:
    assert Networks(enumerate(["192.0.2.0/24", "::/0"])).holding(ip_address("::ffff:192.0.2.7")) == {0, 1}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("12", 12), ("+7", 7), ("-3", -3), ("1.50", 1.5), ("1e3", 1000.0), ("9007199254740993", 9007199254740993)),
        *((text, None) for text in ("", " 1", "1_0", "0x10", "nan", "inf", "\u0661", "1.", ".5", "9" * 301)),
    ],
)
def test_a_text_is_a_number_or_is_none(text: str, number: float | None) -> None:
    assert number_in(text) == number


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2024-03-04T05:06:07Z", "2024-03-04T05:06:07+00:00"),
        ("2024-03-04 05:06:07.1234567", "2024-03-04T05:06:07.123456"),
        ("2024-03-04T05:06:07+02:00", "2024-03-04T05:06:07+02:00"),
        ("1709528767", "2024-03-04T05:06:07+00:00"),
        ("1709528767000", "2024-03-04T05:06:07+00:00"),
        ("1709528767000000", "2024-03-04T05:06:07+00:00"),
        ("1709528767000000000", "2024-03-04T05:06:07+00:00"),
        ("9" * 300, None),
        ("yesterday", None),
    ],
)
def test_a_time_is_read_as_it_is_written(text: str, shown: str | None) -> None:
    time = time_in(text)
    assert (None if time is None else time.isoformat()) == shown


@pytest.mark.parametrize(
    ("cell", "texts"),
    [
        ("a", ("a",)),
        (1, ("1",)),
        (True, ("true",)),
        (None, ()),
        (ABSENT, ()),
        (("a", 1, None, ("b",), {"c": 1}), ("a", "1")),
        ({"a": (1, {"b": None, "c": ABSENT}, ABSENT)}, ('{"a":[1,{"b":null}]}',)),
    ],
)
def test_what_comparisons_see_of_a_cell(cell: Cell, texts: tuple[str, ...]) -> None:
    assert texts_in(cell) == texts


YAML = """
plain: text
quoted: '007'
double: "a\\tb"
block: |
  one
  two
numbers: [1, 0x1F, 0o7, 1_000, 1.5, 1e3, .inf, -2]
booleans: [true, No, ON, 'yes']
nothing: [null, ~, '']
dates: [2024-01-02, 2024-01-02T03:04:05Z]
? key
: value
tagged: !!str 12
number: !!int "12"
anchor: &a {x: 1, y: 2}
alias: *a
merged: {<<: *a, y: 3, z: 4}
several: {<<: [*a, {w: 0}]}
5: five
"""


def test_yaml_is_read_as_pyyaml_reads_it() -> None:
    (document,) = documents(YAML.encode())
    assert isinstance(document, Document)
    assert document.value == yaml.safe_load(YAML)


def test_values_remember_their_lines() -> None:
    (document,) = documents(b"---\n# note\na:\n  b: 1\n  c:\n    - d: 2\n")
    assert isinstance(document, Document)
    top = document.value
    assert isinstance(top, Map)
    assert (document.line, top.line, top.lines, top["a"].lines, top["a"]["c"].line, top["a"]["c"][0].lines) == (
        1,
        3,
        {"a": 3},
        {"b": 4, "c": 5},
        6,
        {"d": 6},
    )


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text(alphabet="ab:-[]{}&*!|>'\"#%@`,? \n\t", max_size=60).map(str.encode)))
def test_whatever_a_file_holds_is_read_or_refused(content: bytes) -> None:
    for document in documents(content):
        assert isinstance(document, Document | Refused)
