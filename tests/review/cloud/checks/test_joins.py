from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks._wrongs import ACCOUNT, OTHER, wrongs

from bartizan.collect.inventory.contract import Attachment, Condition, Facts, Gap, Grant, Origin, Resource, Statement, Uid
from bartizan.collect.inventory.kinds import kinds
from bartizan.review.cloud.checks.joins import join, joins
from bartizan.review.cloud.checks.joins.addresses import anyone
from bartizan.review.cloud.checks.joins.aws.account_trails import topics_in
from bartizan.review.cloud.checks.joins.statements import (
    actions_match,
    everything,
    limits_who,
    open_to_anyone,
    refuses_plain,
    whole,
    whole_services,
    writes,
)
from bartizan.review.cloud.checks.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.contract import Value

FILE = Origin("case")
BUCKET = Uid("arn:aws:s3:::b")


def rows(name: str, facts: Facts) -> list[tuple[str, Mapping[str, Value], Mapping[str, str]]]:
    found = join("aws", name)
    assert found is not None
    return [(row.resource.uid, row.properties, row.unknown) for row in found.rows(Tables(facts))]


def resource(kind: str, uid: str = "arn:x", unknown: dict[str, str] | None = None, **properties: Value) -> Resource:
    told = {name.replace("__", "."): value for name, value in properties.items()}
    return Resource(uid=Uid(uid), provider="aws", kind=kind, account=ACCOUNT, name="b", properties=told, unknown=unknown or {}, origin=FILE)


def policy(owner: str, kind: str, *statements: Statement) -> Facts:
    name = Uid(f"{owner}#{'trust' if kind == 'trust' else 'policy'}")
    numbered = [
        Statement(
            policy=name,
            number=number,
            effect=one.effect,
            actions=one.actions,
            not_actions=one.not_actions,
            resources=one.resources,
            principals=one.principals,
            not_principals=one.not_principals,
            conditions=one.conditions,
        )
        for number, one in enumerate(statements)
    ]
    return Facts(statements=numbered, attachments=[Attachment(name, Uid(owner), kind)])


def says(*actions: str, effect: str = "Allow", who: tuple[str, str] = ("*", "*"), conditions: tuple[Condition, ...] = ()) -> Statement:
    return Statement(policy=Uid("p"), number=0, effect=effect, actions=actions, resources=("*",), principals=(who,), conditions=conditions)


def test_every_join_speaks_of_kinds_and_properties_that_there_are() -> None:
    known = kinds()
    strange = [(one.name, kind) for one in joins().values() for kind in (*one.subjects, *one.needs) if (one.provider, kind) not in known]
    assert strange == []
    assert [key for key in joins() if key in known] == [], "a join has the name of a kind"


def test_every_join_of_aws_finds_the_wrong_in_the_estate_of_wrongs() -> None:
    facts = wrongs()
    silent = [one.name for one in joins().values() if one.provider == "aws" and not list(one.rows(Tables(facts)))]
    strange = [
        (one.name, sorted(row.properties.keys() - one.properties.keys()))
        for one in joins().values()
        if one.provider == "aws"
        for row in one.rows(Tables(facts))
        if not row.properties.keys() <= one.properties.keys()
    ]
    assert (silent, strange) == ([], [])


PUBLIC = {"by_policy": True, "by_acl": False, "public": True, "writable": False}
CLOSED = {"by_policy": False, "by_acl": False, "public": False, "writable": False}


def test_a_bucket_is_public_by_its_policy_unless_a_block_stands_before_it() -> None:
    facts = policy(BUCKET, "resource", says("s3:GetObject"))
    facts.resources = [resource("s3_bucket", BUCKET)]
    assert rows("bucket_public", facts) == [(BUCKET, PUBLIC, {})]
    facts.resources = [resource("s3_bucket", BUCKET, public_access_block__restrict_public_buckets=True)]
    assert rows("bucket_public", facts) == [(BUCKET, CLOSED, {})]
    facts.resources = [resource("s3_bucket", BUCKET), resource("account", public_access_block__restrict_public_buckets=True)]
    assert rows("bucket_public", facts) == [(BUCKET, CLOSED, {})]


def test_whether_a_bucket_is_public_is_unknown_where_a_block_that_may_decide_is() -> None:
    facts = policy(BUCKET, "resource", says("s3:GetObject"))
    facts.resources = [resource("s3_bucket", BUCKET, unknown={"public_access_block": "denied"})]
    assert rows("bucket_public", facts) == [(BUCKET, CLOSED, {"by_policy": "denied", "public": "denied", "writable": "denied"})]
    facts.statements.clear()
    assert rows("bucket_public", facts) == [(BUCKET, CLOSED, {})], "with nothing open, the block decides nothing"


def test_a_bucket_is_public_by_its_acl_unless_acls_do_not_hold() -> None:
    facts = Facts(resources=[resource("s3_bucket", BUCKET)], grants=[Grant(BUCKET, "*", "WRITE")])
    assert rows("bucket_public", facts) == [(BUCKET, {"by_policy": False, "by_acl": True, "public": True, "writable": True}, {})]
    facts.resources = [resource("s3_bucket", BUCKET, object_ownership="BucketOwnerEnforced")]
    assert rows("bucket_public", facts) == [(BUCKET, CLOSED, {})]
    facts.resources = [resource("s3_bucket", BUCKET, acl="public-read")]
    facts.grants.clear()
    assert rows("bucket_public", facts) == [(BUCKET, {"by_policy": False, "by_acl": True, "public": True, "writable": False}, {})]
    facts.resources = [resource("s3_bucket", BUCKET, unknown={"grants": "denied"})]
    assert rows("bucket_public", facts)[0][2] == {"by_acl": "denied", "public": "denied", "writable": "denied"}


def test_a_policy_tells_whom_it_lets_in() -> None:
    facts = policy(
        "arn:q",
        "resource",
        says("sqs:SendMessage", who=("Service", "sns.amazonaws.com")),
        says("sqs:*", who=("AWS", f"arn:aws:iam::{OTHER}:root")),
        says("sqs:ReceiveMessage", who=("AWS", ACCOUNT)),
        says("sqs:*", effect="Deny", conditions=(Condition("Bool", "aws:SecureTransport", ("false",)),)),
    )
    facts.resources = [resource("sqs_queue", "arn:q")]
    told = {
        "anyone": False,
        "anyone_acts": False,
        "outsiders": [OTHER],
        "outsiders_act": True,
        "services": ["sns.amazonaws.com"],
        "refuses_plain": True,
        "statements": 4,
    }
    assert rows("sqs_queue_policy", facts) == [("arn:q", told, {})]


def test_a_policy_of_which_a_part_was_not_read_is_told_as_far_as_it_was() -> None:
    facts = policy("arn:q", "resource", says("sqs:*"))
    facts.resources = [resource("sqs_queue", "arn:q")]
    facts.gaps = [Gap(provider="aws", call="read", reason="unresolved", uid=Uid("arn:q#policy"))]
    first, second = rows("sqs_queue_policy", facts)
    assert (first[2]["anyone"], second[1]["anyone"], second[2]) == ("read: unresolved", True, {})


@pytest.mark.parametrize(
    ("subject", "is_open"),
    [
        ("repo:example/app:ref:refs/heads/main", False),
        ("repo:example/*", False),
        ("repo:*", True),
        ("repo:*/app:*", True),
        ("*", True),
        ("system:serviceaccount:shop:*", False),
        ("system:serviceaccount:*:web", True),
    ],
)
def test_a_role_for_an_identity_provider_tells_whether_one_owner_is_named(subject: str, *, is_open: bool) -> None:
    condition = Condition("StringLike", "token.actions.githubusercontent.com:sub", (subject,))
    facts = policy("arn:r", "trust", says("sts:AssumeRoleWithWebIdentity", who=("Federated", "arn:oidc"), conditions=(condition,)))
    facts.resources = [resource("iam_role", "arn:r")]
    [(_, told, unknown)] = rows("role_trust", facts)
    assert (told["subject"], told["subject_open"], told["federated"], unknown) == (True, is_open, ["arn:oidc"], {})


def test_a_condition_that_holds_without_its_key_says_nothing_of_the_subject() -> None:
    condition = Condition("StringEqualsIfExists", "token.actions.githubusercontent.com:sub", ("repo:example/app",))
    facts = policy("arn:r", "trust", says("sts:AssumeRoleWithWebIdentity", who=("Federated", "arn:oidc"), conditions=(condition,)))
    facts.resources = [resource("iam_role", "arn:r")]
    assert rows("role_trust", facts)[0][1]["subject"] is False


def test_an_account_is_recorded_by_a_trail_that_works_everywhere() -> None:
    trail = resource(
        "cloudtrail", "t", logging=True, multi_region=True, management_events="All", log_group="arn:aws:logs:r:1:log-group:g:*"
    )
    group = Resource(
        uid=Uid("g"),
        provider="aws",
        kind="cloudwatch_log_group",
        name="g",
        properties={"metric_filters": ["{ $.eventName = StopLogging }"]},
    )
    account = resource("account", "root")
    told = {"recorded": True, "recorded_data": [], "watched": ["trail-changes"]}
    facts = Facts(resources=[account, trail, group])
    assert rows("account_trails", facts)[0][1] == told
    assert rows("account_trails", Facts(resources=[account]))[0] == ("root", {"recorded": False, "recorded_data": [], "watched": []}, {})
    hidden = resource("cloudtrail", "t", unknown={"logging": "denied"}, multi_region=True)
    assert rows("account_trails", Facts(resources=[account, hidden]))[0][2] == dict.fromkeys(
        ("recorded", "recorded_data", "watched"), "denied"
    )


def test_no_trail_is_no_fact_where_trails_could_not_be_listed() -> None:
    gap = Gap(provider="aws", call="cloudtrail:DescribeTrails", reason="denied", kinds=("cloudtrail",))
    [(_, _, unknown)] = rows("account_trails", Facts(resources=[resource("account", "root")], gaps=[gap]))
    assert unknown["recorded"] == "cloudtrail:DescribeTrails: denied"


def test_what_a_filter_of_logs_looks_for_is_told_by_its_words() -> None:
    pattern = '{ ($.eventName = ConsoleLogin) && ($.additionalEventData.MFAUsed != "Yes") }'
    assert list(topics_in([pattern])) == ["sign-in-without-mfa"]
    assert list(topics_in(['{ $.userIdentity.type = "Root" }', "{ $.eventName = CreateRoute }"])) == ["root-use", "route-changes"]


@pytest.mark.parametrize(
    ("peer", "everybody"),
    [("0.0.0.0/0", True), ("::/0", True), ("0.0.0.0/1", True), ("10.0.0.0/8", False), ("sg-1", False), ("Internet", True), ("", False)],
)
def test_a_peer_is_everybody_where_it_is_wider_than_any_holder(peer: str, *, everybody: bool) -> None:
    assert anyone(peer) is everybody


@pytest.mark.parametrize(
    ("condition", "limits"),
    [
        (Condition("StringEquals", "aws:PrincipalOrgID", ("o-1",)), True),
        (Condition("StringEqualsIfExists", "aws:PrincipalOrgID", ("o-1",)), False),
        (Condition("StringNotEquals", "aws:PrincipalAccount", ("1",)), False),
        (Condition("StringLike", "aws:PrincipalArn", ("*",)), False),
        (Condition("IpAddress", "aws:SourceIp", ("203.0.113.0/24",)), True),
        (Condition("IpAddress", "aws:SourceIp", ("0.0.0.0/0",)), False),
        (Condition("Bool", "aws:SecureTransport", ("true",)), False),
        (Condition("Null", "aws:SourceArn", ("false",)), False),
    ],
)
def test_a_condition_says_who_or_does_not(condition: Condition, *, limits: bool) -> None:
    assert limits_who((condition,)) is limits
    assert open_to_anyone(says("s3:GetObject", conditions=(condition,))) is not limits


def test_statements_are_read_for_what_they_grant() -> None:
    assert everything(says("*"))
    assert not everything(says("*", effect="Deny"))
    assert whole(says("s3:*"), "s3")
    assert not whole(says("s3:Get*"), "s3")
    assert whole_services(says("S3:*", "ec2:Describe*", "*:*")) == ["s3"]
    assert [writes(one, "s3") for one in (says("s3:Get*"), says("s3:PutObject"), says("*"), says("ec2:RunInstances"))] == [
        False,
        True,
        True,
        False,
    ]
    assert actions_match(says("iam:Create*"), "iam:CreateAccessKey")
    assert not refuses_plain(says("s3:GetObject", effect="Deny", conditions=(Condition("Bool", "aws:SecureTransport", ("false",)),)))


def test_a_name_that_leads_to_nothing_of_the_account_is_found() -> None:
    name = Resource(
        uid=Uid("r"),
        provider="aws",
        kind="route53_record",
        name="www.example.com.",
        properties={"type": "A", "alias": "s3-website-eu-west-1.amazonaws.com."},
        origin=FILE,
    )
    gone = {"type": "A", "leads_to": "bucket", "gone": True}
    assert rows("record_target", Facts(resources=[name])) == [("r", gone, {})]
    bucket = Resource(uid=Uid("b"), provider="aws", kind="s3_bucket", name="www.example.com", origin=FILE)
    assert rows("record_target", Facts(resources=[name, bucket])) == [("r", {**gone, "gone": False}, {})]
    gap = Gap(provider="aws", call="s3:ListBuckets", reason="denied", kinds=("s3_bucket",))
    assert rows("record_target", Facts(resources=[name], gaps=[gap])) == [("r", gone, {"gone": "s3:ListBuckets: denied"})]
    elsewhere = resource("route53_record", "r", type="CNAME", values=["example.net"])
    assert rows("record_target", Facts(resources=[elsewhere])) == []
    balanced = resource("route53_record", "r", type="A", alias="dualstack.web-1.eu-west-1.elb.amazonaws.com")
    lb = resource("lb", "lb", dns_name="web-1.eu-west-1.elb.amazonaws.com")
    assert rows("record_target", Facts(resources=[balanced, lb]))[0][1] == {"type": "A", "leads_to": "load balancer", "gone": False}


def test_a_listener_is_where_its_load_balancer_is() -> None:
    listener = resource("lb_listener", "l", load_balancer="lb-1", port=80, protocol="HTTP")
    balancer = resource("lb", "lb-1", scheme="internet-facing")
    told = {"port": 80, "protocol": "HTTP", "scheme": "internet-facing"}
    assert rows("listener", Facts(resources=[listener, balancer])) == [("l", told, {})]
    assert rows("listener", Facts(resources=[listener])) == [
        ("l", {**told, "scheme": None}, {"scheme": "the load balancer lb-1 was not read"})
    ]
    hidden = resource("lb", "lb-1", unknown={"scheme": "denied"})
    assert rows("listener", Facts(resources=[listener, hidden]))[0][2] == {"scheme": "denied"}


@pytest.mark.parametrize(
    ("name", "what", "unknown"),
    [
        (
            "network_acl_rule",
            resource("network_acl", unknown={"rules": "?"}),
            {"direction", "action", "anyone", "protocol", "first_port", "last_port"},
        ),
        ("trail_bucket", resource("cloudtrail", bucket="b"), {"logging.bucket", "versioning", "mfa_delete", "object_lock.enabled"}),
        ("api_method_guard", resource("api_gateway_method", rest_api="a"), {"private", "guarded"}),
        ("exposed_instance", resource("instance", public_ip="203.0.113.7"), {"group", "anyone", "protocol", "first_port", "last_port"}),
        (
            "exposed_instance",
            resource("instance", public_ip="203.0.113.7", security_groups=["sg-1"]),
            {"anyone", "protocol", "first_port", "last_port"},
        ),
        (
            "exposed_db_instance",
            resource("db_instance", unknown={"*": "?"}),
            {"public", "group", "anyone", "protocol", "first_port", "last_port"},
        ),
        ("lambda_function_rights", resource("lambda_function", role="r"), {"admin", "escalates", "role"}),
        ("lambda_function_rights", resource("lambda_function", unknown={"role": "?"}), {"admin", "escalates", "role"}),
        ("instance_rights", resource("instance", profile="arn:aws:iam::1:instance-profile/p"), {"admin", "escalates", "role"}),
        ("principal_rights", resource("iam_user", policies__attached=["arn:policy"], policies__inline=[]), {"admin", "escalates"}),
        ("principal_rights", resource("iam_user", unknown={"policies": "?"}), {"admin", "escalates"}),
        ("iam_policy_statement", resource("iam_policy", unknown={"document": "?"}, managed_by_aws=False, attachments=1), None),
        ("record_target", resource("route53_record", unknown={"alias": "?"}), {"leads_to", "gone"}),
    ],
)
def test_what_a_join_cannot_know_it_does_not_say(name: str, what: Resource, unknown: set[str] | None) -> None:
    [(_, told, hidden)] = rows(name, Facts(resources=[what]))
    assert unknown is None or hidden.keys() - {"group"} == unknown - {"group"}
    assert hidden
    assert not [key for key in hidden if told.get(key) is True]


def test_a_role_without_a_profile_and_a_thing_without_a_role_have_no_rows() -> None:
    profile = resource("iam_instance_profile", "arn:aws:iam::1:instance-profile/p")
    instance = resource("instance", "i", profile="arn:aws:iam::1:instance-profile/p")
    assert rows("instance_rights", Facts(resources=[profile, instance, resource("instance", "j")])) == []
    assert rows("exposed_db_instance", Facts(resources=[resource("db_instance", public=False)])) == []
