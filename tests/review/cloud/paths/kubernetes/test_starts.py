"""Paths of a cluster begin with people, programs and the outside, and not with the controllers of the cluster itself."""

from __future__ import annotations

from pathlib import Path

from bartizan.review.cloud.paths.compiling import compile_paths
from bartizan.review.cloud.paths.estates import kubernetes
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer

RULES = list(path_rules(Path(__file__).resolve().parents[5] / "content" / "paths" / "kubernetes").values())


def test_controllers_are_gone_through_and_not_begun_with() -> None:
    facts = kubernetes.estate(
        {
            "bind": {"account/kube-system/aggregator": ["cluster-admin"], "user/system:kube-scheduler": ["cluster-admin"]},
            "may": {"user/dev": ["create serviceaccounts/token in kube-system"], "account/shop/web": ["get pods"]},
            "workloads": {"kube-system/agent": {"account": "agent"}},
            "accounts": {"kube-system/agent": {}},
        }
    )
    found = compile_paths(facts, RULES, {"kubernetes": authorizer("kubernetes", facts)})
    assert {kubernetes.uid(name) for name in ("user/dev", "account/kube-system/agent", "account/shop/web")} == set(found.starts)
    pairs = {(hop.src, hop.dst) for hop in found.hops}
    aggregator = kubernetes.uid("account/kube-system/aggregator")
    assert {(kubernetes.uid("user/dev"), aggregator), (aggregator, "admin:kubernetes/lab")} <= pairs
