"""An account is read where it is, with the rights of a session or of a role, in the regions that it has switched on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.collect.inventory.live.aws.clouds import ACCOUNT, Reply, Server, serving

from bartizan.collect.inventory.contract import Gap
from bartizan.collect.inventory.live.aws.accounts import Role, Through, assumed, profiles, sessions_of
from bartizan.collect.inventory.live.aws.caller import Connection
from bartizan.collect.inventory.live.aws.collector import Collected, collect, read_recordings
from bartizan.errors import InputError, UsageError

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


ROLES = ("arn:aws:iam::111122223333:role/audit", "arn:aws:iam::444455556666:role/audit")
MEMBERS = [
    {"Id": ACCOUNT, "Status": "ACTIVE"},
    {"Id": "111122223333", "Status": "ACTIVE"},
    {"Id": "444455556666", "Status": "SUSPENDED"},
]


NO = Reply(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>")


def refusing(role: str) -> Gap:
    detail = f"the role {role} cannot be taken on (AccessDenied: not you)"
    return Gap(provider="aws", call="sts:AssumeRole", reason="denied", detail=detail, account=role.split(":")[4])


def test_an_account_whose_role_cannot_be_taken_on_is_a_gap_and_the_others_are_read() -> None:
    asked: list[str] = []

    def first_alone(operation: str) -> Reply:
        asked.append(operation)
        return NO if operation == "AssumeRole" and asked.count("AssumeRole") > 1 else answers(operation)

    with serving(first_alone) as server:
        connection = Connection(endpoint=server.endpoint)
        sessions = assumed(server.session(), ROLES, connection=connection)
        facts = collect(sessions, regions=["eu-west-1"], kinds=["kms_alias"], connection=connection).facts
    assert [one.name for one in facts.resources] == ["alias/orders"]
    assert [gap for gap in facts.gaps if gap.call == "sts:AssumeRole"] == [refusing(ROLES[1])]


@pytest.mark.slow
def test_roles_of_which_none_can_be_taken_on_leave_nothing_to_review() -> None:
    with serving(lambda _operation: NO) as server:
        connection = Connection(endpoint=server.endpoint)
        sessions = assumed(server.session(), ROLES, connection=connection)
        with pytest.raises(InputError, match=f"^no account could be read: the role {ROLES[0]} cannot be taken on .*; the role {ROLES[1]} "):
            collect(sessions, connection=connection)


def of_an_organization(monkeypatch: pytest.MonkeyPatch, through: Through, status: int = 200) -> tuple[list[str], list[Gap]]:
    """Return whose rights are used: "" for one's own, else the ARN of a role."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "example")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    listed = Reply(status, json.dumps({"Accounts": MEMBERS}), "application/x-amz-json-1.1")
    with serving(lambda operation: listed if operation == "ListAccounts" else Reply(403)) as server:
        sessions, gaps = sessions_of([], through, Connection(endpoint=server.endpoint))
    return [one.arn if isinstance(one, Role) else "" for one in sessions], gaps


@pytest.mark.slow
def test_an_organization_is_its_own_account_and_a_role_in_each_other_that_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions, gaps = of_an_organization(monkeypatch, Through(organization="audit"))
    assert sessions == ["", ROLES[0]]
    detail = "the account 444455556666 is SUSPENDED and was not read"
    call = "organizations:ListAccounts"
    assert gaps == [Gap(provider="aws", call=call, reason="not-in-origin", detail=detail, account="444455556666")]


@pytest.mark.slow
def test_roles_are_read_instead_of_the_account_that_takes_them_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert of_an_organization(monkeypatch, Through(roles=(*ROLES, ROLES[0]))) == ([*ROLES], [])


@pytest.mark.slow
def test_an_organization_that_cannot_be_listed_is_refused_with_whom_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"AWS does not list the accounts \(.*\): name a profile of the management account"):
        of_an_organization(monkeypatch, Through(organization="audit"), status=400)


@pytest.mark.parametrize(
    ("through", "why"),
    [
        (Through(roles=("audit",)), "--role audit: is no ARN of a role, like arn:aws:iam::111122223333:role/audit"),
        (Through(organization="role audit"), "--organization role audit: is no name of a role, like OrganizationAccountAccessRole"),
    ],
)
def test_what_names_no_role_is_refused_before_anybody_is_asked(monkeypatch: pytest.MonkeyPatch, through: Through, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        of_an_organization(monkeypatch, through)


def test_of_several_profiles_it_is_not_clear_which_takes_on_a_role(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.joinpath("config").write_text("[profile a]\n[profile b]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    with pytest.raises(UsageError, match="--aws: 2 profiles, of which one takes on the roles: name that one alone"):
        sessions_of(["a", "b"], Through(roles=ROLES), Connection())


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
