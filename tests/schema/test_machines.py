"""An address that a log gives for the name of a machine is its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bartizan.schema.columns import ABSENT, Cell, Column, Frame
from bartizan.schema.expressions import evaluate, field
from bartizan.schema.machines import placed

if TYPE_CHECKING:
    from collections.abc import Sequence

CELLS = st.sampled_from(["web-1", "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.7", "10.0.0", "", "a:b", 7, None, ABSENT])


def machines(names: Sequence[Cell], addresses: Sequence[Cell]) -> list[tuple[Cell, Cell]]:
    frame = Frame(len(names), {"name": Column.encode(names), "address": Column.encode(addresses)})
    found = evaluate({"device.hostname": field("name"), "device.ip": field("address")}, frame)
    return list(zip(found.column("device.hostname").cells(), found.column("device.ip").cells(), strict=True))


def test_an_address_given_for_a_name_is_the_address_unless_there_is_one() -> None:
    names = ["web-1", "192.0.2.1", "192.0.2.1", "2001:DB8::1", ABSENT]
    addresses = [ABSENT, ABSENT, "192.0.2.9", ABSENT, "192.0.2.8"]
    assert machines(names, addresses) == [
        ("web-1", ABSENT),
        (ABSENT, "192.0.2.1"),
        (ABSENT, "192.0.2.9"),
        (ABSENT, "2001:db8::1"),
        (ABSENT, "192.0.2.8"),
    ]


def test_a_column_of_nothing_but_addresses_leaves_no_names() -> None:
    frame = Frame(2, {"name": Column.encode(["192.0.2.1", "192.0.2.2"])})
    found = evaluate({"src_endpoint.hostname": field("name"), "query.hostname": field("name")}, frame)
    assert {name: list(column.cells()) for name, column in found.columns.items()} == {
        "src_endpoint.ip": ["192.0.2.1", "192.0.2.2"],
        "query.hostname": ["192.0.2.1", "192.0.2.2"],
    }


@given(st.lists(st.tuples(CELLS, CELLS), max_size=12))
def test_rows_do_not_know_of_each_other(rows: list[tuple[Cell, Cell]]) -> None:
    together = machines([name for name, _ in rows], [address for _, address in rows])
    assert together == [machines([name], [address])[0] for name, address in rows]


def test_members_of_objects_are_placed_alike() -> None:
    assert placed("src_endpoint.hostname", "::ffff:192.0.2.7") == ("src_endpoint.ip", "192.0.2.7")
    assert placed("src_endpoint.hostname", "web-1") == ("src_endpoint.hostname", "web-1")
    assert placed("http_request.url.hostname", "192.0.2.7") == ("http_request.url.hostname", "192.0.2.7")
