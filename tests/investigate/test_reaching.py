"""What whoever holds the things of a case can reach next, by reviews of the cloud that a lake holds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.explain.cloud.estate import ACCOUNT, ADMIN, NOW, reviewed
from tests.faces.command import bartizan

from bartizan.explain.cases.html import html
from bartizan.explain.cases.lines import page_lines
from bartizan.explain.cases.page import page_of
from bartizan.explain.cases.plainly import page_json
from bartizan.investigate.contract import CORE
from bartizan.investigate.desk import desk_at
from bartizan.investigate.places import Place
from bartizan.investigate.reaching import reach_of
from bartizan.investigate.scope import Claim
from bartizan.schema.entities import Entity, EntityKind
from bartizan.workbench import cloud

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.review.cloud.reviewed import Reviewed

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-0abc12345"


def event(name: str, service: str, minute: int, arn: str) -> dict[str, object]:
    return {
        "eventVersion": "1.08",
        "userIdentity": {"type": "AssumedRole", "arn": arn, "accountId": ACCOUNT, "principalId": "AROA:i-0abc12345"},
        "eventTime": f"2026-09-21T10:{minute:02}:00Z",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "requestParameters": {"name": "main"},
        "eventID": f"{name}-{minute}",
        "recipientAccountId": ACCOUNT,
    }


def hunted(folder: Path) -> Path:
    """Make a lake with what a stolen session did."""
    done = [event("SendCommand", "ssm", 0, SESSION), event("StopLogging", "cloudtrail", 1, SESSION)]
    (folder / "trail.json").write_text(json.dumps({"Records": done}))
    assert bartizan("hunt", folder / "trail.json", "--out", folder / "hunt", "--quiet").code == 0
    bartizan("lake", "init", folder / "lake")
    bartizan("lake", "import", folder / "lake", folder / "hunt")
    return folder / "lake"


def test_the_role_of_a_session_reaches_what_the_review_found_for_it(tmp_path: Path) -> None:
    lake = hunted(tmp_path)
    assert bartizan("case", "show", lake, "1", "--json").json["reach"] == []
    unasked = bartizan("case", "ask", lake, "1", "--kind", "cloud-key-leak").out
    assert "cannot tell: no review of the cloud is kept here (`bartizan cloud review --lake`)" in unasked
    commit = cloud.keep(reviewed(tmp_path / "checks"), lake)
    assert (commit.rows, commit.misfits) == (11, ())
    desk = desk_at(lake)
    page = page_of(desk, desk.cases[0])
    (one,) = page_json(page)["reach"]
    assert {name: one[name] for name in ("entity", "ring", "goal", "kind", "severity_id", "depends")} == {
        "entity": f"cloud-principal:{SESSION}",
        "ring": "core",
        "goal": ADMIN,
        "kind": "everything in account",
        "severity_id": 4,
        "depends": [],
    }
    lines = "\n".join(page_lines(page)).partition("What can be reached next, by the last review of the cloud\n")[2].splitlines()
    assert lines[:2] == [
        f"  cloud-principal:{SESSION} reaches everything in account {ACCOUNT} in 1 hop  [{one['record'][:8]}]",
        f"    Attach a policy -> {ACCOUNT}: seen by Administrator rights attached to an identity",
    ]
    answers = bartizan("case", "ask", lake, "1", "--kind", "cloud-key-leak", "--json").json
    assert f"everything in account {ACCOUNT} by {SESSION}" in str(answers)
    text = html(page, now=NOW)
    assert "What can be reached next" in text
    assert "seen by Administrator rights attached to an identity" in text


def place(lake: Path) -> Place:
    return Place(
        lake, (), {"iam_analysis_finding": tuple(sorted((lake / "ext" / "iam_analysis_finding").rglob("*.parquet")))}, is_lake=True
    )


def claim(kind: EntityKind, value: str, ring: str = CORE) -> Claim:
    return Claim(entity=Entity(kind, value), ring=ring, first=0, last=0, why="", signals=1, records=())


def reviewed_with_addresses(folder: Path) -> Reviewed:
    whole = reviewed(folder)
    host = whole.facts.resources[3]
    whole.facts.resources[3] = replace(host, properties={"private_ip": "10.0.0.5", "private_dns": "ip-10-0-0-5.example.internal"})
    return whole


def test_a_thing_of_a_case_is_found_on_a_way_by_what_it_is_called(tmp_path: Path) -> None:
    cloud.keep(reviewed_with_addresses(tmp_path / "checks"), tmp_path / "lake")
    named = {
        (EntityKind.CLOUD_PRINCIPAL, SESSION): 1,
        (EntityKind.CLOUD_PRINCIPAL, f"arn:aws:iam::{ACCOUNT}:user/build"): 2,
        (EntityKind.USER, "build"): 2,
        (EntityKind.HOST, "i-0abc"): 2,
        (EntityKind.HOST, "web-1"): 2,
        (EntityKind.HOST, "ip-10-0-0-5.example.internal"): 2,
        (EntityKind.IP, "10.0.0.5"): 2,
        (EntityKind.IP, "10.0.0.6"): 0,
        (EntityKind.HOST, "web"): 0,
        (EntityKind.CLOUD_PRINCIPAL, "arn:aws:sts::999999999999:assumed-role/web/x"): 0,
        (EntityKind.DOMAIN, "web-1"): 0,
    }
    kept = place(tmp_path / "lake")
    assert {named: sum(len(one.hops) for one in reach_of(kept, [claim(*named)])) for named in named} == named
    assert reach_of(kept, [claim(EntityKind.USER, "build", "cleared")]) == ()


@pytest.mark.slow
def test_a_way_that_the_newest_review_no_longer_found_is_gone(tmp_path: Path) -> None:
    whole = reviewed(tmp_path / "checks")
    cloud.keep(whole, tmp_path / "lake")
    mended = replace(whole, ways=whole.ways[:1], paths=replace(whole.paths, hops=whole.paths.hops[:3]), now=NOW + 60_000_000_000)
    cloud.keep(mended, tmp_path / "lake")
    assert reach_of(place(tmp_path / "lake"), [claim(EntityKind.USER, "build")]) == ()
    assert len(reach_of(place(tmp_path / "lake"), [claim(EntityKind.HOST, "i-0abc")])) == 1
