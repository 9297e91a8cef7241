"""Records that say they are OCSF are held to it: nothing wrong is taken in silence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Context
from bartizan.collect.mapped.held import flaws_of
from bartizan.schema.ocsf import VERSION

SOUND: dict[str, Any] = {
    "activity_id": 6,
    "category_uid": 4,
    "class_uid": 4001,
    "metadata": {"product": {"name": "VPC", "vendor_name": "AWS"}, "version": VERSION},
    "severity_id": 1,
    "src_endpoint": {"ip": "192.0.2.10", "port": 40122},
    "dst_endpoint": {"ip": "203.0.113.9", "port": 443},
    "time": 1772438401000,
    "type_uid": 400106,
}


def but(**other: object) -> bytes:
    return json.dumps({name: value for name, value in {**SOUND, **other}.items() if value != "gone"}).encode()


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (but(), ("", False)),
        (but(message=None), ("", False)),
        (but(newer_attribute=1), ("", False)),
        (but(class_uid="gone"), (f"class_uid is required and missing (OCSF {VERSION})", False)),
        (but(class_uid=4999), (f"class_uid 4999 is no class of OCSF {VERSION}", True)),
        (but(severity_id=77), (f"severity_id 77 is none of 0, 1, 2, 3, 4, 5, 6, 99 (OCSF {VERSION})", False)),
        (but(time="gone"), (f"time is required and missing (OCSF {VERSION})", False)),
        (but(src_endpoint="192.0.2.1"), (f"src_endpoint '192.0.2.1' is no object (OCSF {VERSION})", False)),
        (b"[1]", ("the record is no JSON object", False)),
        (b'{"class_uid":4', ("the record is no JSON object", False)),
    ],
)
def test_what_would_mislead_a_reader_is_told(raw: bytes, told: tuple[str, bool]) -> None:
    assert flaws_of(raw) == told


def test_a_record_of_each_class_takes_the_route_of_its_class() -> None:
    source = next(one for one in catalogue().sources if one.name == "ocsf")
    device = {"type_id": 2, "hostname": "ws-1"}
    raw = but(class_uid=5001, category_uid=5, type_uid=500102, activity_id=2, device=device, src_endpoint="gone", dst_endpoint="gone")
    parsed = source.parse([raw, but(), but(class_uid="gone"), but(class_uid=4999)], Context())
    assert [(part.route.name, list(part.rows)) for part in parsed.parts] == [("network", [1, 2]), ("inventory-info", [0])]
    assert dict(parsed.unparsed) == {3: f"class_uid 4999 is no class of OCSF {VERSION}"}
    assert parsed.flawed == {2: f"class_uid is required and missing (OCSF {VERSION})"}


def test_flaws_beyond_the_third_are_counted() -> None:
    told, _ = flaws_of(but(severity_id=77, time="gone", src_endpoint=1, dst_endpoint=2, metadata=3))
    assert told.endswith(f", and 2 more (OCSF {VERSION})")
