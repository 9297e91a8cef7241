"""What the matcher promises beyond firing on the right rows: evidence, missing fields, bounds, shared work."""

from __future__ import annotations

import json
import time
from array import array
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.rules import load
from bartizan.rules.contract import Hit, Records
from bartizan.rules.match import memory
from bartizan.schema.columns import ABSENT, Cell, Column, Frame
from bartizan.schema.expressions import combine, field
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bartizan.rules.contract import Bound
    from bartizan.rules.ruleset import LoadedRules

VIEW = View(Logsource("p"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def ruleset(folder: Path, *detections: Mapping[str, Any]) -> LoadedRules:
    path = folder / "rules.yml"
    documents = [{"title": f"r{n}", "logsource": {"product": "p"}, "detection": one} for n, one in enumerate(detections)]
    path.write_text("\n---\n".join(map(json.dumps, documents)))
    loaded = load([path], cache=folder / "cache")
    assert loaded.refused == []
    return loaded


def bound_to(folder: Path, *detections: Mapping[str, Any], view: View = VIEW) -> Bound:
    return ruleset(folder, *detections).bind([view])


def asking(**fields: object) -> dict[str, object]:
    return {"s": {name.replace("__", "|"): value for name, value in fields.items()}, "condition": "s"}


def records(*rows: Mapping[str, Cell], raw: Sequence[bytes] | None = None, structured: bool = True) -> Records:
    return Records(Frame.of(rows), raw or [b"{}"] * len(rows), structured)


def rows_of(hits: Sequence[Hit]) -> list[tuple[int, list[int]]]:
    return [(hit.rule, hit.rows.tolist()) for hit in hits]


def test_a_hit_names_the_fields_that_made_it_with_their_values(folder: Path) -> None:
    bound = bound_to(
        folder,
        {
            "a": {"Image|endswith": "\\cmd.exe", "CommandLine|contains|all": ["/c", "whoami"]},
            "b": {"User": "root", "Image": "*"},
            "c": {"Never": None},
            "not_d": {"Parent": "x"},
            "condition": "(a or b) and c and not not_d",
        },
    )
    row = {"Image": "C:\\cmd.exe", "CommandLine": "cmd /c WHOAMI", "User": "Root", "Parent": "y", "Other": 1}
    hits = bound.match(records(row, {**row, "User": "x"}, {**row, "Image": "C:\\sh"}, {**row, "Parent": "X"}))
    assert hits == [
        Hit(
            0,
            array("i", [0, 1, 2]),
            [
                {"Image": "C:\\cmd.exe", "CommandLine": "cmd /c WHOAMI", "User": "Root"},
                {"Image": "C:\\cmd.exe", "CommandLine": "cmd /c WHOAMI"},
                {"Image": "C:\\sh", "User": "Root"},
            ],
        )
    ]


def test_a_hit_by_keyword_shows_the_text_around_it(folder: Path) -> None:
    bound = bound_to(
        folder,
        {"k": ["Needle"], "condition": "k"},
        {"k": ["a*needle"], "condition": "k"},
        {"k": {"|re": "ne{2}dle"}, "condition": "k"},
        {"k": {"|cased": "needle"}, "condition": "k"},
    )
    long = "a" + "x" * 300 + "needle" + "y" * 300
    hits = bound.match(records({}, {}, raw=[json.dumps({"m": ["other", {"t": long}]}).encode(), b'{"needle": 1}']))
    near = ("x" * 50 + "needle" + "y" * 300)[:200]
    assert hits == [
        Hit(0, array("i", [0]), [{"keyword": near}]),
        Hit(1, array("i", [0]), [{"keyword": long[:200]}]),
        Hit(2, array("i", [0]), [{"keyword": near}]),
        Hit(3, array("i", [0]), [{"keyword": near}]),
    ]


def test_hits_come_in_rule_order_with_rows_ascending_whatever_made_them(folder: Path) -> None:
    bound = bound_to(folder, asking(a__re="x.*y"), asking(a=["x1y", "x2y"]), asking(a__contains="x"))
    rows = [{"a": f"x{number % 3}y"} for number in range(9)]
    assert rows_of(bound.match(records(*rows))) == [(0, list(range(9))), (1, [1, 2, 4, 5, 7, 8]), (2, list(range(9)))]


def test_a_column_the_batch_lacks_is_absent_in_every_row(folder: Path) -> None:
    bound = bound_to(folder, asking(a="x"), asking(a=None), asking(a__exists=False), asking(a__neq="x"), asking(a__fieldref="b"))
    assert rows_of(bound.match(records({"b": 1}))) == [(1, [0]), (2, [0]), (3, [0])]
    assert rows_of(bound.match(records({"a": "x"}))) == [(0, [0])]


def test_values_that_no_row_uses_are_passed_over(folder: Path) -> None:
    bound = bound_to(folder, asking(a="x"), asking(a="y"))
    column = Column(array("i", [2, 2]), ["x", "z", "y", ABSENT, "w"])
    assert rows_of(bound.match(Records(Frame(2, {"a": column}), [b"", b""], structured=True))) == [(1, [0, 1])]


def test_an_empty_batch_and_a_bound_without_rules_give_nothing(folder: Path) -> None:
    loaded = ruleset(folder, asking(a="x"))
    assert list(loaded.bind([VIEW]).match(records())) == []
    other = loaded.bind([View(Logsource("q"))])
    assert (list(other.match(records({"a": "x"}))), other.rules, other.fields) == ([], (), frozenset())


def test_names_are_looked_up_through_the_view_that_serves_the_rule_first(folder: Path) -> None:
    view = View(Logsource("p"), {"a": "native", "b": combine(lambda one, two: f"{one}-{two}", "one", "two")})
    bound = bound_to(folder, asking(a="x", b="1-2"), asking(a__fieldref="b"), view=view)
    assert bound.fields == {"native", "one", "two"}
    hits = bound.match(records({"native": "x", "one": 1, "two": 2, "a": "y"}, {"native": "1-2", "one": 1, "two": 2}))
    assert hits == [Hit(0, array("i", [0]), [{"a": "x", "b": "1-2"}]), Hit(1, array("i", [1]), [{"a": "1-2"}])]


def test_routes_that_give_the_same_fields_share_what_is_built(folder: Path) -> None:
    loaded = ruleset(folder, asking(a="x"))
    same = loaded.bind([View(Logsource("p"), {"unused": "z"})])
    assert loaded.bind([VIEW]) is same
    assert loaded.bind([View(Logsource("p"), {"a": "z"})]) is not same


@pytest.mark.parametrize(
    ("detection", "present", "missing"),
    [
        (asking(a="x", b="y"), ["a", "b"], ()),
        (asking(a="x", b="y"), ["a"], ("b",)),
        (asking(a="x", b="y"), [], ("a", "b")),
        (asking(a__neq="x"), [], ()),
        (asking(a=None), [], ()),
        (asking(a__exists=True), [], ("a",)),
        (asking(a__fieldref="b"), ["a"], ("b",)),
        (asking(a__fieldref="b"), ["b"], ("a",)),
        (asking(a__fieldref="b"), ["a", "b"], ()),
        (asking(a__contains__all=["x", "y"]), ["a"], ()),
        ({"s": {"a": "x"}, "t": {"b": "y"}, "condition": "s or t"}, ["a"], ()),
        ({"s": {"a": "x"}, "t": {"b": "y"}, "condition": "s or t"}, [], ("a", "b")),
        ({"k": ["word"], "condition": "k"}, [], ()),
        ({"k": ["word"], "s": {"a": "x"}, "condition": "k and s"}, [], ("a",)),
    ],
)
def test_a_rule_that_cannot_be_true_names_the_fields_it_misses(
    folder: Path, detection: Mapping[str, Any], present: list[str], missing: tuple[str, ...]
) -> None:
    assert bound_to(folder, detection).missing(0, frozenset(present)) == missing


def test_a_field_computed_from_columns_is_missing_where_all_of_them_are(folder: Path) -> None:
    view = View(Logsource("p"), {"a": field("native", str.lower), "b": combine(lambda _cell: "constant", "native")})
    bound = bound_to(folder, asking(a="x"), asking(b="constant"), view=view)
    assert [bound.missing(rule, frozenset()) for rule in (0, 1)] == [("a",), ()]


def test_what_is_remembered_is_bounded_and_forgetting_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_ENTRIES", 300)
    loaded = ruleset(folder, asking(a__contains="7", b__re="1.*2"), asking(a__startswith="v1"))
    bound = loaded.bind([VIEW])
    for start in range(0, 2_000, 100):
        values = [f"v{number}" for number in range(start, start + 100)]
        hits = bound.match(records(*({"a": value, "b": f"1{value}2"} for value in values)))
        wanted = [row for row, value in enumerate(values) if "7" in value], [row for row, value in enumerate(values) if value[1] == "1"]
        assert rows_of(hits) == [(rule, rows) for rule, rows in enumerate(wanted) if rows]
    assert loaded._memory.cleared > 3
    assert loaded._memory.entries < 1_000


def test_long_values_are_not_remembered(folder: Path) -> None:
    loaded = ruleset(folder, asking(a__contains="needle"), asking(a__re="need.*le"))
    bound = loaded.bind([VIEW])
    bound.match(records({"a": "x"}))
    before = loaded._memory.characters
    assert rows_of(bound.match(records({"a": "x" * 10_000 + "needle"}))) == [(0, [0]), (1, [0])]
    assert loaded._memory.characters - before < 100


HOSTILE: dict[str, Cell] = {
    "a million letters": "a" * 1_000_000,
    "a million short words": "-a " * 333_333,
    "a literal again and again": "needle" * 150_000,
    "brackets for a pattern that repeats repeats": "a" + ")" * 100_000,
    "letters for a pattern with a tail": "b" + "a" * 200_000,
    "lone surrogates": "\ud800needle\udfff",
    "nothing but NUL": "\0" * 1_000,
    "a text that looks like a pattern": "*?" * 5_000 + "(.*)+$[",
    "letters that other letters lower to": "\u0130\u017f\u03a3\u212a needle",
    "a list of many": tuple(f"v{number}" for number in range(20_000)),
    "a deep mapping": {"a": {"b": ({"c": None}, ABSENT, "needle")}},
    "a number without end": 10**4_000,
    "no number": float("nan"),
    "a digit beyond ASCII": "\u0663",
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_value_takes_no_time_and_breaks_nothing(folder: Path, value: Cell) -> None:
    asked = ["(?:.*\\)){1,}.*z", "a.*b.*c.*d", "[^/]{100,}$", "(a|b|ab)*c", "x+x+y"]
    bound = bound_to(
        folder,
        *(asking(a__re=pattern) for pattern in asked),
        asking(a__contains=["a", "-a", "e*d?e"]),
        asking(a__cidr="192.0.2.0/24"),
        asking(a__gt=5),
        asking(a__hour=3),
        asking(a__contains__cased="Needle"),
        {"k": ["e*z*q", "needle"], "condition": "k"},
    )
    begun = time.process_time()
    raw = str(value)[:100_000].encode("utf-8", "surrogatepass") if not isinstance(value, int) else b"1"
    for structured in (True, False):
        bound.match(records({"a": value}, {"a": "x"}, raw=[raw, b"x"], structured=structured))
    assert time.process_time() - begun < 30


def test_a_keyword_is_found_whatever_way_json_writes_it(folder: Path) -> None:
    bound = bound_to(
        folder,
        {"k": ['ab/c"d', "\\w\\x", "kelvin", "1000.0", "line\nbreak", "caf\u00e9"], "condition": "k"},
        {"k": {"|re": "(?i)is+ue"}, "condition": "k"},
    )
    raw = [
        b'{"a": "AB\\/C\\"D"}',
        b'{"a": "ab/c\\u0022d"}',
        b'{"a": "\\\\W\\\\X"}',
        b'{"a": "\\u212Aelvin"}',
        '{"a": "\u212aelvin"}'.encode(),
        b'{"a": 1E3}',
        b'{"a": "line\\nbreak"}',
        b'{"a": "CAF\\u00c9"}',
        '{"a": "\u0131\u017f\u017fue"}'.encode(),
        b'{"a": "\\u0131\\u017fue"}',
        b'{"kelvin": 1}',
        b'{"a": "ab", "b": "/c\\"d"}',
        b"kelvin, but no JSON",
    ]
    hits = bound.match(records(*[{}] * len(raw), raw=raw))
    assert rows_of(hits) == [(0, [0, 1, 2, 3, 4, 5, 6, 7, 12]), (1, [8, 9])]


def test_a_keyword_of_a_text_log_is_found_in_the_line(folder: Path) -> None:
    bound = bound_to(
        folder, {"k": ["failed password", "\u00fcber"], "condition": "k"}, {"k": ["*"], "condition": "k"}, {"k": ["1*2"], "condition": "k"}
    )
    lines = [b"sshd: Failed PASSWORD for x", b"nothing", "\u00dcBER".encode(), b"\xff\xfe failed password", b"1 and 2", b""]
    hits = bound.match(records(*[{}] * 6, raw=lines, structured=False))
    assert rows_of(hits) == [(0, [0, 2, 3]), (1, [0, 1, 2, 3, 4, 5]), (2, [4])]


def test_keywords_are_found_across_thousands_of_records(folder: Path) -> None:
    bound = bound_to(folder, {"k": ["needle"], "condition": "k"})
    raw = [json.dumps({"a": "x" * 3_000 + ("NEEDLE" if number % 500 == 7 else "")}).encode() for number in range(2_000)]
    assert rows_of(bound.match(records(*[{}] * 2_000, raw=raw))) == [(0, [7, 507, 1007, 1507])]


def test_a_batch_of_more_combinations_than_64_bits_hold_is_sorted_apart(folder: Path) -> None:
    names = [f"f{number}" for number in range(40)]
    bound = bound_to(folder, *(asking(**{name: [f"v{value}" for value in range(40)], f"{name}__contains": "v"}) for name in names))
    rows = [{name: f"v{(row * 7 + place) % 40}" if row != place else "no" for place, name in enumerate(names)} for row in range(60)]
    hits = bound.match(records(*rows))
    assert rows_of(hits) == [(rule, [row for row in range(60) if row != rule]) for rule in range(40)]
