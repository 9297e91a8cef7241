"""Make random small rules and rows that have a fair chance of fitting each other."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from bartizan.rules.contract import Records
from bartizan.schema.columns import ABSENT, Cell, Frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIELDS = ("a", "b", "c.d")
PLACEHOLDERS: Mapping[str, Sequence[str]] = {"P": ["a", "b*", "?"], "Q": ["-a", "", "\\*"]}
# Letters whose lower case is longer, depends on what follows, or is one of two; signs with a meaning in patterns; a lone surrogate.
SIGNS = "aAbBkK\u0130\u0131\u00df\u1e9e\u03a3\u03c3\u03c2\u212a\u00c9*?\\%-/\u2013 .^$|\n\0\ud800\U0001f600071"
WORDS = (
    *("true", "FALSE", "null", "", "*", "12", "012", "1.0", "1e1", "-3", "net user", "%P%", "x%Q%", "a -b /a"),
    *("192.0.2.7", "::1", "::ffff:192.0.2.7", "2024-05-06T03:07:59Z", "2024-12-30", "1715000000"),
    *(base64.b64encode(b"xxab").decode(), base64.b64encode("ab".encode("utf-16le")).decode()),
    *("a" * 300, "ab" * 200, "A\0b\0", '"k":"a"'),
)
NETWORKS = ("192.0.2.0/24", "192.0.2.7", "0.0.0.0/0", "::/0", "::1/128", "::ffff:0:0/96", "2001:db8::/32")
EXPRESSIONS = (
    *("a", "^a", "b$", "a.b", "[ab]{2}", "(?:a|b)+c?", "^$", "", "\\\\", "\\d+", "k", "\u00df"),
    *("\\bab\\b", "a|b", "(a)(b)", "^(ab)*$", ".*"),
)

texts = st.one_of(st.text(alphabet=SIGNS, max_size=4), st.sampled_from(WORDS), st.text(alphabet="aAbB", max_size=3))
numbers = st.one_of(
    st.integers(-3, 15),
    st.sampled_from([1.0, 1.5, 2**53 + 1, 2**63, -0.0, 1e16, 1715000000000]),
)
scalars: st.SearchStrategy[Cell] = st.one_of(texts, texts, numbers, st.booleans(), st.none())
cells: st.SearchStrategy[Cell] = st.one_of(
    scalars,
    scalars,
    st.just("x" * 16_390 + "-a ab"),
    st.just(ABSENT),
    st.lists(scalars, max_size=3).map(tuple),
    st.dictionaries(st.sampled_from("kK"), scalars, max_size=2),
    st.lists(st.dictionaries(st.just("k"), texts, max_size=1), max_size=2).map(tuple),
)
rows = st.fixed_dictionaries(dict.fromkeys(FIELDS, cells))

PLACES = ("", "contains", "startswith", "endswith")
ENDINGS = ((), ("all",), ("neq",), ("all", "neq"), ("cased",), ("cased", "all"))


@st.composite
def lines(draw: st.DrawFn, *, keyword: bool = False) -> tuple[str, Any]:
    """Draw one line of a map: a field with modifiers and its value or values."""
    kind = draw(st.sampled_from(["text", "text", "text", "text", "re", "re", "encoded", "expand", "plain", "special", "number"]))
    chain, values = draw(_CHAINS["text" if keyword and kind in ("plain", "special", "number") else kind])
    field = "" if keyword else draw(st.sampled_from(FIELDS))
    return "|".join([field, *filter(None, chain)]), values


def _one_or_more(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(values, st.lists(values, min_size=1, max_size=3))


_TEXT_CHAINS = st.tuples(st.sampled_from(PLACES), st.sampled_from(["", "windash"]), st.sampled_from(ENDINGS)).map(
    lambda drawn: (drawn[0], drawn[1], *drawn[2])
)
_RE_CHAINS = st.tuples(st.just("re"), st.sampled_from(["", "i"]), st.sampled_from(["", "m", "s"]), st.sampled_from(["", "all", "neq"]))
_ENCODED_CHAINS = st.tuples(
    st.sampled_from(["", "wide", "utf16le", "utf16be", "utf16"]),
    st.sampled_from(["base64", "base64offset"]),
    st.sampled_from(["contains", ""]),
)
_SPECIAL = st.one_of(
    st.tuples(st.sampled_from([("exists",)]), st.booleans()),
    st.tuples(st.sampled_from([("cidr",), ("cidr", "neq"), ("cidr", "all")]), _one_or_more(st.sampled_from(NETWORKS))),
    st.tuples(
        st.sampled_from([("fieldref", place, neq) for place in PLACES for neq in ("", "neq", "all")]),
        _one_or_more(st.sampled_from(FIELDS)),
    ),
    st.tuples(
        st.sampled_from([(part, how) for part in ("minute", "hour", "day", "week", "month", "year") for how in ("", "neq", "gte", "lt")]),
        _one_or_more(st.sampled_from([0, 1, 3, 5, 6, 7, 2024])),
    ),
)
_CHAINS: dict[str, st.SearchStrategy[tuple[Sequence[str], Any]]] = {
    "text": st.tuples(_TEXT_CHAINS, _one_or_more(texts)),
    "re": st.tuples(_RE_CHAINS, _one_or_more(st.sampled_from(EXPRESSIONS))),
    "encoded": st.tuples(_ENCODED_CHAINS, _one_or_more(st.sampled_from(["ab", "net user", "a", "\u00e9", "xxab"]))),
    "expand": st.tuples(
        st.sampled_from([("expand",), ("contains", "expand"), ("expand", "endswith"), ("expand", "contains", "all"), ("expand", "cased")]),
        _one_or_more(st.sampled_from(["%P%", "x%Q%", "%P%%Q%", "a", "100%"])),
    ),
    "plain": st.tuples(st.sampled_from([(), ("neq",), ("all",)]), _one_or_more(scalars)),
    "special": _SPECIAL,
    "number": st.tuples(st.sampled_from([("lt",), ("lte",), ("gt",), ("gte",), ("gt", "neq"), ("lt", "all")]), _one_or_more(numbers)),
}
maps = st.lists(lines(), min_size=1, max_size=3).map(dict)
keywords = st.one_of(_one_or_more(texts), st.lists(lines(keyword=True), min_size=1, max_size=2).map(dict))
selections = st.one_of(maps, maps, maps, st.lists(maps, min_size=1, max_size=2), keywords)
conditions = st.recursive(
    st.sampled_from(["s_1", "s_2", "f_1", "1 of s_*", "all of s_*", "any of them", "all of them", "1 of *_1"]),
    lambda inner: st.one_of(
        inner.map("not {}".format),
        inner.map("({})".format),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]} and {pair[1]}"),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]} or {pair[1]}"),
    ),
    max_leaves=4,
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a rule; some of them are none, because a modifier and a value do not go together."""
    named = {name: draw(selections) for name in ("s_1", "s_2", "f_1")}
    condition = draw(st.one_of(conditions, st.lists(conditions, min_size=2, max_size=2)))
    return {"title": "T", "logsource": {"product": "twin"}, "detection": {**named, "condition": condition}}


@dataclass(frozen=True)
class Batch:
    """Rows as an engine sees them and as a person reads them."""

    records: Records
    rows: Sequence[Mapping[str, Cell]]


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Draw rows with their raw records, as JSON or as lines of text."""
    drawn = draw(st.lists(rows, min_size=1, max_size=6))
    structured = draw(st.booleans())
    write = draw(st.sampled_from([_as_ascii, _as_unicode, _with_needless_escapes, _cut_off, _not_quite_json]))
    raw = [write({name: _plain(cell) for name, cell in row.items() if cell is not ABSENT}) for row in drawn]
    return Batch(Records(Frame.of(drawn), raw, structured), drawn)


def _as_ascii(row: dict[str, object]) -> bytes:
    return json.dumps(row).encode()


def _as_unicode(row: dict[str, object]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _with_needless_escapes(row: dict[str, object]) -> bytes:
    """Escape what need not be: ``b`` and ``B`` are in no word of JSON itself, and a backslash before them is written twice."""
    return json.dumps(row).replace("b", "\\u0062").replace("B", "\\U0042".lower()).replace("/", "\\/").encode()


def _cut_off(row: dict[str, object]) -> bytes:
    return json.dumps(row).encode()[:-1]


def _not_quite_json(row: dict[str, object]) -> bytes:
    return b'{"z": NaN, "z": Infinity, ' + json.dumps(row).encode()[1:] if row else b"NaN"


def _plain(cell: Cell) -> object:
    return list(cell) if isinstance(cell, tuple) else cell
