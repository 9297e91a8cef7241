from __future__ import annotations

import json
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import yaml
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule
from sigma.types import SigmaFieldReference, SigmaString

from bartizan.rules.contract import Hit, Records
from bartizan.rules.reference import Difference, ReferenceRule, Verdict, differences, matches, reference_bound, reference_rule
from bartizan.rules.reference.reading import documents_in, sigma_rule
from bartizan.rules.reference.texts import texts_of
from bartizan.rules.reference.tree import tree_of
from bartizan.rules.reference.values import text_in
from bartizan.schema.columns import ABSENT, Cell, Frame
from bartizan.schema.expressions import combine, first
from bartizan.schema.expressions import field as native
from bartizan.schema.logsource import Logsource, View

if TYPE_CHECKING:
    from collections.abc import Sequence

SELECTION = "{title: T, logsource: {product: windows, category: process_creation}, detection: {s: {Image: x, User: y}, condition: s}}"
KEYWORDS = "{title: T, logsource: {product: windows}, detection: {s: {a: 1}, k: [needle], condition: s or k}}"


def rule(text: str) -> ReferenceRule:
    return reference_rule(yaml.safe_load(text))


def asking(**detection: object) -> ReferenceRule:
    return reference_rule({"title": "T", "logsource": {"product": "windows"}, "detection": detection})


def records(*rows: dict[str, Cell]) -> Records:
    return Records(Frame.of(rows), [json.dumps(row).encode() for row in rows], structured=True)


WINDOWS = (View(Logsource("windows", "process_creation", "sysmon")),)


def test_a_rule_is_judged_as_pysigma_reads_it() -> None:
    read = SigmaRule.from_dict(yaml.safe_load(SELECTION))
    assert matches(read, {"Image": "X", "User": "Y", "b": 1}) == Verdict(fires=True, matched={"Image": "X", "User": "Y"})
    assert matches(read, {"Image": "X"}) == Verdict(fires=False)


def test_only_what_supports_a_hit_is_matched() -> None:
    tree = asking(p={"a": 1, "b": 2}, q={"c": 3}, f={"d": 4}, n={"e": None}, condition="(p or q) and not f and n").tree
    assert matches(tree, {"a": 1, "c": "3", "d": 5, "e": None}).matched == {"c": "3", "e": None}
    assert matches(tree, {"a": 1, "b": 2, "c": "3"}).matched == {"a": 1, "b": 2, "c": "3"}


def test_a_keyword_is_matched_under_its_own_name_with_the_text_around_it() -> None:
    tree = asking(k=["needle"], condition="k").tree
    assert matches(tree, {}, lambda: ["hay", "a Needle"]).matched == {"keyword": "a Needle"}
    long = "x" * 500 + "needle" + "y" * 500
    assert matches(tree, {}, lambda: [long]).matched == {"keyword": "x" * 50 + "needle" + "y" * 144}


def test_a_rule_is_bound_to_the_first_view_that_serves_it() -> None:
    other = View(Logsource("linux"))
    first = View(Logsource("windows", "process_creation"), {"Image": "NewProcessName"})
    second = View(Logsource("windows", "process_creation"), {"Image": "wrong"})
    bound = reference_bound({4: rule(SELECTION), 7: asking(s={"z": 1}, condition="s")}, (other, first, second))
    assert bound.rules == (4, 7)
    assert bound.fields == {"NewProcessName", "User", "z"}
    assert bound.match(records({"NewProcessName": "x", "User": "y"}, {"Image": "x", "User": "y"})) == [
        Hit(4, array("i", [0]), [{"Image": "x", "User": "y"}])
    ]
    assert reference_bound({4: rule(SELECTION)}, (other,)).rules == ()


@pytest.mark.parametrize("plain", [True, False])
def test_an_alias_can_be_computed(plain: bool) -> None:  # noqa: FBT001 - a parameter of the test
    upper = native("proc", lambda cell: f"{cell}.EXE")
    both = combine(lambda a, b: ABSENT if a is ABSENT or b is ABSENT else f"{a}{b}", "domain", "name")
    view = View(Logsource("windows", "process_creation"), {"Image": upper, "User": both})
    text = "{title: T, logsource: {product: windows}, detection: {s: {Image: 'a.exe', User: 'de'}, condition: s}}"
    bound = reference_bound({0: rule(text)}, (view,), plain=plain)
    rows = records({"proc": "A", "domain": "d", "name": "e"}, {"proc": "A", "domain": "d"}, {"name": "e"})
    assert bound.fields == {"proc", "domain", "name"}
    assert bound.match(rows) == [Hit(0, array("i", [0]), [{"Image": "A.EXE", "User": "de"}])]


def test_columns_that_a_batch_lacks_are_absent() -> None:
    bound = reference_bound({0: asking(s={"a": None}, condition="s")}, WINDOWS)
    assert bound.match(Records(Frame(2, {}), [b"{}", b"{}"], structured=True)) == [Hit(0, array("i", [0, 1]), [{}, {}])]
    assert bound.match(Records(Frame(0, {}), [], structured=True)) == []


def test_keywords_are_looked_for_in_the_raw_record() -> None:
    bound = reference_bound({0: rule(KEYWORDS)}, WINDOWS)
    frame = Frame.of([{"a": 1}, {"a": 2}, {"a": 2}])
    raw = [b"{}", b'{"x": ["a needle"]}', b'{"needle": 1}']
    assert bound.match(Records(frame, raw, structured=True)) == [Hit(0, array("i", [0, 1]), [{"a": 1}, {"keyword": "a needle"}])]


def test_texts_are_the_leaves_of_json_and_the_whole_of_a_line() -> None:
    assert texts_of(b'{"a": ["x", 1, 2.5, true, null, {"b": "y"}], "c": "z"}', structured=True) == ("x", "1", "2.5", "true", "y", "z")
    assert texts_of(b"a \xff line", structured=False) == ("a \ufffd line",)
    assert texts_of(b'{"a": "cut o', structured=True) == ('{"a": "cut o',)
    assert texts_of(b"[" * 100_000, structured=True) == ("[" * 100_000,)
    assert texts_of(b'"\\ud800"', structured=True) == ("\ud800",)


def test_a_field_that_is_missing_is_named_when_the_rule_cannot_be_true_without_it() -> None:
    bound = reference_bound(
        {
            0: rule(SELECTION),
            1: asking(s={"a": 1}, t={"b": 1}, condition="s or t"),
            2: asking(s={"a": None}, t={"b": 1}, condition="s or t"),
            3: asking(s={"a": 1}, f={"b": 1}, condition="s and not f"),
            4: asking(f={"b": None}, condition="not f"),
            5: asking(s={"a|fieldref": "b"}, condition="s"),
            6: asking(k=["x"], s={"a": 1}, condition="k or s"),
            7: asking(s={"a|neq": 1}, condition="s"),
        },
        WINDOWS,
    )
    present = frozenset({"User", "c"})
    assert {number: bound.missing(number, present) for number in bound.rules} == {
        0: ("Image",),
        1: ("a", "b"),
        2: (),
        3: ("a",),
        4: ("b",),
        5: ("a", "b"),
        6: (),
        7: (),
    }
    assert bound.missing(5, frozenset({"a"})) == ("b",)
    assert bound.missing(0, frozenset({"User", "Image"})) == ()


def test_missing_fields_are_told_by_the_names_of_the_rule_and_looked_up_by_their_aliases() -> None:
    view = View(Logsource("windows", "process_creation"), {"Image": first("p", "q"), "User": "u"})
    bound = reference_bound({0: rule(SELECTION)}, (view,))
    assert bound.missing(0, frozenset({"q"})) == ("User",)
    assert bound.missing(0, frozenset({"u"})) == ("Image",)
    assert bound.missing(0, frozenset({"u", "p"})) == ()


def test_a_filter_must_hold_beside_the_rule() -> None:
    item = {"title": "F", "logsource": {"product": "windows"}, "filter": {"rules": "any", "f": {"User": "root"}, "condition": "not f"}}
    read = reference_rule(yaml.safe_load(SELECTION.replace("User: y", "User: '*'")), filters=[item])
    assert matches(read.tree, {"Image": "x", "User": "a"}).fires
    assert not matches(read.tree, {"Image": "x", "User": "root"}).fires


def test_what_no_rule_can_ask_is_an_error() -> None:
    with pytest.raises(TypeError, match="no rule can ask for a SigmaFieldReference of 'x'"):
        text_in(SigmaFieldReference("a"), "x")
    with pytest.raises(TypeError, match="unhashable type: 'Placeholder'"):
        text_in(SigmaString("%P%").insert_placeholders(), "x")
    empty = reference_rule_of_no_condition()
    with pytest.raises(SigmaError, match="which is no name, no 'x of', and no operator"):
        tree_of(empty)
    with pytest.raises(SigmaError, match="placeholder %P% has no list"):
        asking(s={"a|expand": "%P%"}, condition="s")
    with pytest.raises(SigmaError, match="a keyword is a text, a number or a regular expression; give null and fieldref a field"):
        asking(s=[None], condition="s")
    with pytest.raises(SigmaError, match="the condition names 'q', and there is no such selection"):
        asking(p={"a": 1}, condition="q")


def reference_rule_of_no_condition() -> SigmaRule:
    """Make a rule whose condition pySigma would never make."""
    read = sigma_rule({"title": "T", "logsource": {"product": "x"}, "detection": {"s": {"a": 1}, "condition": "s"}})
    read.detection.parsed_condition[0].parse = lambda **_: 7  # type: ignore[method-assign, assignment, misc]  # it is meant to be wrong
    return read


def test_the_documents_before_a_broken_one_are_read() -> None:
    assert documents_in(b"a: 1\n---\nb: 2\n---\nc: [\n") == [{"a": 1}, {"b": 2}]
    assert documents_in(b"a: 1\n---\nb: 2\n") == [{"a": 1}, {"b": 2}]


@dataclass
class _Fixed:
    """An engine that always finds the same."""

    hits: Sequence[Hit]
    rules: Sequence[int] = ()
    fields: frozenset[str] = field(default_factory=frozenset)

    def match(self, _records: Records) -> Sequence[Hit]:
        return self.hits

    def missing(self, _rule: int, _present: frozenset[str]) -> tuple[str, ...]:
        return ()


def test_each_row_that_only_one_engine_has_is_a_difference() -> None:
    one = _Fixed([Hit(1, array("i", [0, 2]), [{}, {}]), Hit(3, array("i", [5]), [{}])])
    two = _Fixed([Hit(1, array("i", [0, 1]), [{}, {}])])
    assert differences(one, two, records()) == [
        Difference(1, 1, fast=False, naive=True),
        Difference(1, 2, fast=True, naive=False),
        Difference(3, 5, fast=True, naive=False),
    ]
    assert differences(one, one, records()) == []
