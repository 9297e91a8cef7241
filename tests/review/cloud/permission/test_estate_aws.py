from __future__ import annotations

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Principal, Resource, Statement, Uid
from bartizan.review.cloud.permission.aws.arns import node
from bartizan.review.cloud.permission.aws.authorizer import AwsAuthorizer
from bartizan.review.cloud.permission.aws.estate import Organization
from bartizan.review.cloud.permission.contract import Answer

ORG = "arn:aws:organizations::999999999999"
ALICE = Uid("arn:aws:iam::111111111111:user/alice")


def resource(uid: str, kind: str, **properties: str) -> Resource:
    return Resource(uid=Uid(uid), provider="aws", kind=kind, account="999999999999", properties=properties)


def alice(*policies: str) -> Facts:
    return Facts(
        principals=[Principal(uid=ALICE, provider="aws", kind="user", account="111111111111", name="alice")],
        attachments=[Attachment(Uid(policy), ALICE, "identity") for policy in policies],
    )


def test_a_node_of_an_organization_is_told_by_its_id_however_it_is_named() -> None:
    names = ("111111111111", f"{ORG}:account/o-a/111111111111", "arn:aws:iam::111111111111:root", f"{ORG}:ou/o-a/ou-a-1", "r-a")
    assert [node(name) for name in names] == ["111111111111", "111111111111", "111111111111", "ou-a-1", "r-a"]


def test_the_tree_is_read_from_what_accounts_say_of_their_parents() -> None:
    told = Organization(
        Facts(
            resources=[
                resource(f"{ORG}:account/o-a/111111111111", "organizations_account", parent="ou-a-1"),
                resource(f"{ORG}:ou/o-a/ou-a-1", "organizations_organizational_unit", parent=f"{ORG}:root/o-a/r-a"),
                resource("o-a", "organizations_organization"),
            ],
        ),
    )
    assert (told.id, told.management, told.path("111111111111"), told.path("222222222222")) == (
        "o-a",
        "999999999999",
        ("r-a", "ou-a-1", "111111111111"),
        (),
    )


def test_the_tree_is_read_from_edges_up_to_the_organization() -> None:
    edges = [Edge(Uid(a), Uid(b), "contains") for a, b in (("o-a", "r-a"), ("r-a", "ou-a-1"), ("ou-a-1", "111111111111"))]
    told = Organization(Facts(edges=edges))
    assert (told.id, told.path("111111111111")) == ("o-a", ("r-a", "ou-a-1", "111111111111"))


def test_a_tree_that_goes_in_a_circle_ends() -> None:
    edges = [Edge(Uid(a), Uid(b), "contains") for a, b in (("ou-1", "ou-2"), ("ou-2", "ou-1"), ("ou-1", "111111111111"))]
    assert Organization(Facts(edges=edges)).path("111111111111") == ("ou-2", "ou-1", "111111111111")


def test_a_policy_that_aws_manages_is_known_where_no_origin_told_it() -> None:
    authorizer = AwsAuthorizer(alice("arn:aws:iam::aws:policy/AdministratorAccess"))
    decision = authorizer.decide(ALICE, "iam:CreateUser", "*")
    assert (decision.answer, decision.why[0].statement and decision.why[0].statement.policy) == (
        Answer.ALLOWED,
        "arn:aws:iam::aws:policy/AdministratorAccess",
    )


def test_a_policy_of_which_nothing_was_read_makes_every_answer_unknown() -> None:
    decision = AwsAuthorizer(alice("arn:aws:iam::111111111111:policy/gone")).decide(ALICE, "iam:CreateUser", "*")
    assert (decision.answer, decision.why[0].text) == (Answer.UNKNOWN, "the policy arn:aws:iam::111111111111:policy/gone was not read")


def test_full_access_of_an_organization_is_known_by_its_name() -> None:
    facts = alice("arn:aws:iam::aws:policy/AdministratorAccess")
    facts.edges.append(Edge(Uid("r-a"), Uid("111111111111"), "contains"))
    facts.attachments.append(Attachment(Uid("arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"), Uid("r-a"), "scp"))
    assert AwsAuthorizer(facts).decide(ALICE, "iam:CreateUser", "*").answer is Answer.ALLOWED


def test_a_stage_of_an_api_has_the_policy_of_its_api() -> None:
    api = Uid("arn:aws:apigateway:eu-west-1::/restapis/abc")
    facts = Facts(
        resources=[Resource(uid=api, provider="aws", kind="api_gateway_rest_api", account="111111111111")],
        statements=[
            Statement(policy=Uid(f"{api}#policy"), number=0, actions=("execute-api:Invoke",), resources=("*",), principals=(("*", "*"),))
        ],
        attachments=[Attachment(Uid(f"{api}#policy"), api, "resource")],
    )
    decision = AwsAuthorizer(facts).decide(Uid("*"), "execute-api:Invoke", "arn:aws:execute-api:eu-west-1:111111111111:abc/prod/GET/x")
    assert decision.answer is Answer.ALLOWED


def test_hostile_patterns_are_matched_in_the_time_of_others() -> None:
    pattern = "arn:aws:s3:::b/" + "a*" * 200 + "?" + "*b" * 200
    facts = alice("arn:aws:iam::111111111111:policy/p")
    facts.statements.append(Statement(policy=Uid("arn:aws:iam::111111111111:policy/p"), number=0, actions=("s3:*",), resources=(pattern,)))
    facts.resources.append(Resource(uid=Uid("arn:aws:s3:::b"), provider="aws", kind="s3_bucket", account="111111111111"))
    assert AwsAuthorizer(facts).decide(ALICE, "s3:GetObject", "arn:aws:s3:::b/" + "a" * 500).answer is Answer.DENIED
