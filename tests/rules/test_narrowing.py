"""What is left of a plan where some fields are known asks the same of the records that have them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.rules.contract import Records
from bartizan.rules.match import FastBound, Memory
from bartizan.rules.narrowing import narrowed
from bartizan.rules.plan import AllOf, AnyOf, Node, Not, Null, Number, Text
from bartizan.rules.plan import Test as Asked  # pytest takes what is called Test for tests
from bartizan.schema.columns import Frame
from bartizan.schema.logsource import Logsource, View

VIEW = View(Logsource("x"), {"event": "id"})
PREDICATE = st.sampled_from([Text("is", "1"), Text("is", "2"), Text("in", "1"), Number(1), Number(2), Null()])
TEST = st.builds(
    Asked, st.sampled_from(["id", "event", "a", "b"]), st.lists(PREDICATE, min_size=1, max_size=2, unique=True).map(tuple), st.booleans()
)
NODE: st.SearchStrategy[Node] = st.recursive(
    TEST,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
    ),
    max_leaves=6,
)
CELL = st.sampled_from(["1", "2", "x", None])


def fired(node: Node, records: Records) -> list[int]:
    hits = FastBound([(0, node, VIEW)], Memory()).match(records)
    return list(hits[0].rows) if hits else []


@given(node=NODE, rows=st.lists(st.fixed_dictionaries({"id": st.just("1")}, optional={"a": CELL, "b": CELL}), min_size=1, max_size=4))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_a_narrowed_plan_is_true_of_the_same_records(node: Node, rows: list[dict[str, str | None]]) -> None:
    records = Records(Frame.of(rows), [b"{}"] * len(rows), structured=True)
    assert fired(narrowed(node, VIEW, {"id": "1"}), records) == fired(node, records)


def test_branches_about_another_event_are_gone() -> None:
    mine, other = (AllOf((Asked("event", (Number(number),)), Asked(name, (Text("is", "x"),)))) for number, name in ((1, "a"), (2, "b")))
    assert narrowed(AnyOf((mine, other)), VIEW, {"id": "1"}) == AnyOf((AllOf((Asked("a", (Text("is", "x"),)),)),))
