from __future__ import annotations

from typing import Any

import pytest

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Grant, NetworkRule, Origin, Uid
from bartizan.collect.inventory.declared import sections
from bartizan.collect.inventory.declared.contract import Account, Declared, provider_of_type
from bartizan.collect.inventory.declared.facts import facts_of
from bartizan.collect.inventory.declared.rendering import Rendering
from bartizan.collect.inventory.declared.searching import as_type, search
from bartizan.collect.inventory.declared.standing import made_up
from bartizan.collect.inventory.declared.values import Encoded, Unknown, first_unknown
from bartizan.collect.inventory.kinds import Kind, Property
from bartizan.errors import InputError

WHERE = Account("111122223333", "eu-west-1")
NOT_YET = Unknown("not yet")
AT = Origin("terraform", "main.tf", "line 1")


def told(*declared: tuple[str, dict[str, Any]], section: str = "terraform") -> Facts:
    rows = [
        Declared(type=kind, address=f"{kind}.n{at}", values=values, where=WHERE, origin=AT) for at, (kind, values) in enumerate(declared)
    ]
    return facts_of(rows, section)


def gaps(facts: Facts) -> list[str]:
    return [gap.detail for gap in facts.gaps]


SCP = '{"Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}'


def test_policies_of_an_organization_are_attached_to_what_they_name() -> None:
    policy = ("aws_organizations_policy", {"name": "deny", "content": SCP, "id": "p-1"})
    uid = Uid("arn:aws:organizations::111122223333:policy/p-1")
    facts = told(policy, ("aws_organizations_policy_attachment", {"policy_id": "p-1", "target_id": "ou-1"}))
    assert [one.policy for one in facts.statements] == [uid]
    assert facts.attachments == [Attachment(uid, Uid("ou-1"), "scp", origin=AT)]
    facts = told(policy, *[("aws_organizations_policy_attachment", {"policy_id": "p-1", "target_id": value}) for value in (NOT_YET, {})])
    assert gaps(facts) == [
        "what aws_organizations_policy_attachment.n1 is attached to is not known: not yet",
        "what aws_organizations_policy_attachment.n2 is attached to is not known: it is no name",
    ]


def test_a_tag_policy_is_no_policy_of_access() -> None:
    facts = told(("aws_organizations_policy", {"name": "tags", "type": "TAG_POLICY", "content": '{"tags": {}}', "id": "p-2"}))
    assert (facts.statements, facts.gaps) == ([], [])


def test_a_template_attaches_a_policy_to_those_it_names() -> None:
    values = {"ManagedPolicyName": "p", "PolicyDocument": {"Statement": []}, "Roles": ["r"], "Users": [NOT_YET]}
    facts = told(("AWS::IAM::ManagedPolicy", values), section="template")
    policy, role = Uid("arn:aws:iam::111122223333:policy/p"), Uid("arn:aws:iam::111122223333:role/r")
    assert facts.attachments == [Attachment(policy, role, "identity", origin=AT)]
    assert gaps(facts) == ["what AWS::IAM::ManagedPolicy.n0 is attached to is not known: not yet"]


def test_what_belongs_to_nobody_knows_whom_is_a_gap() -> None:
    facts = told(("aws_s3_bucket_policy", {"bucket": NOT_YET, "policy": SCP}), ("aws_s3_bucket_policy", {"bucket": {}, "policy": SCP}))
    assert gaps(facts) == [
        "aws_s3_bucket_policy.n0: which s3_bucket it belongs to is not known: not yet",
        "aws_s3_bucket_policy.n1: which s3_bucket it belongs to is not known: it is no name",
    ]


def test_edges_go_either_way_and_what_they_lead_to_may_be_unknown() -> None:
    balancer = ("aws_lb", {"name": "l", "arn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/l/1"})
    listener = ("aws_lb_listener", {"load_balancer_arn": balancer[1]["arn"], "port": 80, "default_action": [{"target_group_arn": NOT_YET}]})
    facts = told(balancer, listener)
    assert facts.edges == [Edge(Uid(balancer[1]["arn"]), facts.resources[1].uid, "routes-to", AT)]
    assert gaps(facts) == ["aws_lb_listener.n1: what it is joined to by routes-to is not known: not yet"]


def test_grants_are_told_or_a_gap() -> None:
    owner = {"grantee": [{"id": "abc"}], "permission": "READ"}
    acl = (
        "aws_s3_bucket_acl",
        {"bucket": "b", "access_control_policy": [{"grant": [owner, {"grantee": [{"id": 5}], "permission": "READ"}]}]},
    )
    facts = told(("aws_s3_bucket", {"bucket": "b"}), acl, ("aws_s3_bucket_acl", {"bucket": "b", "acl": NOT_YET}))
    bucket = Uid("arn:aws:s3:::b")
    assert facts.grants == [Grant(bucket, "abc", "READ", AT)]
    assert f"a grant of {bucket} is not known: it is no text" in gaps(facts)
    assert f"a grant of {bucket} is not known: not yet" in gaps(facts)


@pytest.mark.parametrize(
    ("rule", "made"),
    [
        ({"protocol": "6", "from_port": "80", "to_port": "81"}, ("tcp", 80, 81)),
        ({"protocol": "all", "from_port": 0, "to_port": 0}, ("-1", -1, -1)),
        ({"protocol": -1, "from_port": 1, "to_port": 2}, ("-1", -1, -1)),
        ({"protocol": "UDP", "from_port": 53}, ("udp", 53, 53)),
        ({"protocol": "icmp", "from_port": -1, "to_port": -1}, ("icmp", -1, -1)),
        ({"protocol": "tcp", "from_port": "ssh", "to_port": "ssh"}, ("tcp", 22, 22)),
        ({"protocol": "58", "from_port": 0, "to_port": 0}, ("icmpv6", 0, 0)),
    ],
)
def test_protocols_and_ports_come_out_one_way(rule: dict[str, object], made: tuple[str, int, int]) -> None:
    facts = told(("aws_security_group", {"id": "sg-1", "ingress": [{**rule, "cidr_blocks": ["10.0.0.0/8"]}]}))
    group = Uid("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1")
    protocol, first, last = made
    assert facts.network_rules == [
        NetworkRule(resource=group, direction="ingress", peer="10.0.0.0/8", protocol=protocol, first_port=first, last_port=last, origin=AT)
    ]


def test_a_rule_with_a_port_that_is_none_is_a_gap() -> None:
    facts = told(("aws_security_group", {"id": "sg-1", "ingress": [{"protocol": "tcp", "from_port": "x", "cidr_blocks": ["::/0"]}]}))
    assert (facts.network_rules, len(facts.gaps)) == ([], 1)


def test_a_group_is_named_by_its_uid_where_it_is_declared() -> None:
    group = ("aws_security_group", {"id": "sg-1", "ingress": []})
    rule = {"security_group_id": "sg-1", "type": "ingress", "protocol": "-1", "source_security_group_id": "sg-1"}
    other = {**rule, "source_security_group_id": "sg-elsewhere"}
    facts = told(group, ("aws_security_group_rule", rule), ("aws_security_group_rule", other))
    assert [one.peer for one in facts.network_rules] == ["arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1", "sg-elsewhere"]


def test_an_entry_may_hold_for_some_only() -> None:
    feature = {"detector_id": "d", "name": "S3_DATA_EVENTS", "status": "ENABLED"}
    facts = told(("aws_guardduty_detector", {"id": "d"}), ("aws_guardduty_detector_feature", feature))
    detector = next(one for one in facts.resources if one.kind == "guardduty_detector")
    assert (detector.properties["s3_protection"], detector.properties["runtime_monitoring"]) == (True, False)
    region = next(one for one in facts.resources if one.kind == "region")
    assert (region.uid, region.properties) == ("arn:aws:ec2:eu-west-1:111122223333:region", {"guardduty.enabled": True})
    assert region.unknown["*"]


@pytest.mark.parametrize(
    ("value", "wanted", "made"),
    [
        ("true", "boolean", True),
        (False, "boolean", False),
        ("perhaps", "boolean", Unknown("'perhaps' is no boolean")),
        (1, "boolean", Unknown("'1' is no boolean")),
        ("5", "integer", 5),
        (True, "integer", Unknown("'True' is no integer")),
        ([], "integer", Unknown("'[]' is no integer")),
        ("x", "number", Unknown("'x' is no number")),
        (2.0, "string", "2"),
        ({"a": 1}, "string", Unknown("\"{'a': 1}\" is no string")),
        ("a", "strings", ["a"]),
        (["a", None, 5], "strings", ["a", "5"]),
        ([NOT_YET], "strings", NOT_YET),
        (Encoded({"a": 1}), "string", None),
        ("", "string", None),
        ({"a": 1}, "object", {"a": 1}),
    ],
)
def test_a_value_is_of_the_type_of_its_property_or_unknown(value: object, wanted: str, made: object) -> None:
    assert as_type(value, wanted) == made


def test_what_hangs_on_the_unknown_is_unknown() -> None:
    values = {"a": NOT_YET, "b": [{"c": 1}, NOT_YET], "d": {"e": NOT_YET, "f": 1}, "g": 1}
    asked = ("a", "a.b", "a == 'x'", "!a", "b[].c", "b[0].c", "d.f", "d.e", "length(b)", "names(d)", "g == `1`", "h", "h == 'x'", "a || g")
    assert {path: search(path, values) for path in asked} == {
        "a": NOT_YET,
        "a.b": NOT_YET,
        "a == 'x'": NOT_YET,
        "!a": NOT_YET,
        "b[].c": NOT_YET,
        "b[0].c": 1,
        "d.f": 1,
        "d.e": NOT_YET,
        "length(b)": NOT_YET,
        "names(d)": ["e", "f"],
        "g == `1`": True,
        "h": None,
        "h == 'x'": False,
        "a || g": NOT_YET,
    }
    assert search("length(g)", values) == Unknown(
        "length(g): In function length(), invalid type for value: 1, expected one of: ['string', 'array', 'object'], received: \"number\""
    )
    assert search("@", NOT_YET) == search("x", NOT_YET) == NOT_YET


def test_a_value_that_holds_itself_many_times_is_unknown_and_not_walked() -> None:
    value: list[Any] = ["x"]
    for _ in range(64):
        value = [value, value]
    assert first_unknown(value) == Unknown("it has more than 500000 parts")


def test_what_is_made_up_only_names_things() -> None:
    assert made_up("cidr") is None
    assert made_up("account_alias") is None
    assert made_up("region") == "us-east-1"
    assert made_up("my_subnet1_id") == f"subnet-{str(made_up('my_subnet1_id')).removeprefix('subnet-')}"
    account = made_up("prod_account_id")
    assert (len(str(account)), str(account).isdigit(), account == made_up("dev_account_id")) == (12, True, False)


def test_a_template_of_a_name_has_parts_and_defaults() -> None:
    values = {
        "name": "/a/b",
        "url": "https://x/y",
        "tags": [{"Key": "Name", "Value": "n"}],
        "list": [{"k": 5}],
        "odd": 3,
        "later": Unknown("no", "a\ufffcb"),
    }
    rendering = Rendering("t.x", WHERE, values.get)
    rendering.uid = "u"
    assert (
        rendering.render("{name:path} {name:last} {url:host} {tags.Name} {list.0.k} {none|d} {uid} {region}")
        == "a/b b x/y n 5 d u eu-west-1"
    )
    assert rendering.render("{odd.deeper}")[:2] == "x-"
    assert rendering.render("{later}")[0::9] == "ab"
    assert rendering.assumed == ["odd.deeper: it is not set", "later: no"]


def test_the_provider_of_a_type_is_told_by_its_first_word() -> None:
    named = ("aws_x", "azurerm_x", "azuread_x", "google_x", "kubernetes_x", "AWS::S3::Bucket", "random_id")
    assert [provider_of_type(one) for one in named] == ["aws", "azure", "azure", "gcp", "kubernetes", "aws", ""]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"type": "t", "uid": "u", "extra": 1}, "there is no extra"),
        ({"type": "t"}, "it needs either uid or of"),
        ({"type": "t", "uid": "u", "of": "o"}, "it needs either uid or of"),
        ({"type": "t", "uid": "u", "gives": {"q": "x"}}, "the kind has no property q"),
        ({"type": "t", "uid": "u", "global": "yes"}, "global is true or false"),
        ("t", "'str' object has no attribute 'keys'"),
    ],
)
def test_a_section_that_is_wrong_says_where(monkeypatch: pytest.MonkeyPatch, entry: object, why: str) -> None:
    kind = Kind("aws", "k", "a kind", {"p": Property("p", "string", "a property")}, {"terraform": [entry]})
    monkeypatch.setattr(sections, "kinds", lambda: {("aws", "k"): kind})
    with pytest.raises(InputError) as error:
        sections.entries.__wrapped__("terraform")
    assert str(error.value) == f"kinds/aws/k.yml: terraform: entry 0: {why}"


def test_what_belongs_to_nobody_knows_whom_leaves_in_doubt_what_it_may_tell_alone() -> None:
    user, key = ("aws_iam_user", {"name": "u"}), ("aws_iam_access_key", {"user": NOT_YET})
    assert told(user, key).gaps[-1].properties == ("access_keys.active",)
    policy = ("aws_iam_user_policy", {"name": "p", "user": NOT_YET, "policy": SCP})
    assert told(user, policy).gaps[-1].properties == ("policies", "policies.inline")
    membership = ("aws_iam_user_group_membership", {"user": NOT_YET, "groups": ["g"]})
    assert next(gap for gap in told(user, membership).gaps if gap.kinds == ("iam_user",)).properties == ("groups", "policies")
    bucket, rules = ("aws_s3_bucket", {"bucket": "b"}), ("aws_s3_bucket_policy", {"bucket": NOT_YET, "policy": SCP})
    assert told(bucket, rules).gaps[-1].properties == ("policy",)
    assert told(rules).gaps[-1].properties == ()


def test_what_a_machine_is_joined_to_hides_nothing_else_of_it() -> None:
    facts = told(("aws_instance", {"iam_instance_profile": NOT_YET, "ami": "ami-1"}))
    assert [(gap.detail, gap.properties) for gap in facts.gaps] == [
        ("aws_instance.n0: what it is joined to by uses-profile is not known: not yet", ("profile",))
    ]


def test_of_two_that_go_by_one_name_each_is_judged_by_what_it_says_itself() -> None:
    first, second = ({"name": "n", "resource_group_name": "g", "https_only": one} for one in (False, True))
    facts = told(("azurerm_linux_web_app", first), ("azurerm_linux_web_app", second))
    assert [one.properties["https_only"] for one in facts.resources] == [False, True]
    assert len({one.uid for one in facts.resources}) == 1
    assert gaps(facts) == [f"azurerm_linux_web_app.n1 and azurerm_linux_web_app.n0 are both {facts.resources[0].uid}"]
