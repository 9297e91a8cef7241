"""What is proved of a condition is so in the matcher that follows the specification."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bartizan.rules.compile import compiled
from bartizan.rules.logic import dead_branches, impossible
from bartizan.rules.logic.predicates import excludes, implies
from bartizan.rules.logic.proof import Known
from bartizan.rules.plan import AllOf, AnyOf, Compiled, Node, Not
from bartizan.rules.plan import Test as Asked
from bartizan.rules.reference import reference_rule
from bartizan.rules.reference.matcher import matches
from bartizan.schema.columns import ABSENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.schema.columns import Cell

MODIFIERS = (
    "",
    "|contains",
    "|startswith",
    "|endswith",
    "|cased",
    "|contains|cased",
    "|re",
    "|lt",
    "|gte",
    "|cidr",
    "|exists",
    "|neq",
    "|contains|all",
)
VALUES = ["", "a", "A", "ab", "b", "aB", "a*", "*b", "a*b", "?", "*", "ba", 5, 5.0, 7, "5", "7.0", None, True, "ß", "ΑΣ", "ας"]
NETWORKS = ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24", "::/0"]
CELLS = [*(value for value in VALUES if not isinstance(value, bool)), ABSENT, "10.1.2.3", "192.0.2.1", "x", 6, "abab", "BA"]


@st.composite
def selections(draw: st.DrawFn) -> dict[str, object]:
    found: dict[str, object] = {}
    for name in draw(st.lists(st.sampled_from(["f", "g"]), min_size=1, max_size=2, unique=True)):
        modifier = draw(st.sampled_from(MODIFIERS))
        found[name + modifier] = draw(_values(modifier))
    return found


def _values(modifier: str) -> st.SearchStrategy[object]:
    plain = {"|exists": [True, False], "|cidr": NETWORKS, "|lt": [4, 5, 6], "|gte": [4, 5, 6]}
    if modifier in plain:
        return st.sampled_from(plain[modifier])
    texts = [value for value in VALUES if isinstance(value, str)]
    if modifier.endswith("|all"):
        return st.lists(st.sampled_from(["a", "b", "ab"]), min_size=2, max_size=2, unique=True)
    if modifier == "|re":
        return st.sampled_from(["a", "^b$", "a.*b"])
    known = VALUES if modifier in {"", "|neq"} else texts
    return st.one_of(st.sampled_from(known), st.lists(st.sampled_from(known), min_size=1, max_size=3))


CONDITIONS = (
    "s and not t",
    "s and t",
    "s or t",
    "not s and not t",
    "not (s or not t)",
    "s and not 1 of them",
    "all of them",
    "not (s and t)",
    "s and u or t",
)
LISTS = st.lists(st.sampled_from(CELLS).filter(lambda cell: cell is not ABSENT), max_size=3).map(tuple)
ROWS = {
    "any": st.fixed_dictionaries({"f": st.one_of(st.sampled_from(CELLS), LISTS), "g": st.one_of(st.sampled_from(CELLS), LISTS)}),
    "single": st.fixed_dictionaries({"f": st.sampled_from(CELLS), "g": st.sampled_from(CELLS)}),
}


def document(s: object, t: object, u: object, condition: str) -> dict[str, object]:
    asked = {"s": s, "t": t, "u": u, "condition": condition}
    return {"title": "x", "logsource": {"product": "p"}, "detection": asked}


def plan(told: dict[str, object]) -> Node | None:
    import yaml

    [outcome] = compiled(yaml.safe_dump(told, allow_unicode=True).encode(), {})
    return outcome.condition if isinstance(outcome, Compiled) else None


@settings(max_examples=300, deadline=None)
@given(selections(), selections(), selections(), st.sampled_from(CONDITIONS), st.data())
def test_what_is_proved_impossible_never_matches(s: object, t: object, u: object, condition: str, data: st.DataObject) -> None:
    told = document(s, t, u, condition)
    node = plan(told)
    assume(node is not None)
    assert node is not None
    proofs = [
        (single, wanted) for single in (False, True) for wanted in (True, False) if impossible(node, Known(single=single), wanted=wanted)
    ]
    rule = reference_rule(told) if proofs else None
    for single, wanted in proofs:
        for row in data.draw(st.lists(ROWS["single" if single else "any"], min_size=5, max_size=20)):
            assert rule is not None
            assert matches(rule.tree, row).fires is not wanted, (row, single, wanted)


@settings(max_examples=200, deadline=None)
@given(selections(), selections(), selections(), st.sampled_from(CONDITIONS), st.data())
def test_a_branch_that_is_called_dead_can_be_taken_out(s: object, t: object, u: object, condition: str, data: st.DataObject) -> None:
    node = plan(document(s, t, u, condition))
    assume(node is not None)
    assert node is not None
    dead = [one for one in dead_branches(node) if one.kind != "whole"]
    if not dead:
        return
    before = reference_rule(document(s, t, u, condition))
    for one in dead:
        # The twin: what is left must judge every row alike. It is judged by the plan, which other tests hold to the reference.
        after = _without(node, one.node)
        for row in data.draw(st.lists(ROWS["single" if one.single else "any"], min_size=5, max_size=20)):
            assert _true(after, row) is matches(before.tree, row).fires, (row, one)


def _without(node: Node, gone: Node) -> Node | bool:
    """Put False in the place of a node."""
    if node is gone:
        return False
    if isinstance(node, Not):
        part = _without(node.part, gone)
        return (not part) if isinstance(part, bool) else Not(part)
    if isinstance(node, Asked):
        return node
    parts = [_without(part, gone) for part in node.parts]
    stop = isinstance(node, AnyOf)
    if any(part is stop for part in parts):
        return stop
    kept = tuple(part for part in parts if not isinstance(part, bool))
    return (AnyOf(kept) if stop else AllOf(kept)) if kept else not stop


def _true(node: Node | bool, row: dict[str, Cell]) -> bool:  # noqa: FBT001 - what _without gives
    from bartizan.rules.contract import Records
    from bartizan.rules.match import FastBound, Memory
    from bartizan.schema.columns import Frame
    from bartizan.schema.logsource import Logsource, View

    if isinstance(node, bool):
        return node
    records = Records(Frame.of([row]), [b"{}"], structured=True)
    return bool(FastBound([(0, node, View(Logsource("p")))], Memory()).match(records))


def proved(s: object, t: object, condition: str) -> Sequence[tuple[str, bool]]:
    node = plan(document(s, t, {"u": 1}, condition))
    assert node is not None
    return [(one.kind, one.single) for one in dead_branches(node)]


@pytest.mark.parametrize(
    ("s", "t", "condition", "expected"),
    [
        ({"Image|endswith": "\\a.exe"}, {"Image|endswith": ["\\a.exe", "\\b.exe"]}, "s and not t", [("whole", False)]),
        ({"Image": "C:\\x\\a.exe"}, {"Image|contains": "\\x\\"}, "s and not t", [("whole", False)]),
        ({"Image|endswith": "\\a.exe"}, {"Image": "C:\\b.exe"}, "s and t", [("whole", True)]),
        ({"Image|endswith": "\\a.exe"}, {"Image|endswith": "\\b.exe"}, "s and not t", [("filter", True)]),
        ({"Image|endswith": "\\a.exe"}, {"Image|endswith": "a.exe"}, "s and not t", [("whole", False)]),
        ({"EventID": 1}, {"EventID": 3}, "s and t", [("whole", True)]),
        ({"EventID": "1"}, {"EventID": 1}, "s and not t", [("whole", False)]),
        ({"p|gt": 5}, {"p|lt": 5}, "s and t", [("whole", True)]),
        ({"ip|cidr": "10.1.0.0/16"}, {"ip|cidr": "10.0.0.0/8"}, "s and not t", [("whole", False)]),
        ({"a": None}, {"a|exists": True}, "s and t", []),
        ({"a|exists": False}, {"a": "*"}, "s and t", [("whole", False)]),
        ({"a|contains|all": ["x", "y"]}, {"a|contains": "y"}, "s and not t", [("whole", False)]),
        ({"a|startswith|all": ["x", "y"]}, {"b": 1}, "s and t", [("whole", True)]),
        ([{"a": 1}, {"a": 2}], {"a": 1}, "s and t", [("branch", True)]),
        ({"a|cased": "ΑΣ"}, {"a": "ας"}, "s and not t", []),
        ({"a": "x"}, {"a": "y"}, "s or t", []),
    ],
)
def test_branches_that_cannot_matter_are_found(s: object, t: object, condition: str, expected: list[tuple[str, bool]]) -> None:
    assert proved(s, t, condition) == expected


def test_a_condition_that_is_always_true_is_proved() -> None:
    node = plan(document({"a": "x"}, {"a|contains": "x"}, {"b": 1}, "t or not s"))
    assert node is not None
    assert impossible(node, Known(), wanted=False)


def test_lists_too_long_to_compare_are_taken_to_be_possible() -> None:
    many = [f"v{number}" for number in range(200)]
    assert proved({"a": many}, {"a": many}, "s and not t") == []


@settings(max_examples=300, deadline=None)
@given(selections(), selections())
def test_no_predicate_both_implies_and_excludes_another(s: dict[str, object], t: dict[str, object]) -> None:
    node = plan(document(s, t, {"u": 1}, "s and t"))
    assume(node is not None)
    tests = [test for test in _tests(node) if test.of]
    for one in (predicate for test in tests for predicate in test.of):
        for other in (predicate for test in tests for predicate in test.of):
            assert not (implies(one, other) and excludes(one, other)), (one, other)


def _tests(node: Node | None) -> list[Asked]:
    if isinstance(node, Asked):
        return [node]
    if isinstance(node, Not):
        return _tests(node.part)
    return [test for part in (node.parts if node is not None else ()) for test in _tests(part)]
