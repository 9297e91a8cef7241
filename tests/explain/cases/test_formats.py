"""What a case is in the formats of other tools."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from tests.investigate.made import ELSEWHERE, INTRUSION, keep, line

from bartizan.explain.cases.bundle import bundle
from bartizan.explain.cases.formats import FORMATS
from bartizan.explain.cases.formats.ocsf import incident_record
from bartizan.explain.cases.formats.stix import stix_bundle
from bartizan.explain.cases.page import page_of
from bartizan.investigate.desk import desk_at
from bartizan.testing.ocsf_check import check_record

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.explain.cases.page import CasePage
    from bartizan.investigate.desk import CaseDesk

EXTENSION = "extension-definition--fb9c968a-745b-4ade-9b25-c324172197f4"
REQUIRED = {
    "attack-flow": {"name", "scope", "start_refs"},
    "attack-action": {"name"},
    "attack-asset": {"name"},
    "attack-pattern": {"name"},
    "identity": {"name"},
    "report": {"name", "published", "object_refs"},
    "ipv4-addr": {"value"},
    "domain-name": {"value"},
    "user-account": {"user_id"},
    "extension-definition": {"name", "schema", "version", "extension_types", "created_by_ref"},
}
OBSERVABLES = {"ipv4-addr", "domain-name", "user-account"}


@pytest.fixture
def desk(tmp_path: Path) -> CaseDesk:
    return desk_at(keep(tmp_path / "case", [line("seen", -900, level=1, device="web-01"), *INTRUSION, *ELSEWHERE]))


@pytest.fixture
def page(desk: CaseDesk) -> CasePage:
    return page_of(desk, desk.cases[0])


def test_the_bundle_of_stix_has_what_its_specification_asks_for(page: CasePage) -> None:
    told = stix_bundle(page)
    objects: dict[str, dict[str, Any]] = {one["id"]: one for one in told["objects"]}
    assert len(objects) == len(told["objects"])
    for one in objects.values():
        assert re.fullmatch(rf"{one['type']}--[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}", one["id"])
        assert one["spec_version"] == "2.1"
        assert one.keys() >= REQUIRED[one["type"]]
        if one["type"] not in OBSERVABLES:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["created"])
        if one["type"].startswith("attack-") and one["type"] != "attack-pattern":
            assert one["extensions"] == {EXTENSION: {"extension_type": "new-sdo"}}
        assert all(value not in ([], "") for value in one.values())
    outside = {one["created_by_ref"] for one in objects.values() if one["type"] == "extension-definition"}
    refs = {ref for one in objects.values() for name, held in one.items() if name.endswith(("_ref", "_refs")) for ref in _listed(held)}
    assert refs - outside <= objects.keys()
    assert stix_bundle(page) == told


def _listed(held: str | list[str]) -> list[str]:
    return [held] if isinstance(held, str) else held


def test_the_flow_of_an_attack_leads_from_its_first_action_to_all_others(page: CasePage) -> None:
    objects = {one["id"]: one for one in stix_bundle(page)["objects"]}
    [flow] = [one for one in objects.values() if one["type"] == "attack-flow"]
    reached, waiting = set(), list(flow["start_refs"])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += objects[name].get("effect_refs", [])
    actions = {one["id"] for one in objects.values() if one["type"] == "attack-action"}
    assert reached == actions
    assert [objects[name]["name"] for name in sorted(actions, key=lambda name: objects[name]["execution_start"])] == [
        *("Rule upload", "Rule shell", "Rule fetch", "Rule macro", "Rule dump")
    ]


def test_the_incident_finding_is_valid_ocsf(page: CasePage) -> None:
    assert check_record(incident_record(page)) == []


def test_the_timeline_has_the_columns_that_timesketch_asks_for_and_no_formula(tmp_path: Path) -> None:
    raw = "=HYPERLINK(1)"
    desk = desk_at(keep(tmp_path / "case", [line("x", 0, level=5, device="web-01", raw=raw), *INTRUSION]))
    page = page_of(desk, desk.cases[0])
    rows = list(csv.DictReader(io.StringIO(FORMATS["timesketch-csv"][1](page))))
    events = [json.loads(one) for one in FORMATS["timesketch-jsonl"][1](page).splitlines()]
    assert {"message", "datetime", "timestamp", "timestamp_desc"} <= set(rows[0])
    assert [row["message"] for row in rows] == [event["message"] for event in events]
    assert rows[0]["datetime"] == "2026-03-17T06:00:00.000000+00:00"
    assert events[0]["timestamp"] == 1_773_727_200_000_000
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_the_layer_counts_findings_of_each_technique(page: CasePage) -> None:
    layer = json.loads(FORMATS["navigator"][1](page))
    assert [(one["techniqueID"], one["score"]) for one in layer["techniques"]] == [("T1190", 4)]
    assert layer["versions"]["layer"] == "4.5"


def test_the_manifest_of_a_bundle_names_every_file_with_its_digest(desk: CaseDesk, page: CasePage) -> None:
    desk.remember(now=1)
    packed = bundle(desk, page, now=7)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        held = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist() if name != "manifest.json"}
        findings = archive.read("evidence/findings.ndjson").splitlines()
    assert {name: one["sha256"] for name, one in manifest["files"].items()} == held
    assert (manifest["findings"], len(findings), manifest["records"]) == (5, 5, 5)
    assert len(manifest["records_only_in_findings"]) == 5
    assert bundle(desk, page, now=7) == packed
