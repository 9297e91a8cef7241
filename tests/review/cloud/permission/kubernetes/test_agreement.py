"""The authorizer and the naive one agree on any roles, bindings and questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.collect.inventory.kubernetes.manifests import Manifest
from bartizan.collect.inventory.kubernetes.names import account_uid, uid
from bartizan.collect.inventory.kubernetes.objects import Objects
from bartizan.review.cloud.permission.contract import Answer
from bartizan.review.cloud.permission.kubernetes.authorizer import RbacAuthorizer
from bartizan.review.cloud.permission.kubernetes.naive import allowed

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Facts, Uid

GROUP = "rbac.authorization.k8s.io"
VERBS = st.sampled_from(["get", "list", "create", "*", "escalate"])
GROUPS = st.sampled_from(["", "apps", "*"])
KINDS = st.sampled_from(["pods", "pods/log", "*", "*/scale", "deployments/scale", "secrets", "pods/*"])
NAMES = st.sampled_from(["a", "b", "*"])
PATHS = st.sampled_from(["/healthz", "/healthz/*", "*", "/m*", "nothing"])
SPACES = st.sampled_from(["shop", "bank"])
RULES = st.one_of(
    st.fixed_dictionaries(
        {"verbs": st.lists(VERBS, max_size=2), "apiGroups": st.lists(GROUPS, max_size=2), "resources": st.lists(KINDS, max_size=2)},
        optional={"resourceNames": st.lists(NAMES, max_size=2)},
    ),
    st.fixed_dictionaries({"verbs": st.lists(VERBS, max_size=2), "nonResourceURLs": st.lists(PATHS, max_size=2)}),
)
ROLES = st.lists(
    st.tuples(st.sampled_from(["", "shop", "bank"]), st.lists(RULES, max_size=2), st.booleans(), st.booleans()), min_size=1, max_size=3
)
SUBJECTS = st.sampled_from(
    [
        {"kind": "User", "name": "alice"},
        {"kind": "User", "name": "system:anonymous"},
        {"kind": "ServiceAccount", "name": "web", "namespace": "shop"},
        {"kind": "ServiceAccount", "name": "web"},
        {"kind": "Group", "name": "system:authenticated"},
        {"kind": "Group", "name": "system:serviceaccounts:shop"},
        {"kind": "Group", "name": "team"},
        {"kind": "Robot", "name": "x"},
    ]
)
BINDINGS = st.lists(
    st.tuples(st.sampled_from(["", "shop", "bank"]), st.integers(0, 3), st.lists(SUBJECTS, min_size=1, max_size=2)), min_size=1, max_size=3
)
WHO = st.sampled_from(
    [
        account_uid("lab", "alice"),
        account_uid("lab", "system:anonymous"),
        uid("lab", "service_account", "web", "shop"),
        uid("lab", "service_account", "web", "bank"),
        uid("lab", "group", "team"),
        uid("lab", "group", "system:unauthenticated"),
    ]
)
ACTIONS = st.one_of(
    st.builds(
        "{} {}{}".format,
        st.sampled_from(["get", "list", "create", "escalate"]),
        st.sampled_from(["pods", "secrets", "nodes"]),
        st.sampled_from(["", "/log", "/scale", ".apps", ".apps/scale"]),
    ),
    st.sampled_from(["get /healthz", "get /healthz/etcd", "list /metrics", "get deployments.apps/scale"]),
)
PLACES = st.sampled_from(["*", "shop/", "shop/a", "bank/b", "/a", "shop"])


def estate(roles: list[Any], bindings: list[Any]) -> Facts:
    read = Objects("lab")
    for number, (namespace, rules, aggregates, labelled) in enumerate(roles):
        metadata = {"name": f"r{number}", **({"namespace": namespace} if namespace else {"labels": {"to": "all"} if labelled else {}})}
        value = {"kind": "Role" if namespace else "ClusterRole", "apiVersion": f"{GROUP}/v1", "metadata": metadata, "rules": rules}
        chosen = {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"to": "all"}}]}} if aggregates and not namespace else {}
        read.take(Manifest({**value, **chosen}), "lab")
    for number, (namespace, role, subjects) in enumerate(bindings):
        inside = role < len(roles) and roles[role][0]
        value = {
            "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
            "apiVersion": f"{GROUP}/v1",
            "metadata": {"name": f"b{number}", "namespace": namespace},
            "roleRef": {"kind": "Role" if inside else "ClusterRole", "name": f"r{role}"},
            "subjects": subjects,
        }
        read.take(Manifest(value), "lab")
    facts = read.facts()
    facts.gaps = []
    return facts


@pytest.mark.slow
@settings(max_examples=150, deadline=None, derandomize=True)
@given(roles=ROLES, bindings=BINDINGS, who=WHO, action=ACTIONS, place=PLACES)
def test_both_allow_by_the_same_rules(roles: list[Any], bindings: list[Any], who: Uid, action: str, place: str) -> None:
    facts = estate(roles, bindings)
    authorizer = RbacAuthorizer(facts)
    decision = authorizer.decide(who, action, place)
    rules = allowed(facts, who, action, place)
    assert decision.answer is (Answer.ALLOWED if rules else Answer.DENIED)
    assert sorted(map(str, rules)) == sorted(str(why.statement) for why in decision.why if why.statement)
    assert authorizer.may(who, [action])[action] or not rules
