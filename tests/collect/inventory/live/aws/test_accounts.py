"""An account is read where it is, with the rights of a session or of a role, in the regions that it has switched on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.collect.inventory.live.aws.clouds import ACCOUNT, Reply, Server, serving

from bartizan.collect.inventory.live.aws.accounts import assumed, profiles
from bartizan.collect.inventory.live.aws.caller import Connection
from bartizan.collect.inventory.live.aws.collector import Collected, collect, read_recordings
from bartizan.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.enable_socket
REGIONS = (
    '<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><regionInfo>'
    "<item><regionName>eu-west-1</regionName></item><item><regionName>eu-central-1</regionName></item>"
    "</regionInfo></DescribeRegionsResponse>"
)
TAKEN = (
    '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
    "<AccessKeyId>example</AccessKeyId><SecretAccessKey>example</SecretAccessKey><SessionToken>example</SessionToken>"
    "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
)


def answers(operation: str) -> Reply:
    """Know two regions, one alias of a key in each, and nothing else."""
    if operation == "DescribeRegions":
        return Reply(body=REGIONS)
    if operation == "AssumeRole":
        return Reply(body=TAKEN)
    alias = {"AliasName": "alias/orders", "AliasArn": "arn:aws:kms:eu-west-1:123456789012:alias/orders", "TargetKeyId": "1"}
    return Reply(body=json.dumps({"Aliases": [alias]}), kind="application/x-amz-json-1.1") if operation == "ListAliases" else Reply(403)


def read(server: Server, *regions: str, keep: Path | None = None) -> Collected:
    return collect([server.session()], regions=regions, kinds=["kms_alias"], connection=Connection(endpoint=server.endpoint), keep=keep)


def test_all_regions_that_are_switched_on_are_read_in_their_order(tmp_path: Path) -> None:
    with serving(answers) as server:
        collected = read(server, keep=tmp_path)
    assert [(one.name, one.region) for one in collected.facts.resources] == [
        ("alias/orders", "eu-central-1"),
        ("alias/orders", "eu-west-1"),
    ]
    assert (collected.made["kms:ListAliases"], collected.made["ec2:DescribeRegions"]) == (2, 1)
    again = read_recordings(tmp_path)
    assert [one.region for one in again.resources] == ["eu-central-1", "eu-west-1"]
    assert again.gaps == collected.facts.gaps


def test_kinds_that_were_not_to_be_read_are_a_gap() -> None:
    with serving(answers) as server:
        facts = read(server, "eu-west-1").facts
    (gap,) = (one for one in facts.gaps if one.call == "collect")
    assert (gap.reason, gap.detail, gap.account) == ("not-in-origin", "only kms_alias was to be read", ACCOUNT)
    assert "s3_bucket" in gap.kinds
    assert "kms_alias" not in gap.kinds


def test_an_account_that_hides_its_regions_is_read_at_home_and_says_so() -> None:
    with serving(lambda operation: Reply(403) if operation == "DescribeRegions" else answers(operation)) as server:
        facts = read(server).facts
    assert [one.region for one in facts.resources] == ["us-east-1"]
    assert "which regions the account has switched on is not known: only us-east-1 was read" in {gap.detail for gap in facts.gaps}


def test_a_role_is_taken_on_once_for_all_calls() -> None:
    with serving(answers) as server:
        connection = Connection(endpoint=server.endpoint)
        sessions = assumed(server.session(), ["arn:aws:iam::123456789012:role/reads"], connection=connection, external_id="example")
        collect(sessions, regions=["eu-west-1"], kinds=["kms_alias"], connection=connection)
        assert server.asked.count("AssumeRole") == 1


def test_whoever_has_no_rights_is_told_to_name_a_profile() -> None:
    with serving(answers) as server:
        endpoint = server.endpoint
    with pytest.raises(InputError, match=r"AWS does not say whose rights these are .*: name a profile that has credentials"):
        collect([server.session()], connection=Connection(endpoint=endpoint, tries=1))


def test_a_profile_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.joinpath("config").write_text("[profile audit]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    with pytest.raises(
        InputError, match=r"The config profile \(prod\) could not be found: `aws configure list-profiles` says which there are"
    ):
        profiles(["prod"])
    (session,) = profiles(["audit"])
    assert getattr(session, "region_name", "") == "eu-west-1"
