"""Objects of a cluster become facts: properties, principals, edges, network rules, and what nobody can tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.inventory.contract import Edge, Facts, NetworkRule, Origin, Uid
from bartizan.collect.inventory.exports.reading import read_exports
from bartizan.collect.inventory.kubernetes.manifests import Manifest
from bartizan.collect.inventory.kubernetes.names import uid
from bartizan.collect.inventory.kubernetes.objects import Objects
from bartizan.collect.inventory.kubernetes.sections import known_kinds

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Resource

SHOP = Path(__file__).with_name("shop.yml")


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


def test_a_shop_is_read_with_all_that_its_objects_say() -> None:
    facts = read(SHOP.read_bytes())
    assert {each.uid.removeprefix("k8s://lab/"): each.origin.place for each in facts.resources} == {
        "namespace//shop": "line 1",
        "service_account/shop/web": "line 5",
        "deployment/shop/web": "line 9",
        "pod/shop/web-1-a": "line 34",
        "replica_set/shop/web-1": "line 39",
        "service/shop/web": "line 44",
        "ingress/shop/web": "line 49",
        "network_policy/shop/deny": "line 54",
        "secret/shop/db": "line 59",
        "node//n1": "line 64",
        "deployment/shop/web#pod": "line 9",
        "deployment/shop/web#container/web": "line 24",
        "pod/shop/web-1-a#pod": "line 34",
        "pod/shop/web-1-a#container/web": "line 37",
        "pod/shop/web-1-a#container/istio-proxy": "line 37",
        "replica_set/shop/web-1#pod": "line 39",
        "image//registry.example.com:5000/shop/web:1.2@sha256:abcdef": "line 24",
        "image//x": "line 37",
        "image//istio/proxyv2": "line 37",
    }
    assert dict(one(facts, "container", "web#container/web").properties) == {
        "container": "web",
        "role": "container",
        "owner_kind": "Deployment",
        "image": "registry.example.com:5000/shop/web:1.2@sha256:abcdef",
        "image.registry": "registry.example.com:5000",
        "image.repository": "shop/web",
        "image.tag": "1.2",
        "image.digest": "sha256:abcdef",
        "run_as_non_root": False,
        "capabilities.add": ["SYS_ADMIN"],
        "capabilities.drop": ["ALL"],
        "seccomp": "RuntimeDefault",
        "host_ports": [],
        "ports": ["8080/TCP"],
        "host_paths": ["/var/run/docker.sock"],
        "host_paths_writable": [],
        "limits.cpu": "1",
        "limits.memory": "1Gi",
        "env.names": ["DB_PASSWORD", "DB_USER"],
        "env.credentials": ["DB_PASSWORD"],
        "env.secrets": ["db"],
        "env.config_maps": [],
        "argument_credentials": [],
        "ssh_port": False,
    }


def test_what_is_joined_to_what_is_told_by_edges() -> None:
    short = [
        (edge.src.removeprefix("k8s://lab/"), edge.kind, edge.dst.removeprefix("k8s://lab/")) for edge in read(SHOP.read_bytes()).edges
    ]
    assert short == [
        ("deployment/shop/web", "runs-as", "service_account/shop/web"),
        ("deployment/shop/web", "mounts", "secret/shop/db"),
        ("deployment/shop/web", "mounts", "secret/shop/tls"),
        ("deployment/shop/web", "runs-on", "node//n1"),
        ("deployment/shop/web", "contains", "pod/shop/web-1-a"),
        ("deployment/shop/web", "contains", "replica_set/shop/web-1"),
        ("deployment/shop/web", "protected-by", "network_policy/shop/deny"),
        ("service/shop/web", "routes-to", "deployment/shop/web"),
        ("ingress/shop/web", "routes-to", "service/shop/web"),
    ]


def test_what_a_pod_has_as_its_workload_has_it_is_told_once() -> None:
    spec = {"containers": [{"name": "a", "image": "a"}]}
    owner = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "d", "namespace": "n"},
        "spec": {"template": {"spec": spec}},
    }
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"d-{n}", "namespace": "n", "ownerReferences": [{"kind": "DaemonSet", "name": "d", "controller": True}]},
            "spec": {**spec, "nodeName": f"n{n}"},
        }
        for n in range(3)
    ]
    facts = read(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*pods, owner]}))
    assert [each.uid for each in facts.resources if each.kind in ("container", "pod_spec")] == [
        "k8s://lab/daemon_set/n/d#pod",
        "k8s://lab/daemon_set/n/d#container/a",
    ]
    assert [edge.dst for edge in facts.edges if edge.kind == "runs-on"] == [uid("lab", "node", f"n{n}") for n in range(3)]


def test_nothing_of_a_secret_is_kept() -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": '{"data": {"k": "c3dvcmRmaXNo"}}'}},
        "data": {"k": "c3dvcmRmaXNo"},
        "stringData": {"l": "swordfish"},
    }
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"password": "swordfish", "url": "x"}}
    text = "".join(map(json.dumps, [secret, config])) + pod(
        containers=[{"name": "a", "image": "a", "env": [{"name": "API_KEY", "value": "swordfish"}], "args": ["--password=swordfish"]}]
    )
    facts = read(text)
    assert "swordfish" not in repr(facts)
    assert "c3dvcmRmaXNo" not in repr(facts)
    assert dict(one(facts, "secret").properties) == {"type": "Opaque", "keys": ["k", "l"], "in_annotation": True, "in_manifest": True}
    assert one(facts, "config_map").properties["credential_keys"] == ["password"]
    assert one(facts, "container").properties["env.credentials"] == ["API_KEY"]
    assert one(facts, "container").properties["argument_credentials"] == ["password"]


def test_whether_a_pod_gets_a_token_is_told_by_it_else_by_its_account_else_nobody_knows() -> None:
    account = (
        '{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "s", "namespace": "n"}, "automountServiceAccountToken": %s}'
    )
    said = [
        read(pod(serviceAccountName="s", automountServiceAccountToken=True) + account % "false"),
        read(pod(serviceAccountName="s") + account % "false"),
        read(pod(serviceAccountName="s") + account % "null"),
        read(pod()),
        read(pod(serviceAccountName="s")),
    ]
    assert [one(facts, "pod_spec").properties.get("automount_token") for facts in said] == [True, False, True, True, None]
    assert one(said[4], "pod_spec").unknown == {"automount_token": "the service account s of n was not read"}


def test_paths_of_the_node_are_seen_through_claims_too() -> None:
    text = pod(
        volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}, {"name": "h", "hostPath": {"path": "/var/log/"}}],
        containers=[{"name": "a", "volumeMounts": [{"name": "v", "readOnly": True}, {"name": "h", "subPath": "pods"}]}],
    )
    text += (
        '{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "c", "namespace": "n"}, "spec": {"volumeName": "pv"}}'
    )
    text += '{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv"}, "spec": {"hostPath": {"path": "/"}}}'
    properties = one(read(text), "container").properties
    assert (properties["host_paths"], properties["host_paths_writable"]) == (["/", "/var/log/pods"], ["/var/log/pods"])


@pytest.mark.parametrize(
    ("spec", "annotations", "exposure"),
    [
        ({}, {}, "cluster"),
        ({"type": "NodePort"}, {}, "nodes"),
        ({"type": "LoadBalancer"}, {}, "internet"),
        ({"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.0.0.0/8"]}, {}, "network"),
        ({"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.0.0.0/8", "0.0.0.0/0"]}, {}, "internet"),
        ({"type": "LoadBalancer"}, {"networking.gke.io/load-balancer-type": "Internal"}, "network"),
        ({"externalIPs": ["203.0.113.9"]}, {}, "internet"),
    ],
)
def test_a_service_is_exposed_as_its_type_and_annotations_say(spec: dict[str, Any], annotations: dict[str, str], exposure: str) -> None:
    value = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "annotations": annotations}, "spec": spec}
    assert one(read(json.dumps(value)), "service").properties["exposure"] == exposure


def test_an_application_load_balancer_is_inside_unless_it_says_so() -> None:
    value: dict[str, Any] = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "i", "annotations": {}}}
    value["spec"] = {"ingressClassName": "alb", "defaultBackend": {"service": {"name": "web"}}}
    inside = one(read(json.dumps(value)), "ingress").properties
    value["metadata"]["annotations"] = {
        "alb.ingress.kubernetes.io/scheme": "internet-facing",
        "alb.ingress.kubernetes.io/auth-type": "oidc",
        "nginx.ingress.kubernetes.io/server-snippet": "x",
        "nginx.ingress.kubernetes.io/ssl-redirect": "true",
    }
    outside = one(read(json.dumps(value)), "ingress").properties
    assert (inside["exposure"], outside["exposure"]) == ("network", "internet")
    assert (inside["authenticated"], outside["authenticated"], outside["redirects_to_tls"]) == (False, True, True)
    assert outside["snippets"] == ["nginx.ingress.kubernetes.io/server-snippet"]
    assert outside["services"] == ["web"]


def test_a_network_policy_is_rules_with_peers_and_ports() -> None:
    value = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "n"},
        "spec": {
            "podSelector": {"matchLabels": {"a": "b"}},
            "ingress": [
                {"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}], "ports": [{"port": 80, "endPort": 90}]},
                {"from": [{"namespaceSelector": {}, "podSelector": {"matchExpressions": [{"key": "x", "operator": "Exists"}]}}]},
                {},
            ],
            "egress": [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}],
        },
    }
    facts = read(json.dumps(value))
    of, origin = uid("lab", "network_policy", "p", "n"), Origin("export", "lab.yml", "line 1")
    assert facts.network_rules == [
        NetworkRule(
            resource=of,
            direction="ingress",
            peer="10.0.0.0/8 but 10.1.0.0/16",
            protocol="tcp",
            first_port=80,
            last_port=90,
            origin=origin,
        ),
        NetworkRule(resource=of, direction="ingress", peer="namespaces *, pods x Exists", origin=origin),
        NetworkRule(resource=of, direction="ingress", peer="*", origin=origin),
        NetworkRule(resource=of, direction="egress", peer="0.0.0.0/0", origin=origin),
    ]
    assert dict(one(facts, "network_policy").properties) == {
        "namespace": "n",
        "types": ["Ingress", "Egress"],
        "all_pods": False,
        "ingress_rules": 3,
        "egress_rules": 1,
        "allows_all_ingress": True,
        "allows_all_egress": True,
    }


def test_a_namespace_counts_what_it_has_and_says_what_was_not_read() -> None:
    text = '{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}'
    assert one(read(text + pod()), "namespace").unknown == {
        "network_policies": "no network policy is in what was read",
        "denies_ingress": "no network policy is in what was read",
        "denies_egress": "no network policy is in what was read",
        "quotas": "no resource quota is in what was read",
        "limit_ranges": "no limit range is in what was read",
    }
    denies = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "x", "namespace": "n"}}
    properties = one(read(text + pod() + json.dumps({**denies, "spec": {"podSelector": {}}})), "namespace").properties
    told = {"network_policies": 1, "denies_ingress": True, "denies_egress": False, "workloads": 1}
    assert {key: properties[key] for key in told} == told


def test_a_kind_of_which_nothing_was_read_is_a_gap() -> None:
    there = "admission_webhook binding_subject container custom_object deployment image ingress namespace network_policy node pod "
    there += "pod_spec replica_set role_rule secret service service_account"
    told = {gap.kinds for gap in read(SHOP.read_bytes()).gaps}
    assert told == {(kind,) for kind in set(known_kinds()) - set(there.split(" "))}


def test_a_broken_document_makes_what_it_may_have_said_unknown() -> None:
    facts = read("apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n---\nkind: NetworkPolicy\na: b: c\n")
    (gap,) = [each for each in facts.gaps if each.reason == "failed"]
    assert (gap.call, gap.kinds) == ("lab.yml:6", ("network_policy",))
    assert (
        one(facts, "namespace").unknown["network_policies"] == "lab.yml:6: this is no YAML: mapping values are not allowed in this context"
    )


def test_of_two_objects_of_one_name_both_are_judged_and_it_is_told() -> None:
    facts = read(pod() + "\n" + pod(hostPID=True))
    assert [each.properties.get("host_pid") for each in facts.resources if each.kind == "pod_spec"] == [None, True]
    (gap,) = [each for each in facts.gaps if each.reason == "unresolved"]
    assert (gap.uid, gap.call, gap.detail) == (
        "k8s://lab/pod/n/p",
        "lab.yml:2",
        "k8s://lab/pod/n/p stands twice, first in lab.yml line 1: both are judged, others are joined to the first",
    )


def test_what_sets_a_tool_up_and_has_no_name_is_an_object_all_the_same() -> None:
    facts = read("apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodes: [{role: control-plane}]\n")
    assert [(each.kind, each.name) for each in facts.resources] == [("custom_object", "lab.yml:1")]


def test_a_value_of_another_type_is_unknown_and_never_taken_for_unset() -> None:
    facts = read(pod(hostNetwork="yes", containers=[{"name": "a", "securityContext": {"privileged": "true"}}]))
    assert one(facts, "pod_spec").unknown == {"host_network": "it is str, not boolean"}
    assert one(facts, "container").unknown == {"privileged": "it is str, not boolean"}


@pytest.mark.parametrize("broken", ["null", "1", "[]", '"x"', "[1]", '[{"name": 1}]', '{"a": []}', "[[]]"])
@pytest.mark.parametrize(
    "kind", ["Pod", "Service", "Ingress", "NetworkPolicy", "Secret", "ConfigMap", "Node", "Role", "RoleBinding", "CronJob"]
)
def test_no_shape_of_an_object_raises(kind: str, broken: str) -> None:
    keys = ("spec", "rules", "subjects", "roleRef", "data", "status")
    inner = ("containers", "volumes", "template", "selector", "ingress", "podSelector", "rules", "ports", "tolerations", "securityContext")
    for key in keys:
        read(f'{{"apiVersion": "v1", "kind": "{kind}", "metadata": {{"name": "x"}}, "{key}": {broken}}}')
    for group in ("v1", "apps/v1", "rbac.authorization.k8s.io/v1", "networking.k8s.io/v1", "batch/v1"):
        told = ", ".join(f'"{key}": {broken}' for key in inner)
        read(f'{{"apiVersion": "{group}", "kind": "{kind}", "metadata": {{"name": "x", "labels": {broken}}}, "spec": {{{told}}}}}')


def test_objects_of_other_makers_run_pods_too() -> None:
    value = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "r", "namespace": "n"}}
    facts = read(json.dumps({**value, "spec": {"template": {"spec": {"hostPID": True, "containers": [{"name": "a"}]}}}}))
    assert dict(one(facts, "custom_object").properties) == {"kind": "Rollout", "api_version": "argoproj.io/v1alpha1", "makes_pods": True}
    assert one(facts, "pod_spec").properties["host_pid"] is True


def test_what_is_not_applied_and_what_has_no_name_is_told() -> None:
    facts = read(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yml]\n---\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {}\n"
    )
    assert [(gap.call, gap.reason, gap.detail) for gap in facts.gaps[:2]] == [
        ("lab.yml:1", "not-in-origin", "patches and generators of a kustomization are not applied: give what `kustomize build` writes"),
        ("lab.yml:5", "failed", "a Pod has no name"),
    ]


def test_the_token_of_an_account_is_the_account() -> None:
    facts = read(
        '{"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token", "metadata": {"name": "t", "namespace": "n", '
        '"annotations": {"kubernetes.io/service-account.name": "s"}}}'
    )
    origin = Origin("export", "lab.yml", "line 1")
    assert facts.edges == [Edge(Uid("k8s://lab/secret/n/t"), Uid("k8s://lab/service_account/n/s"), "holds-key-of", origin)]


def test_exports_of_clusters_are_known_among_others(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(SHOP.read_text())
    (tmp_path / "b.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [json.loads(pod(hostIPC=True))]}))
    facts = read_exports([str(tmp_path)])
    assert {each.account for each in facts.resources} == {"cluster"}
    assert [each.uid for each in facts.resources if each.properties.get("host_ipc")] == ["k8s://cluster/pod/n/p#pod"]
    assert {gap.reason for gap in facts.gaps} == {"not-in-origin"}


def test_an_object_without_a_file_is_taken_as_well() -> None:
    objects = Objects("lab", "live")
    objects.take(Manifest(json.loads(pod())), "/api/v1/pods")
    assert one(objects.facts(), "pod").origin == Origin("live", "/api/v1/pods")
