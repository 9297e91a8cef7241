"""A cluster is read from its API server: pages, refusals, waits, and what is not served. The server is a real one, on loopback."""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from bartizan.collect.inventory.contract import Gap, Origin, Uid
from bartizan.collect.inventory.kubernetes.manifests import manifests
from bartizan.collect.inventory.kubernetes.objects import Objects
from bartizan.collect.inventory.live.kubernetes.client import Answer, ApiServer, Unanswered
from bartizan.collect.inventory.live.kubernetes.collector import collect, paths
from bartizan.collect.inventory.live.kubernetes.kubeconfig import connect, usual
from bartizan.collect.inventory.live.kubernetes.permissions import cluster_role
from bartizan.errors import InputError
from bartizan.review.cloud.permission.kubernetes.authorizer import RbacAuthorizer
from bartizan.workbench.cloud import cluster_facts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "a-token-of-the-test"
POD = {
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"hostPID": True, "nodeName": "n1", "containers": [{"name": "a", "image": "a:1"}]},
}
SECRETS = {
    "kind": "Table",
    "apiVersion": "meta.k8s.io/v1",
    "columnDefinitions": [{"name": name} for name in ("Name", "Type", "Data", "Age")],
    "rows": [
        {"cells": ["db", "Opaque", 2, "3d"], "object": {"kind": "PartialObjectMetadata", "metadata": {"name": "db", "namespace": "shop"}}}
    ],
}


def listing(kind: str, version: str, *items: dict[str, Any], following: str = "") -> dict[str, Any]:
    return {"kind": f"{kind}List", "apiVersion": version, "metadata": {"continue": following}, "items": list(items)}


class Cluster:
    """What a server answers, by path: documents for one request after the other, the last for ever, or a status."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers = {path.replace("_", "/"): list(given) for path, given in answers.items()}
        self.asked: list[tuple[str, str]] = []

    def answer(self, path: str, accept: str) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(path)
        self.asked.append((path, accept))
        given = self.answers.get(parts.path.strip("/"))
        if given is None:
            kind = parts.path.rpartition("/")[2].removesuffix("s").title()
            given = [listing(kind, "v1")]
        told = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(told, int):
            return told, {"Retry-After": "7"}, json.dumps({"kind": "Status", "message": f"because of {told}"}).encode()
        return 200, {}, told if isinstance(told, bytes) else json.dumps(told).encode()


@contextmanager
def served(cluster: Cluster) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # header and body are two packets, and the second would wait for 40 ms

        def do_GET(self) -> None:
            refused = self.headers.get("Authorization") != f"Bearer {TOKEN}"
            status, headers, body = (401, {}, b"{}") if refused else cluster.answer(self.path, self.headers["Accept"])
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def read(cluster: Cluster, *, token: str = TOKEN, kubelets: bool = False) -> tuple[Any, list[float]]:
    waits: list[float] = []
    with served(cluster) as address:
        client = ApiServer(address, {"Authorization": f"Bearer {token}"})
        facts = collect(client, "lab", kubelets=kubelets, wait=waits.append)
        client.close()
    return facts, waits


@pytest.mark.enable_socket
def test_a_cluster_is_read_page_by_page_and_secrets_without_what_they_say() -> None:
    more = {"metadata": {"name": "api", "namespace": "shop"}, "spec": {"containers": [{"name": "a"}]}}
    cluster = Cluster(
        api_v1_pods=[listing("Pod", "v1", POD, following="x/1"), listing("Pod", "v1", more)],
        api_v1_secrets=[SECRETS],
    )
    facts, waits = read(cluster)
    assert waits == []
    assert [one.uid for one in facts.resources if one.kind == "pod"] == ["k8s://lab/pod/shop/web", "k8s://lab/pod/shop/api"]
    (spec,) = [one for one in facts.resources if one.uid == "k8s://lab/pod/shop/web#pod"]
    assert (spec.properties["host_pid"], spec.origin) == (True, Origin("live", "/api/v1/pods"))
    (secret,) = [one for one in facts.resources if one.kind == "secret"]
    assert dict(secret.properties) == {"namespace": "shop", "type": "Opaque", "in_annotation": False, "in_manifest": False}
    assert secret.unknown == {"keys": "it was asked for without what it says"}
    assert [parse_qs(urlsplit(path).query) for path, _ in cluster.asked if path.startswith("/api/v1/pods")] == [
        {"limit": ["500"]},
        {"limit": ["500"], "continue": ["x/1"]},
    ]
    assert [accept for path, accept in cluster.asked if path.startswith("/api/v1/secrets")] == [
        "application/json;as=Table;v=v1;g=meta.k8s.io"
    ]


@pytest.mark.enable_socket
def test_what_is_denied_is_a_gap_and_what_is_not_served_is_none() -> None:
    facts, _ = read(Cluster(api_v1_secrets=[403], **{"apis_gateway.networking.k8s.io_v1_gateways": [404]}))
    assert [gap for gap in facts.gaps if gap.reason == "denied"] == [
        Gap(
            provider="kubernetes",
            call="list api/v1/secrets",
            reason="denied",
            detail="403: because of 403",
            account="lab",
            kinds=("secret",),
        )
    ]
    told = {gap.kinds for gap in facts.gaps}
    assert ("gateway",) not in told
    assert ("api_server",) in told, "nobody lists the arguments of a control plane that runs elsewhere"


@pytest.mark.enable_socket
def test_without_bindings_nobody_can_tell_who_may_do_what() -> None:
    facts, _ = read(Cluster(**{"apis_rbac.authorization.k8s.io_v1_rolebindings": [403]}))
    decision = RbacAuthorizer(facts).decide(Uid("k8s://lab/service_account/shop/web"), "get secrets", "shop/db")
    assert decision.answer.value == "unknown"
    assert decision.why[0].text == "not read: role_binding (403: because of 403)"


@pytest.mark.enable_socket
def test_a_wrong_token_is_told_for_every_kind_and_nothing_is_taken_for_empty() -> None:
    facts, _ = read(Cluster(), token="wrong")
    assert facts.resources == []
    assert {gap.reason for gap in facts.gaps if gap.kinds[0] in paths()} == {"denied"}
    assert {kind for gap in facts.gaps for kind in gap.kinds} >= set(paths())


@pytest.mark.enable_socket
def test_who_is_asked_to_wait_waits_so_long_and_gives_up_in_the_end() -> None:
    facts, waits = read(Cluster(api_v1_pods=[429, listing("Pod", "v1", POD)], api_v1_nodes=[429], api_v1_services=[503]))
    assert [one.uid for one in facts.resources if one.kind == "pod"] == ["k8s://lab/pod/shop/web"]
    assert waits == [7.0] * 7
    assert {(gap.call, gap.reason) for gap in facts.gaps if gap.reason in ("throttled", "failed")} == {
        ("list api/v1/nodes", "throttled"),
        ("list api/v1/services", "failed"),
    }


@pytest.mark.enable_socket
def test_a_list_that_grew_too_old_is_begun_again_once() -> None:
    pages = [listing("Pod", "v1", POD, following="old"), 410, listing("Pod", "v1", POD)]
    facts, _ = read(Cluster(api_v1_pods=pages))
    assert [one.uid for one in facts.resources if one.kind == "pod"] == ["k8s://lab/pod/shop/web"]
    facts, _ = read(Cluster(api_v1_pods=[listing("Pod", "v1", POD, following="old"), 410, listing("Pod", "v1", POD, following="old"), 410]))
    assert [(gap.call, gap.reason) for gap in facts.gaps if gap.reason == "failed"] == [("list api/v1/pods", "failed")]


@pytest.mark.enable_socket
def test_answers_that_are_none_are_told() -> None:
    facts, _ = read(
        Cluster(api_v1_pods=[b"<html>"], api_v1_nodes=[b"[]"], api_v1_services=[b'{"kind": "ServiceList", "items": [1, null]}'])
    )
    failed = {gap.call: gap.detail for gap in facts.gaps if gap.reason == "failed"}
    assert failed == {
        "list api/v1/nodes": "200",
        "list api/v1/pods": "the answer is no JSON: Expecting value: line 1 column 1 (char 0)",
    }


@pytest.mark.enable_socket
def test_kubelets_are_asked_how_they_are_set_up_where_one_wants_it() -> None:
    node = listing("Node", "v1", {"metadata": {"name": "n1"}}, {"metadata": {"name": "n2"}})
    config = {"kubeletconfig": {"authentication": {"anonymous": {"enabled": True}}, "readOnlyPort": 10255}}
    facts, _ = read(
        Cluster(api_v1_nodes=[node], api_v1_nodes_n1_proxy_configz=[config], api_v1_nodes_n2_proxy_configz=[403]), kubelets=True
    )
    (kubelet,) = [one for one in facts.resources if one.kind == "kubelet"]
    assert (kubelet.name, dict(kubelet.properties)) == ("n1", {"anonymous_auth": True, "read_only_port": 10255})
    assert [gap.call for gap in facts.gaps if gap.reason == "denied"] == ["get api/v1/nodes/n2/proxy/configz"]


class Silent:
    """Never answers."""

    def get(self, path: str, accept: str = "application/json") -> Answer:
        message = f"no answer for {path} as {accept}"
        raise Unanswered(message)


def test_silence_is_told_after_some_tries() -> None:
    waits: list[float] = []
    facts = collect(Silent(), "lab", wait=waits.append)
    assert waits == [1.0, 2.0, 3.0] * len(paths())
    assert {gap.reason for gap in facts.gaps if gap.call.startswith("list api/")} == {"failed"}


@pytest.mark.enable_socket
def test_a_server_that_is_not_there_is_told() -> None:
    with served(Cluster()) as address:
        pass
    with pytest.raises(Unanswered, match="refused"):
        ApiServer(address).get("/api")


def test_the_role_that_is_printed_lists_what_is_asked_and_nothing_else() -> None:
    objects = Objects("lab")
    objects.file(cluster_role().encode(), "role.yml")
    verbs = {action.partition(" ")[0] for one in objects.facts().statements for action in one.actions}
    wanted = {action.partition(" ")[2] for one in objects.facts().statements for action in one.actions}
    assert verbs == {"list"}
    assert {"secrets", "rolebindings.rbac.authorization.k8s.io", "gateways.gateway.networking.k8s.io"} <= wanted
    assert len(wanted) == len(paths())
    assert "nodes/proxy" in cluster_role(kubelets=True)
    assert len(list(manifests(cluster_role().encode()))) == 1


def config(tmp_path: Path, user: dict[str, Any], cluster: dict[str, Any] | None = None) -> Path:
    told = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "prod",
        "contexts": [{"name": "prod", "context": {"cluster": "eu", "user": "alice"}}],
        "clusters": [{"name": "eu", "cluster": cluster or {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "alice", "user": user}],
    }
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(told))
    return path


@pytest.mark.enable_socket
def test_a_cluster_is_read_by_the_context_that_kubectl_would_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(Cluster(api_v1_pods=[listing("Pod", "v1", POD)])) as address:
        monkeypatch.setenv("KUBECONFIG", str(config(tmp_path, {"token": TOKEN}, {"server": address})))
        facts = cluster_facts()
    assert [one.uid for one in facts.resources if one.kind == "pod"] == ["k8s://eu/pod/shop/web"]
    monkeypatch.delenv("KUBECONFIG")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert usual() == tmp_path / ".kube" / "config"


def test_a_kubeconfig_gives_the_cluster_the_address_and_the_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    name, client = connect(config(tmp_path, {"tokenFile": "token"}))
    assert (name, client.server, client.headers) == ("eu", "http://127.0.0.1:1", {"Authorization": "Bearer from-a-file"})
    assert connect(config(tmp_path, {"token": "t"}))[1].headers == {"Authorization": "Bearer t"}
    assert connect(config(tmp_path, {"username": "a", "password": "b"}))[1].headers == {"Authorization": "Basic YTpi"}
    assert connect(config(tmp_path, {}))[1].headers == {}


@pytest.mark.parametrize(
    ("user", "cluster", "context", "why"),
    [
        ({"exec": {"command": "aws"}}, None, "", "gets a token by running a program"),
        ({}, {"server": "ftp://x"}, "", "which is no address"),
        ({}, None, "test", "contexts has no 'test'; there is prod"),
        ({}, {"server": "https://x", "certificate-authority-data": "%"}, "", "certificate-authority cannot be read"),
        ({}, {"server": "https://x", "certificate-authority-data": base64.b64encode(b"x").decode()}, "", "its certificates cannot be used"),
        ({}, {"server": "https://x", "certificate-authority": "missing.crt"}, "", "certificate-authority cannot be read"),
    ],
)
def test_a_kubeconfig_that_does_not_say_how_to_get_in_is_told(
    tmp_path: Path, user: dict[str, Any], cluster: dict[str, Any] | None, context: str, why: str
) -> None:
    with pytest.raises(InputError, match=why):
        connect(config(tmp_path, user, cluster), context)


def test_a_file_that_is_no_kubeconfig_is_told(tmp_path: Path) -> None:
    for content in (b"a: b: c", b"- a", b""):
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(InputError):
            connect(tmp_path / "x")
    with pytest.raises(InputError, match="No such file"):
        connect(tmp_path / "missing")
