"""A service account that is somebody in a cloud leads there: for certain where that was read and lets it in."""

from __future__ import annotations

from pathlib import Path

import pytest

from bartizan.collect.inventory.contract import Edge, Facts, Principal, Resource, Uid
from bartizan.review.cloud.paths.compiling import compile_paths
from bartizan.review.cloud.paths.estates import aws, kubernetes
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer

RULES = path_rules(Path(__file__).resolve().parents[5] / "content" / "paths" / "kubernetes")
ROLE = "arn:aws:iam::111111111111:role/shop"
OIDC = "iam_openid_connect_provider/oidc.eks.eu-west-1.amazonaws.com/id/0A"
WEB = Uid("k8s://lab/service_account/shop/web")


def hops(facts: Facts, rule: str) -> list[tuple[str, str, tuple[str, ...]]]:
    found = compile_paths(facts, [RULES[rule]], {"kubernetes": authorizer("kubernetes", facts)})
    return [(hop.src, hop.dst, hop.depends) for hop in found.hops]


def cluster(annotation: str, value: str) -> Facts:
    return kubernetes.estate({"accounts": {"shop/web": {annotation: value}}})


@pytest.mark.parametrize(
    ("subject", "there"),
    [
        ("system:serviceaccount:shop:web", True),
        ("system:serviceaccount:shop:*", True),
        ("system:serviceaccount:bank:*", False),
    ],
)
def test_a_role_of_aws_that_was_read_is_reached_only_where_it_trusts_the_account(subject: str, there: bool) -> None:  # noqa: FBT001 - a value of the case
    facts = cluster("eks.amazonaws.com/role-arn", ROLE)
    trust = {"to": OIDC, "if": {"StringLike": {"oidc.eks.eu-west-1.amazonaws.com/id/0A:sub": subject}}}
    facts.add(aws.estate({"roles": {"shop": {"trust": trust, "allow": ["s3:*"]}}}))
    assert hops(facts, "kubernetes-cloud-aws") == ([(WEB, ROLE, ())] if there else [])


def test_a_role_that_does_not_trust_the_cluster_at_all_is_not_reached() -> None:
    facts = cluster("eks.amazonaws.com/role-arn", ROLE)
    facts.add(aws.estate({"roles": {"shop": {"trust": "ec2.amazonaws.com"}}}))
    assert hops(facts, "kubernetes-cloud-aws") == []


def test_an_identity_of_azure_is_the_principal_that_stands_behind_its_application() -> None:
    facts = cluster("azure.workload.identity/client-id", "11111111-AAAA-3333-4444-555555555555")
    behind = Uid("22222222-2222-2222-2222-222222222222")
    facts.principals.append(Principal(uid=behind, provider="azure", kind="managed_identity"))
    facts.edges.append(Edge(Uid("application/11111111-aaaa-3333-4444-555555555555"), behind, "runs-as"))
    assert hops(facts, "kubernetes-cloud-azure") == [(WEB, behind, ())]


def test_a_node_is_the_machine_of_its_cloud() -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}, "spec": {"providerID": "aws:///eu-west-1a/i-0abc"}}
    facts = kubernetes.estate({"objects": [node]})
    machine = Uid("arn:aws:ec2:eu-west-1:111111111111:instance/i-0abc")
    assert hops(facts, "kubernetes-node-is-machine") == []
    facts.resources.append(Resource(uid=machine, provider="aws", kind="instance"))
    assert hops(facts, "kubernetes-node-is-machine") == [("k8s://lab/node//n1", machine, ())]
