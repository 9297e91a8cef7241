"""What reaches OCSF is counted field by field, in examples and in logs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.collect.mapped.mappings import source

from bartizan.collect.catalogue import catalogue, catalogue_of
from bartizan.collect.loss import Loss, losses
from bartizan.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

MAPPING = """\
name: door
title: Door
product: {name: Door}
read: json
recognise: {badge: present}
routes:
  - name: all
    sigma: [{product: door, fields: {colour: lamp, who: badge}}]
    ocsf: {class_uid: 0, activity_id: 0, time: at, message: [notes.0.text, reader]}
"""
RECORDS = [
    {"badge": 1, "at": 5, "lamp": "red", "notes": [{"text": "x", "by": "y"}], "reader": {"ip": "z", "mac": "m"}, "empty": ""},
    {"badge": 2, "lamp": "red", "free": None, "reader": {"ip": "z"}},
]
DOOR = Loss(
    source="door",
    records=2,
    mapped={"reader.ip": 2, "at": 1, "notes": 1, "reader.mac": 1},
    rules={"badge": 2, "lamp": 2},
    kept={},
)


def test_a_field_is_mapped_seen_by_rules_alone_or_kept(tmp_path: Path) -> None:
    log = tmp_path / "door.log"
    log.write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    known = catalogue_of([("door", source(MAPPING))])
    assert losses(known, on=[str(log)]) == [DOOR]
    assert losses(known, ["door"], on=[str(log)])[0].share == 5 / 9


def test_every_source_has_a_figure_from_its_examples() -> None:
    found = losses(catalogue())
    assert [loss.source for loss in found] == [each.name for each in catalogue().sources]
    assert [loss.source for loss in found if not loss.records or not loss.mapped] == []


def test_a_source_that_is_none_is_said() -> None:
    with pytest.raises(UsageError, match=r"no source is called 'dor'.*; `bartizan sources list` shows what there is"):
        losses(catalogue(), ["dor"])


def test_of_a_source_without_records_nothing_is_lost() -> None:
    assert Loss(source="x", records=0, mapped={}, rules={}, kept={}).share == 1.0
