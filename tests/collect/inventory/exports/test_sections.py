"""What kinds say to readers of exports is found where it stands, and names are looked up as JMESPath would."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.collect.inventory.exports.sections import sections
from bartizan.collect.inventory.exports.unresolved import Unresolved
from bartizan.collect.inventory.kinds import kinds

PATHS = {
    path.text: path
    for provider in ("azure", "gcp")
    for entries in sections(provider).values()
    for entry in entries
    for taking in entry.takings
    for path in taking.paths
}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["properties", "enabled", "state", "name", "settings", "sku"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("provider", ["azure", "gcp"])
def test_every_property_that_an_export_gives_is_one_of_its_kind(provider: str) -> None:
    for (owner, name), kind in kinds().items():
        if owner == provider:
            given_ = {prop for entry in kind.sections["export"] for prop in entry.get("gives", {})}
            assert given_ <= kind.properties.keys(), name


def test_most_paths_are_nothing_but_names() -> None:
    assert sum(bool(path.names) for path in PATHS.values()) > len(PATHS) / 2


@settings(max_examples=60, deadline=None, derandomize=True)
@given(value=VALUES, number=st.integers(0, 10_000))
def test_names_are_looked_up_as_jmespath_looks_them_up(value: Any, number: int) -> None:  # noqa: ANN401 - anything that JSON holds
    named = [path for path in PATHS.values() if path.names]
    path = named[number % len(named)]
    assert path.find(value, whole=True) == path.compiled.search(value)


def test_whatever_an_expression_asks_of_what_is_not_resolved_is_not_resolved() -> None:
    unknown = Unresolved("[reference('x')]")
    asking = [path for path in PATHS.values() if path.begin]
    assert [path.text for path in asking if not isinstance(path.find(unknown), Unresolved)] == []


@pytest.mark.parametrize(
    ("type_", "value", "found"),
    [
        ("microsoft.compute/disks", {"properties": {"diskSizeGB": "64"}}, {"size_gb": 64}),
        ("microsoft.compute/disks", {"properties": {"diskSizeGB": True}}, {}),
        ("microsoft.compute/disks", {"properties": {"diskSizeGB": "many"}}, {}),
        ("microsoft.compute/disks", {"properties": {"diskState": ["a"]}}, {}),
        ("microsoft.compute/disks", {"properties": {"diskState": True}}, {"state": "true"}),
        ("microsoft.network/networkinterfaces", {"properties": {"enableIPForwarding": "True"}}, {"ip_forwarding": True}),
        ("microsoft.insights/activitylogalerts", {"properties": {"scopes": "one"}}, {"scopes": ["one"]}),
    ],
)
def test_a_value_is_taken_as_its_type_or_not_at_all(type_: str, value: Any, found: dict[str, Any]) -> None:  # noqa: ANN401 - anything that JSON holds
    (section,) = (entry for entry in sections("azure")[type_] if not entry.of)
    given_ = section.given(value)
    asked = {"size_gb", "state", "ip_forwarding", "scopes"}
    told = {name: one for name, one in given_.properties.items() if name in asked and one is not False}
    assert told == found
    if not found:
        assert [why for name, why in given_.unknown.items() if name in asked] != []
