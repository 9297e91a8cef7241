"""Who may do what comes from one call; what that call may leave out is asked for, and an organization is a tree."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bartizan.collect.inventory.contract import Attachment, Edge, Gap, Origin, Statement, Uid
from bartizan.collect.inventory.live.aws.calls import Call, Place
from bartizan.collect.inventory.live.aws.iam import in_use
from bartizan.collect.inventory.live.aws.network import rules_of
from bartizan.collect.inventory.live.aws.organizations import organization_of
from bartizan.collect.inventory.live.aws.permissions import action_of, actions, calls, policies
from bartizan.collect.inventory.live.aws.principals import principals_of
from bartizan.collect.inventory.live.aws.report import with_report
from bartizan.collect.inventory.live.aws.values import cast, tags_of
from bartizan.collect.inventory.live.calls import Answer, Failure

HOME = Place("123456789012", "us-east-1")
ALICE = "arn:aws:iam::123456789012:user/alice"
EDGE = "arn:aws:iam::123456789012:policy/edge"
DETAILS = "iam:GetAccountAuthorizationDetails"


class Cloud:
    """Answers calls by name and, where it says so, by parameters."""

    def __init__(self, **answers: Answer | list[Answer]) -> None:
        self.answers = {name.replace("__", ":"): given for name, given in answers.items()}
        self.asked: list[str] = []

    def __call__(self, call: Call) -> Answer:
        values = "/".join(map(str, json.loads(call.parameters).values()))
        self.asked.append(f"{call.name} {values}".strip())
        given = self.answers.get(f"{call.name} {values}", self.answers.get(call.name, Answer(failure=Failure("denied", "AccessDenied"))))
        return (given.pop(0) if len(given) > 1 else given[0]) if isinstance(given, list) else given


def details(*, count: int | None, told: bool = False) -> Answer:
    policy: dict[str, Any] = {"Arn": EDGE, "PolicyVersionList": []}
    user: dict[str, Any] = {"UserName": "alice", "Arn": ALICE}
    if count is not None:
        policy["PermissionsBoundaryUsageCount"] = count
    if told:
        user["PermissionsBoundary"] = {"PermissionsBoundaryArn": EDGE}
    return Answer({"UserDetailList": [user], "GroupDetailList": [], "RoleDetailList": [], "Policies": [policy]})


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (details(count=0), []),
        (details(count=1, told=True), []),
        (details(count=1), ["iam:GetUser alice"]),
        (details(count=None), ["iam:GetUser alice"]),
    ],
)
def test_a_boundary_is_asked_for_only_where_it_may_have_been_left_out(answer: Answer, asked: list[str]) -> None:
    user = Answer({"User": {"Arn": ALICE, "PermissionsBoundary": {"PermissionsBoundaryArn": EDGE}}})
    cloud = Cloud(iam__GetAccountAuthorizationDetails=answer, iam__GetUser=user)
    facts = principals_of(cloud, HOME, "live")
    assert cloud.asked == [DETAILS, *asked]
    bound = [(one.policy, one.target) for one in facts.attachments if one.kind == "boundary"]
    assert bound == ([] if answer == details(count=0) else [(EDGE, ALICE)])


def test_a_boundary_that_nobody_tells_is_a_gap() -> None:
    facts = principals_of(Cloud(iam__GetAccountAuthorizationDetails=details(count=None)), HOME, "live")
    assert [(gap.call, gap.kinds, gap.properties) for gap in facts.gaps] == [("iam:GetUser", ("iam_user",), ("permissions_boundary",))]


def test_details_that_are_denied_leave_all_of_iam_unknown() -> None:
    (gap,) = principals_of(Cloud(), HOME, "live").gaps
    kinds = ("iam_user", "iam_group", "iam_role", "iam_policy", "iam_access_key", "iam_instance_profile")
    assert (gap.reason, gap.kinds) == ("denied", kinds)


def test_policies_of_aws_are_kept_where_somebody_has_them_or_may() -> None:
    rows = [
        {"Arn": "arn:aws:iam::aws:policy/Had"},
        {"Arn": "arn:aws:iam::aws:policy/Counted", "AttachmentCount": 1},
        {"Arn": "arn:aws:iam::aws:policy/Idle", "AttachmentCount": 0},
        {"Arn": EDGE},
    ]
    user = {"Arn": ALICE, "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/Had"}]}
    cloud = Cloud(
        iam__GetAccountAuthorizationDetails=Answer({"UserDetailList": [user], "Policies": rows}), iam__ListRoles=Answer({"Roles": []})
    )
    kept = in_use(cloud)(Call.of(HOME, DETAILS)).document["Policies"]
    assert [one["Arn"].rpartition("/")[2] for one in kept] == ["Had", "Counted", "edge"]
    assert in_use(cloud)(Call.of(HOME, "iam:ListRoles")) == Answer({"Roles": []})


def test_a_report_is_made_before_it_is_read() -> None:
    missing = Answer(failure=Failure("failed", "ReportNotPresent"))
    made = [Answer({"State": "STARTED"}), Answer({"State": "COMPLETE"})]
    waits: list[float] = []
    cloud = Cloud(iam__GetCredentialReport=[missing, missing, Answer({"Content": "eA=="})], iam__GenerateCredentialReport=made)
    ask = with_report(cloud, sleep=waits.append)
    assert ask(Call.of(HOME, "iam:GetCredentialReport")) == Answer({"Content": "eA=="})
    assert (len(waits), cloud.asked.count("iam:GenerateCredentialReport")) == (1, 2)
    denied = Cloud(iam__GetCredentialReport=missing)
    assert with_report(denied)(Call.of(HOME, "iam:GetCredentialReport")).failure == Failure("denied", "AccessDenied")


def test_an_organization_is_a_tree_whose_policies_hold_for_parts_of_it() -> None:
    start = "arn:aws:organizations::999999999999"
    document = {"Statement": {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}}
    root, unit = {"Id": "r-1", "Arn": f"{start}:root/o-1/r-1"}, {"Id": "ou-1", "Arn": f"{start}:ou/o-1/ou-1", "Name": "prod"}
    cloud = Cloud(
        organizations__DescribeOrganization=Answer(
            {"Organization": {"Id": "o-1", "Arn": f"{start}:organization/o-1", "FeatureSet": "ALL"}}
        ),
        organizations__ListRoots=Answer({"Roots": [{**root, "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]}]}),
        organizations__ListDelegatedAdministrators=Answer({"DelegatedAdministrators": []}),
        organizations__ListPolicies=Answer(
            {"Policies": [{"Id": "p-1", "Arn": f"{start}:policy/o-1/service_control_policy/p-1", "Name": "no-iam"}]}
        ),
        organizations__DescribePolicy=Answer({"Policy": {"Content": json.dumps(document)}}),
        organizations__ListTargetsForPolicy=Answer({"Targets": [{"TargetId": "ou-1"}, {"TargetId": "111122223333"}]}),
        **{
            "organizations__ListOrganizationalUnitsForParent r-1": Answer({"OrganizationalUnits": [unit]}),
            "organizations__ListOrganizationalUnitsForParent": Answer({}),
            "organizations__ListAccountsForParent ou-1": Answer(
                {"Accounts": [{"Id": "111122223333", "Arn": f"{start}:account/o-1/111122223333", "Name": "shop", "Status": "ACTIVE"}]}
            ),
            "organizations__ListAccountsForParent": Answer({}),
        },
    )
    facts = organization_of(cloud, HOME, "live")
    origin, policy = facts.resources[0].origin, Uid(f"{start}:policy/o-1/service_control_policy/p-1")
    account = Uid("arn:aws:iam::111122223333:root")
    assert facts.edges == [
        Edge(Uid(f"{start}:organization/o-1"), Uid(root["Arn"]), "contains", origin),
        Edge(Uid(root["Arn"]), Uid(unit["Arn"]), "contains", origin),
        Edge(Uid(unit["Arn"]), account, "contains", origin),
    ]
    assert facts.statements == [Statement(policy=policy, number=0, effect="Deny", actions=("iam:*",), resources=("*",), origin=origin)]
    assert facts.attachments == [
        Attachment(policy, Uid(unit["Arn"]), "scp", origin=origin),
        Attachment(policy, account, "scp", origin=origin),
    ]
    assert [(one.kind, one.name, dict(one.properties)) for one in facts.resources] == [
        (
            "organizations_organization",
            "o-1",
            {"feature_set": "ALL", "policy_types": ["SERVICE_CONTROL_POLICY"], "delegated_administrators": []},
        ),
        ("organizations_organizational_unit", "prod", {"parent": "r-1"}),
        ("organizations_account", "shop", {"status": "ACTIVE", "parent": "ou-1"}),
        ("organizations_policy", "no-iam", {"type": "SERVICE_CONTROL_POLICY", "targets": ["ou-1", "111122223333"]}),
    ]


def test_a_policy_whose_targets_may_not_be_listed_is_attached_to_something_unknown() -> None:
    policy = Uid("arn:aws:organizations::1:policy/o-1/service_control_policy/p-1")
    cloud = Cloud(
        organizations__DescribeOrganization=Answer({"Organization": {"Id": "o-1", "Arn": "arn:aws:organizations::1:organization/o-1"}}),
        organizations__ListPolicies=[Answer({"Policies": [{"Id": "p-1", "Arn": policy}]}), Answer({})],
        organizations__DescribePolicy=Answer({"Policy": {"Content": '{"Statement": []}'}}),
    )
    facts = organization_of(cloud, HOME, "live")
    assert [(one.policy, one.target) for one in facts.attachments] == [(policy, "")]
    assert "organizations:ListTargetsForPolicy" in {gap.call for gap in facts.gaps}


def test_an_account_in_no_organization_has_no_gap_and_one_that_may_not_look_has() -> None:
    none = Answer(failure=Failure("failed", "AWSOrganizationsNotInUseException"))
    assert organization_of(Cloud(organizations__DescribeOrganization=none), HOME, "live").gaps == []
    (gap,) = organization_of(Cloud(), HOME, "live").gaps
    assert gap == Gap(
        provider="aws",
        call="organizations:DescribeOrganization",
        reason="denied",
        detail="AccessDenied",
        account="123456789012",
        region="us-east-1",
        kinds=("organizations_organization",),
    )


def test_what_a_member_may_not_see_of_its_organization_is_a_gap_of_policies_too() -> None:
    seen = Answer({"Organization": {"Id": "o-1", "Arn": "arn:aws:organizations::1:organization/o-1", "FeatureSet": "ALL"}})
    gaps = organization_of(Cloud(organizations__DescribeOrganization=seen), HOME, "live").gaps
    assert {kind for gap in gaps for kind in gap.kinds} == {
        "organizations_organization",
        "organizations_organizational_unit",
        "organizations_account",
        "organizations_policy",
    }


def test_policies_allow_each_action_once_and_fit_into_managed_policies() -> None:
    documents = policies()
    allowed = [action for one in documents for action in one["Statement"][0]["Action"]]
    assert allowed == list(actions())
    assert len(set(allowed)) == len(allowed)
    assert all(len(json.dumps(one, separators=(",", ":"))) <= 6_144 for one in documents)
    assert not any("*" in action for action in allowed)


def test_one_kind_needs_what_reads_it() -> None:
    assert {"s3:GetEncryptionConfiguration", "s3:ListAllMyBuckets", "tag:GetResources"} <= set(actions(["s3_bucket"]))
    assert not any(action.startswith("rds:") for action in actions(["s3_bucket"]))
    assert [action_of(call) for call in ("apigatewayv2:GetApis", "sesv2:GetEmailIdentity", "ec2:DescribeVpcs")] == [
        "apigateway:GET",
        "ses:GetEmailIdentity",
        "ec2:DescribeVpcs",
    ]
    assert "organizations:ListPolicies" in calls([])


def test_entries_of_a_network_acl_are_rules_in_their_order() -> None:
    entry = {
        "RuleNumber": 100,
        "Protocol": "6",
        "RuleAction": "deny",
        "Egress": False,
        "CidrBlock": "10.0.0.0/8",
        "PortRange": {"From": 22, "To": 23},
    }
    every = {"RuleNumber": 32767, "Protocol": "-1", "RuleAction": "allow", "Egress": True, "Ipv6CidrBlock": "::/0"}
    found = rules_of("network_acl", Uid("acl"), {"Entries": [entry, every]}, Origin("live"))
    assert [(one.direction, one.peer, one.protocol, one.first_port, one.last_port, one.action, one.priority) for one in found] == [
        ("ingress", "10.0.0.0/8", "tcp", 22, 23, "deny", 100),
        ("egress", "::/0", "-1", -1, -1, "allow", 32767),
    ]
    assert rules_of("vpc", Uid("v"), {}, Origin("live")) == []


@pytest.mark.parametrize(
    ("value", "type_", "result"),
    [
        ("true", "boolean", True),
        ("Disabled", "boolean", False),
        (1, "boolean", True),
        ("7", "integer", 7),
        (7.0, "integer", 7),
        (["a", None, 1], "strings", ["a", "1"]),
        ("a", "strings", ["a"]),
        ({"a": 1}, "string", '{"a": 1}'),
        ("2026-01-01T02:00:00+02:00", "time", "2026-01-01T00:00:00Z"),
        (1_767_225_600, "time", "2026-01-01T00:00:00Z"),
        (1_767_225_600_000, "time", "2026-01-01T00:00:00Z"),
        ("1.5", "number", 1.5),
        ({"a": 1}, "object", {"a": 1}),
    ],
)
def test_values_come_into_the_types_that_kinds_declare(value: Any, type_: str, result: Any) -> None:  # noqa: ANN401 - JSON
    assert cast(value, type_) == result


@pytest.mark.parametrize(("value", "type_"), [("perhaps", "boolean"), ("many", "integer"), ("yesterday", "time")])
def test_a_value_that_has_not_the_form_of_its_type_is_refused(value: str, type_: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        cast(value, type_)


@pytest.mark.parametrize(
    "told",
    [
        {"team": "a"},
        [{"Key": "team", "Value": "a"}],
        [{"key": "team", "value": "a"}],
        [{"TagKey": "team", "TagValue": "a"}],
    ],
)
def test_tags_are_told_in_many_spellings(told: Any) -> None:  # noqa: ANN401 - JSON
    assert tags_of(told) == {"team": "a"}
