"""A whole account is read, live and again from what was kept, with gaps for all that is refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks._cloud import REGION, Emulated, emulated
from tests.collect.inventory.live.aws.clouds import ACCOUNT, Reply, serving

from bartizan.collect.inventory.contract import Facts, Origin, Uid
from bartizan.collect.inventory.live.aws.accounts import Through, assumed, sessions_of
from bartizan.collect.inventory.live.aws.caller import Connection
from bartizan.collect.inventory.live.aws.collector import Collected, collect, read_recordings
from bartizan.review.cloud.permission.aws.authorizer import AwsAuthorizer
from bartizan.review.cloud.permission.contract import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]
ROOT = Path(__file__).parents[5]
SECRET = "correct-horse-battery"  # what must never be written
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Emulated]:
    with emulated() as made:
        fill(made)
        yield made


def fill(made: Emulated) -> None:
    """Make a little of several services, with secrets in the places where people leave them."""
    iam, ec2, s3 = made.client("iam"), made.client("ec2"), made.client("s3")
    iam.create_group(GroupName="staff")
    iam.create_user(UserName="alice")
    iam.add_user_to_group(GroupName="staff", UserName="alice")
    iam.put_group_policy(GroupName="staff", PolicyName="own", PolicyDocument=POLICY)
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.attach_role_policy(RoleName="app", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.create_instance_profile(InstanceProfileName="app")
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    s3.create_bucket(Bucket="orders-example", ObjectOwnership="BucketOwnerPreferred")
    s3.put_bucket_acl(Bucket="orders-example", ACL="public-read")
    s3.put_bucket_versioning(Bucket="orders-example", VersioningConfiguration={"Status": "Enabled"})
    data = f"#!/bin/sh\nexport DB_PASSWORD={SECRET}\n"
    ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, UserData=data, IamInstanceProfile={"Name": "app"})
    made.client("secretsmanager").create_secret(Name="orders", SecretString=SECRET)
    made.client("ssm").put_parameter(Name="/orders/password", Value=SECRET, Type="SecureString")
    made.client("ecs").register_task_definition(
        family="orders",
        containerDefinitions=[{"name": "a", "image": "a", "memory": 1, "environment": [{"name": "DB_PASSWORD", "value": SECRET}]}],
    )


def read(cloud: Emulated, keep: Path | None = None, *, threads: int = 16) -> Collected:
    return collect([cloud.session()], regions=[REGION], connection=Connection(endpoint=cloud.endpoint, threads=threads), keep=keep)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def live(cloud: Emulated, kept: Path) -> Collected:
    return read(cloud, kept)


def apart(facts: Facts) -> Facts:
    """Return facts without how they were read."""
    bare = Facts()
    for name in Facts.__slots__:
        rows: list[Any] = getattr(facts, name)
        setattr(bare, name, [replace(row, origin=Origin("")) if hasattr(row, "origin") else row for row in rows])
    return bare


def test_what_was_kept_gives_the_same_facts_again_and_holds_no_secret(live: Collected, kept: Path) -> None:
    again = read_recordings(kept)
    assert apart(again) == apart(live.facts)
    assert {one.origin.how for one in again.resources} == {"recording"}
    assert SECRET not in (kept / f"{ACCOUNT}.ndjson").read_text()


def test_what_services_tell_becomes_facts(live: Collected) -> None:
    facts = live.facts
    told = {one.kind: one for one in facts.resources}
    assert told["instance"].properties["user_data.secrets"] == ["password"]
    assert told["ecs_task_definition"].properties["containers.secrets"] == ["DB_PASSWORD"]
    assert told["s3_bucket"].properties["versioning"] == "Enabled"
    assert [(one.grantee, one.permission) for one in facts.grants] == [("http://acs.amazonaws.com/groups/global/AllUsers", "READ")]
    assert {
        (edge.kind, edge.dst.rpartition(":")[2]) for edge in facts.edges if edge.src.endswith(("user/alice", "instance-profile/app"))
    } == {
        ("member-of", "group/staff"),
        ("runs-as", "role/app"),
    }


def test_the_same_facts_come_in_the_same_order_whoever_answers_first(live: Collected, cloud: Emulated) -> None:
    assert apart(read(cloud, threads=1).facts) == apart(live.facts)


def test_a_run_that_was_killed_goes_on_where_it_was(live: Collected, cloud: Emulated, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks._cloud_read", cloud.endpoint, str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    file = tmp_path / f"{ACCOUNT}.ndjson"
    while process.poll() is None and (not file.exists() or file.read_bytes().count(b"\n") < 40):
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    answered = sum(b'"answer":' in line for line in file.read_bytes().splitlines()[:-1])
    assert answered >= 20
    collected = read(cloud, tmp_path)
    assert [gap for gap in collected.facts.gaps if gap not in live.facts.gaps] == []
    assert apart(collected.facts) == apart(live.facts)
    assert sum(collected.made.values()) <= sum(live.made.values()) - answered + 2


def test_whoever_may_do_nothing_learns_nothing_and_is_told_so() -> None:
    with serving(lambda _operation: Reply(403)) as server:
        facts = collect([server.session()], regions=[REGION], connection=Connection(endpoint=server.endpoint)).facts
    assert [(one.kind, one.properties) for one in facts.resources] == [("account", {}), ("region", {})]
    assert [gap for gap in facts.gaps if gap.reason != "denied"] == []
    assert {"s3_bucket", "iam_user", "instance", "organizations_organization"} <= {kind for gap in facts.gaps for kind in gap.kinds}
    assert (facts.principals, facts.statements, facts.attachments) == ([], [], [])
    assert set(facts.resources[0].unknown.values()) >= {"denied: iam:GetAccountSummary", "denied: s3control:GetPublicAccessBlock"}


def test_roles_of_other_accounts_are_taken_on(cloud: Emulated, tmp_path: Path) -> None:
    connection = Connection(endpoint=cloud.endpoint)
    sessions = assumed(cloud.session(), ["arn:aws:iam::111122223333:role/reads"], connection=connection)
    facts = collect(sessions, regions=[REGION], connection=connection, keep=tmp_path).facts
    accounts = [one.account for one in facts.resources if one.kind == "account"]
    assert accounts == ["111122223333"]
    assert sorted(file.stem for file in tmp_path.glob("*.ndjson")) == accounts


def test_the_accounts_of_an_organization_are_read_and_what_the_management_account_saw_holds_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "example")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    with emulated(managed=False) as made:
        organizations = made.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        names = [f"a{number}" for number in range(3)]
        made_accounts = [organizations.create_account(Email=f"{name}@example.com", AccountName=name) for name in names]
        first, second, third = (str(one["CreateAccountStatus"]["AccountId"]) for one in made_accounts)
        content = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
        scp = organizations.create_policy(Name="no-s3", Description="", Type="SERVICE_CONTROL_POLICY", Content=content)
        organizations.attach_policy(PolicyId=scp["Policy"]["PolicySummary"]["Id"], TargetId=second)
        connection = Connection(endpoint=made.endpoint, tries=1)
        for role in assumed(made.session(), [f"arn:aws:iam::{one}:role/audit" for one in (first, second, third)], connection=connection):
            iam = role.client("iam", region_name=REGION, endpoint_url=made.endpoint)
            iam.create_user(UserName="alice")
            iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=POLICY)
        sessions, gaps = sessions_of([], Through(organization="audit"), connection)
        facts = collect(sessions, regions=[REGION], kinds=["account", "iam_user", "iam_group", "iam_policy"], connection=connection).facts
    decides = AwsAuthorizer(facts)
    answers = [decides.decide(Uid(f"arn:aws:iam::{one}:user/alice"), "s3:ListAllMyBuckets", "*").answer for one in (first, second, third)]
    assert answers == [Answer.ALLOWED, Answer.DENIED, Answer.ALLOWED]
    assert gaps == []
    assert [(gap.account, gap.call) for gap in facts.gaps if gap.call.startswith("organizations:")] == []
    assert [one.account for one in facts.resources if one.kind == "organizations_organization"] == [ACCOUNT]
