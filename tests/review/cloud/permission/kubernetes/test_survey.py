"""What somebody can do in a cluster is told action by action, stars written out."""

from __future__ import annotations

from bartizan.collect.inventory.contract import Uid
from bartizan.collect.inventory.kubernetes.objects import Objects
from bartizan.review.cloud.permission.asking import Surveyor, what_can, who_can
from bartizan.review.cloud.permission.authorizers import authorizer

RBAC = "apiVersion: rbac.authorization.k8s.io/v1"
ESTATE = f"""
{RBAC}
kind: ClusterRole
metadata: {{name: cluster-admin}}
rules: [{{apiGroups: ['*'], resources: ['*'], verbs: ['*']}}, {{nonResourceURLs: ['*'], verbs: ['*']}}]
---
{RBAC}
kind: Role
metadata: {{name: one, namespace: shop}}
rules: [{{apiGroups: [''], resources: [secrets], resourceNames: [db], verbs: [get]}}]
---
{RBAC}
kind: RoleBinding
metadata: {{name: one, namespace: shop}}
roleRef: {{kind: Role, name: one}}
subjects: [{{kind: User, name: ann}}]
---
{RBAC}
kind: ClusterRoleBinding
metadata: {{name: root}}
roleRef: {{kind: ClusterRole, name: cluster-admin}}
subjects: [{{kind: User, name: root}}]
"""


def rows(name: str) -> list[str]:
    objects = Objects("lab")
    objects.file(ESTATE.encode(), "lab.yml")
    facts = objects.facts()
    facts.gaps = []
    found = what_can(facts, Uid(f"k8s://lab/user//{name}"), provider="kubernetes")
    return [f"{one.action} on {one.resource}" for one in found.rows]


def test_an_action_on_one_name_is_asked_by_its_name() -> None:
    assert rows("ann") == ["get secrets on shop/db"]


def test_a_star_is_every_verb_on_every_kind_that_is_named_and_the_special_ones() -> None:
    told = rows("root")
    assert {"bind clusterroles.rbac.authorization.k8s.io on *", "delete secrets on *", "impersonate users on *", "* /* on *"} <= set(told)
    assert "* *.* on *" not in told


def test_nobody_can_do_nothing() -> None:
    assert rows("bob") == []


def test_who_can_finds_all_that_can() -> None:
    objects = Objects("lab")
    objects.file(ESTATE.encode(), "lab.yml")
    facts = objects.facts()
    facts.gaps = []
    assert isinstance(authorizer("kubernetes", facts), Surveyor)
    found = who_can(facts, "get secrets", "shop/db", provider="kubernetes")
    assert [one.principal for one in found.rows] == ["k8s://lab/user//ann", "k8s://lab/user//root"]
