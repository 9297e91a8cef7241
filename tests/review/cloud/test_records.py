"""What a review found, as records: valid OCSF, with ids that follow from what they say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.explain.cloud.estate import ACCOUNT, ADMIN, EXCEPTION, HOST, NOW, OPEN, ROLE, facts, reviewed

from bartizan.review.cloud.records import findings_of, inventory_of
from bartizan.testing.ocsf_check import check_record

if TYPE_CHECKING:
    from pathlib import Path


def records(folder: Path, **more: str) -> list[dict[str, Any]]:
    review = reviewed(folder, **more)
    return [*inventory_of(review.facts, NOW), *findings_of(review)]


def test_every_record_is_valid_ocsf(tmp_path: Path) -> None:
    found = records(tmp_path, **{"held.yml": EXCEPTION.replace("name: backups", "name: customers")})
    assert [(one["message"], [str(problem) for problem in check_record(one)]) for one in found if check_record(one)] == []
    assert {one["class_uid"] for one in found} == {2003, 2008, 5023}


def test_a_failure_says_check_resource_and_why_and_what_is_unknown_is_no_pass(tmp_path: Path) -> None:
    told = [one for one in records(tmp_path) if one["class_uid"] == 2003]
    assert [(one["compliance"]["status"], one["resources"][0]["uid"], one["compliance"]["status_details"]) for one in told] == [
        ("Fail", OPEN, ["versioning: Suspended"]),
        ("Unknown", "arn:aws:s3:::logs", ["versioning: s3:GetBucketVersioning: denied"]),
        ("Unknown", f"aws:{ACCOUNT}:*:s3_bucket:*", ["s3:GetBucketVersioning: denied (AccessDenied)"]),
    ]
    assert told[0]["compliance"]["requirements"] == ["cis-aws-3 2.1.1"]
    assert told[0]["remediation"] == {"desc": 'terraform: status = "Enabled"\n\nconsole: Switch it on.'}


def test_an_accepted_failure_is_suppressed_and_says_by_whom(tmp_path: Path) -> None:
    held = records(tmp_path, **{"held.yml": EXCEPTION.replace("name: backups", "name: customers")})
    told = next(one for one in held if one["class_uid"] == 2003)
    assert (told["status"], told["comment"]) == ("Suppressed", "accepted by alice@example.com until 2099-01-01: kept elsewhere")


def test_a_way_is_a_graph_with_what_would_see_each_hop(tmp_path: Path) -> None:
    told = next(one for one in records(tmp_path) if one["class_uid"] == 2008)
    graph = told["finding_info"]["attack_graph"]
    assert [node["uid"] for node in graph["nodes"]] == ["internet", HOST, ROLE, ADMIN]
    assert [(edge["relation"], edge["data"]["detection"]) for edge in graph["edges"]] == [
        ("open-instance", "silent"),
        ("runs-as", "blind"),
        ("administrator", "seen"),
    ]
    assert told["access_analysis_result"]["condition_keys"] == [{"name": "workload-flaw", "value": "not known"}]
    assert (told["severity"], told["confidence"]) == ("High", "Medium")


def test_machines_and_administrators_have_a_record_of_what_they_reach(tmp_path: Path) -> None:
    reach = [one for one in records(tmp_path) if one["class_uid"] == 2008 and one["finding_info"]["types"] == ["reach"]]
    assert [(one["user"]["uid"], len(one["finding_info"]["attack_graph"]["edges"])) for one in reach] == [(ROLE, 1), (HOST, 2)]


def test_ids_follow_from_what_is_said_and_a_finding_keeps_its_own_over_reviews(tmp_path: Path) -> None:
    first = reviewed(tmp_path)
    later = replace(first, now=NOW + 1_000_000_000)
    pairs = list(zip(findings_of(first), findings_of(later), strict=True))
    assert all(one["finding_info"]["uid"] == other["finding_info"]["uid"] for one, other in pairs)
    assert all(one["metadata"]["uid"] != other["metadata"]["uid"] for one, other in pairs)
    assert list(inventory_of(facts(), NOW)) == list(inventory_of(facts(), NOW))
