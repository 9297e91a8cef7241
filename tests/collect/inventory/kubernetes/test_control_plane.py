"""The programs of a control plane are known by their arguments and by their files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.inventory.kubernetes.control_plane import arguments, secret_bodies
from bartizan.collect.inventory.kubernetes.objects import Objects

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Facts, Resource


def read(text: str | bytes) -> Facts:
    objects = Objects("lab")
    objects.file(text if isinstance(text, bytes) else text.encode(), "lab.yml")
    return objects.facts()


def one(facts: Facts, kind: str, name: str = "") -> Resource:
    (found,) = [each for each in facts.resources if each.kind == kind and name in ("", each.name)]
    return found


def pod(**spec: object) -> str:
    spec.setdefault("containers", [{"name": "a", "image": "a"}])
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "n"}, "spec": spec})


def test_programs_of_the_control_plane_are_known_by_their_arguments() -> None:
    command = ["kube-apiserver", "--anonymous-auth=false", "--authorization-mode=Node,RBAC", "--audit-log-maxage", "30", "--profiling"]
    facts = read(
        pod(
            containers=[
                {"name": "a", "command": ["/bin/sh", *command]},
                {"name": "b", "command": ["/usr/bin/etcd"], "args": ["--auto-tls"]},
            ]
        )
    )
    assert dict(one(facts, "api_server").properties) == {
        "anonymous_auth": False,
        "authorization_modes": ["Node", "RBAC"],
        "audit_log_max_age": 30,
        "profiling": True,
    }
    assert dict(one(facts, "etcd").properties) == {"auto_tls": True}
    assert arguments(["--a", "--b=1=2", "c", "-d", "e"]) == {"a": "true", "b": "1=2", "d": "e"}


def test_files_of_the_control_plane_are_read() -> None:
    facts = read(
        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nauthentication: {anonymous: {enabled: true}}\n---\n"
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n"
        "resources: [{resources: [secrets], providers: [{aescbc: {keys: [{name: a, secret: x}]}}, {identity: {}}]}]\n---\n"
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: RequestResponse}]\n---\n"
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
        "apiServer: {extraArgs: [{name: anonymous-auth, value: 'true'}]}\n---\n"
        "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nscheduler: {extraArgs: {profiling: 'false'}}\n"
    )
    assert dict(one(facts, "kubelet").properties) == {"anonymous_auth": True}
    assert dict(one(facts, "encryption_configuration").properties) == {
        "resources": ["secrets"],
        "providers": ["aescbc", "identity"],
        "first": "aescbc",
        "keys_written_out": True,
    }
    assert dict(one(facts, "audit_policy").properties) == {"rules": 1, "logs": True, "levels": ["RequestResponse"], "secret_bodies": True}
    assert dict(one(facts, "api_server").properties) == {"anonymous_auth": True}
    assert dict(one(facts, "scheduler").properties) == {"profiling": False}


@pytest.mark.parametrize(
    ("rules", "logged"),
    [
        ([{"level": "RequestResponse"}], True),
        ([{"level": "Metadata", "resources": [{"group": "", "resources": ["secrets"]}]}, {"level": "Request"}], False),
        ([{"level": "None", "users": ["a"]}, {"level": "Request"}], True),
        ([{"level": "Request", "resources": [{"group": "apps"}]}, {"level": "Metadata"}], False),
        ([{"level": "Request", "resources": [{"group": "", "resources": ["pods"]}]}], False),
        ([], False),
    ],
)
def test_the_first_rule_about_secrets_says_whether_what_they_say_is_logged(rules: list[dict[str, Any]], logged: bool) -> None:  # noqa: FBT001 - a value of the case
    assert secret_bodies({"rules": rules}) is logged
