"""A record of any class of OCSF that comes as OCSF is kept in its class, with what it says of itself, and held to it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Context, Parsed
from bartizan.lake.declared import declare, table_of
from bartizan.schema import ocsf
from bartizan.schema.expressions import evaluate
from bartizan.schema.record import Details, Provenance, complete, nested
from bartizan.testing.ocsf_check import check_record

HERE = Provenance(now=1_800_000_000_000_000_000, modified=1_700_000_000.0, log_provider="ocsf")
CLASSES = [pytest.param(uid, id=f"{uid}-{known.name}") for uid in ocsf.class_uids() if (known := ocsf.class_of(uid)) is not None]
SPECIAL: dict[str, object] = {
    "boolean_t": True,
    "datetime_t": "2026-03-02T08:00:00Z",
    "email_t": "alice@example.com",
    "float_t": 0.5,
    "integer_t": 7,
    "ip_t": "203.0.113.9",
    "json_t": {"a": 1},
    "long_t": 7,
    "mac_t": "00:11:22:33:44:55",
    "port_t": 443,
    "subnet_t": "192.0.2.0/24",
    "timestamp_t": 1_772_438_400_000,
    "uuid_t": "c26dbea0-80d5-463b-b93c-4e8b708219ce",
}
SAID = frozenset(("class_uid", "category_uid", "type_uid", "activity_id", "severity_id", "time", "metadata"))


def source() -> Any:  # noqa: ANN401 - as the catalogue has it
    return catalogue().named("ocsf")


def sound(uid: int) -> dict[str, object]:
    """Return a record of a class with all that it cannot be without, and one more attribute of each kind that it may have."""
    known = ocsf.class_of(uid)
    assert known is not None
    record = filled(known.shape, 3)
    activity = next((number for number in known.shape.attributes["activity_id"].enum if number not in {"0", "99"}), "0")
    return {
        **record,
        "class_uid": uid,
        "category_uid": known.category_uid,
        "activity_id": int(activity),
        "type_uid": ocsf.type_uid(uid, int(activity)),
        "severity_id": 1,
        "time": 1_772_438_400_000,
        "metadata": {"version": ocsf.VERSION, "product": {"name": "Example", "vendor_name": "Example"}},
    }


def filled(shape: ocsf.Shape, levels: int, wanted: frozenset[str] = frozenset()) -> dict[str, object]:
    """Return an object with its required attributes, those that are wanted, and what its constraints ask for."""
    possible = [path for path in shape.at_least_one if path.partition(".")[0] in shape.attributes]
    asked = {*shape.just_one[:1], *possible[:1], *wanted}
    names = {path.partition(".")[0] for path in asked}
    own = [each for each in shape.attributes.values() if (each.requirement == "required" and not each.profiles) or each.name in names]
    below = {each.name: frozenset(path.partition(".")[2] for path in asked if path.startswith(f"{each.name}.")) for each in own}
    return {each.name: value(each, levels, below[each.name]) for each in own if each.name not in {"time_dt", "type_uid"}}


def value(attribute: ocsf.Attribute, levels: int, wanted: frozenset[str]) -> object:
    if attribute.is_object:
        known = attribute.kind != "object" and levels
        made: object = filled(ocsf.shape_of_object(attribute.kind), levels - 1, wanted) if known else {}
    elif attribute.enum:
        told = next((number for number in attribute.enum if number not in {"0", "99"}), "0")
        made = told if attribute.kind == "string_t" else int(told)
    else:
        made = SPECIAL.get(attribute.kind, "x")
    return [made] if attribute.is_array else made


def kept(record: dict[str, object]) -> tuple[Parsed, dict[str, Any]]:
    raw = json.dumps(record).encode()
    parsed = source().parse([raw], Context())
    (part,) = parsed.parts
    frame = complete(evaluate(part.route.ocsf, part.frame), HERE, Details(raw=[raw], native=part.frame))
    return parsed, nested(frame.row(0))


@pytest.mark.parametrize("uid", CLASSES)
def test_a_record_of_a_class_is_kept_in_it(uid: int) -> None:
    record = sound(uid)
    parsed, found = kept(record)
    assert (parsed.unparsed, dict(parsed.flawed), found["class_uid"]) == ({}, {}, uid)
    assert check_record(found) == []
    assert {name: found.get(name) for name in record if name not in SAID} == {
        name: item for name, item in record.items() if name not in SAID
    }


@pytest.mark.parametrize("uid", CLASSES)
def test_each_class_has_a_table_with_what_a_record_of_it_says(uid: int) -> None:
    tables = declare([route.ocsf for route in source().routes])
    columns = {leaf.path.partition(".")[0] for leaf in tables[table_of(uid)].leaves}
    assert [name for name in sound(uid) if name not in columns] == []


def test_a_record_that_lacks_what_its_class_asks_for_is_kept_in_it_and_told() -> None:
    record = {name: item for name, item in sound(6001).items() if name != "web_resources"}
    parsed, found = kept(record)
    assert (found["class_uid"], list(parsed.flawed.values())) == (6001, [f"web_resources is required and missing (OCSF {ocsf.VERSION})"])
