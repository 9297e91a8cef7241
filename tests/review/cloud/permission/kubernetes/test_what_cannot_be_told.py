"""What was not read, and who else decides, leaves an answer unknown; nothing of that is ever taken for a no."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.inventory.contract import Edge, Gap, Uid
from bartizan.collect.inventory.kubernetes.objects import Objects
from bartizan.review.cloud.permission.kubernetes.authorizer import RbacAuthorizer

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Facts
    from bartizan.review.cloud.permission.contract import Decision

ALICE = Uid("k8s://lab/user//alice")
BINDING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "b", "namespace": "shop"},
    "roleRef": {"kind": "Role", "name": "reader"},
    "subjects": [{"kind": "User", "name": "alice"}, {"kind": "Group", "name": "team"}],
}
ROLE = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "Role",
    "metadata": {"name": "reader", "namespace": "shop"},
    "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
}


def facts(*values: dict[str, Any], gaps: tuple[Gap, ...] = ()) -> Facts:
    objects = Objects("lab")
    objects.file("".join(map(json.dumps, values)).encode(), "lab.json")
    found = objects.facts()
    found.gaps = list(gaps)
    return found


def api_server(*arguments: str) -> dict[str, Any]:
    container = {"name": "a", "command": ["kube-apiserver", *arguments]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "kube-system"}, "spec": {"containers": [container]}}


def decide(of: Facts, action: str = "delete pods", at: str = "shop/web", who: Uid = ALICE) -> Decision:
    return RbacAuthorizer(of).decide(who, action, at)


def gap(*kinds: str, account: str = "lab") -> Gap:
    return Gap(provider="kubernetes", call="x.yml:3", reason="failed", detail="broken", account=account, kinds=kinds)


@pytest.mark.parametrize(
    ("told", "answer", "why"),
    [
        ((), "denied", "no rule of a role that is bound to it in shop allows it"),
        ((gap("role_binding"),), "unknown", "not read: role_binding (broken)"),
        ((gap("cluster_role_binding"),), "unknown", "not read: cluster_role_binding (broken)"),
        ((gap(),), "unknown", "not read: x.yml:3 (broken)"),
        ((gap("pod"),), "denied", "no rule of a role that is bound to it in shop allows it"),
        ((gap("role"),), "denied", "no rule of a role that is bound to it in shop allows it"),
        ((gap("role_binding", account="other"),), "denied", "no rule of a role that is bound to it in shop allows it"),
    ],
)
def test_a_no_needs_the_bindings(told: tuple[Gap, ...], answer: str, why: str) -> None:
    decision = decide(facts(BINDING, ROLE, gaps=told))
    assert (decision.answer.value, decision.why[0].text) == (answer, why)


def test_a_role_that_is_bound_and_was_not_read_may_allow_anything() -> None:
    assert decide(facts(BINDING)).answer.value == "denied", "a role that is not there gives nothing"
    decision = decide(facts(BINDING, gaps=(gap("role"),)))
    assert (decision.answer.value, decision.why[0].text) == ("unknown", "not read: role (broken)")


def test_a_yes_needs_nothing_else() -> None:
    decision = decide(facts(BINDING, ROLE, gaps=(gap(),)), "get pods")
    assert (decision.answer.value, decision.why[0].text) == ("allowed", "the role reader is bound to it in the namespace shop")


def test_an_api_server_that_allows_everything_allows_everything() -> None:
    of = facts(api_server("--authorization-mode=AlwaysAllow"), ROLE)
    assert decide(of).answer.value == "allowed"
    assert RbacAuthorizer(of).may(ALICE, ["delete nodes"]) == {"delete nodes": True}


@pytest.mark.parametrize("mode", ["Webhook", "ABAC"])
def test_another_authorizer_may_allow_what_roles_do_not(mode: str) -> None:
    decision = decide(facts(api_server(f"--authorization-mode=Node,RBAC,{mode}"), ROLE, BINDING))
    assert (decision.answer.value, decision.why[0].text) == ("unknown", f"the authorizer {mode} of the API server decides too")


def test_a_member_of_a_group_has_what_the_group_has() -> None:
    of = facts(BINDING, ROLE)
    bob, team = Uid("k8s://lab/user//bob"), Uid("k8s://lab/group//team")
    assert decide(of, "get pods", who=bob).answer.value == "denied"
    of.edges.append(Edge(bob, team, "member-of"))
    assert decide(of, "get pods", who=bob).why[0].text == "the role reader is bound to it in the namespace shop, to its group team"


def test_clusters_do_not_know_each_other() -> None:
    of = facts(BINDING, ROLE)
    assert decide(of, "get pods", who=Uid("k8s://other/user//alice")).answer.value == "denied"
