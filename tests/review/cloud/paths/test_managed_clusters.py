"""What a detection sees in the log of a cluster it sees in the logs that clouds write of theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bartizan.collect.catalogue import catalogue
from bartizan.collect.contract import Context
from bartizan.collect.framing.wrappers import unwrapped
from bartizan.review.cloud.paths.emitted import emitted
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.rules.contract import Records
from bartizan.rules.loading import load

if TYPE_CHECKING:
    from bartizan.rules.ruleset import LoadedRules

CONTENT = Path(__file__).resolve().parents[4] / "content"
GROUPS = {"": "core", "rbac.authorization.k8s.io": "authorization.rbac"}
PATHS = [path for path in path_rules(CONTENT / "paths" / "kubernetes").values() if path.emits]


@pytest.fixture(scope="module")
def rules() -> LoadedRules:
    return load([CONTENT / "detections" / "kubernetes"])


def fired(rules: LoadedRules, name: str, raws: list[bytes]) -> list[set[str]]:
    """Return what fires on each record."""
    source = next(one for one in catalogue().sources if one.name == name)
    found: list[set[str]] = [set() for _ in raws]
    for part in source.parse(raws, Context(wanted=lambda route: rules.bind(route.views, given=route.given).fields)).parts:
        records = Records(part.frame, [raws[row] for row in part.rows], structured=True)
        for hit in (one for one in rules.bind(part.route.views, given=part.route.given).match(records) if one.rule not in rules.silent):
            for row in hit.rows:
                found[part.rows[row]].add(rules.rules[hit.rule].title)
    return found


def records() -> list[dict[str, Any]]:
    return [json.loads(one.raw) for path in PATHS for event in path.emits for one in emitted("kubernetes", event)]


def of_azure(record: dict[str, Any]) -> bytes:
    cluster = "/SUBSCRIPTIONS/S-1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/C1"
    return json.dumps({"category": "kube-audit", "resourceId": cluster, "properties": {"log": json.dumps(record)}}).encode()


def of_google(record: dict[str, Any]) -> bytes:
    about = record["objectRef"]
    group = about.get("apiGroup", "")
    method = [GROUPS.get(group, group.partition(".")[0]), "v1", about["resource"], about.get("subresource"), record["verb"]]
    place = [
        group or "core",
        "v1",
        "namespaces",
        about.get("namespace", "shop"),
        about["resource"],
        about.get("name", "x"),
        about.get("subresource"),
    ]
    if about["resource"] == "namespaces":
        del place[2:4]
    said = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "k8s.io",
        "methodName": "io.k8s." + ".".join(filter(None, method)),
        "resourceName": "/".join(filter(None, place)),
        "authenticationInfo": {"principalEmail": record["user"]["username"]},
        "authorizationInfo": [{"granted": True}],
    }
    if "requestObject" in record:
        said["request"] = record["requestObject"]
    return json.dumps({"protoPayload": said, "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity"}).encode()


def test_azure_writes_what_a_cluster_writes(rules: LoadedRules) -> None:
    raws = [json.dumps(one).encode() for one in records()]
    own = fired(rules, "kubernetes-audit", raws)
    assert fired(rules, "aks-audit", [of_azure(one) for one in records()]) == own
    assert sum(map(bool, own)) > len(own) / 2


def test_amazon_exports_what_a_cluster_writes(rules: LoadedRules) -> None:
    raws = [json.dumps(one, separators=(",", ":")).encode() for one in records()]
    lines = [b"2026-03-02T08:00:00.000Z " + raw for raw in raws]
    assert fired(rules, "eks-audit-export", lines) == fired(rules, "kubernetes-audit", raws)


def test_google_writes_it_but_for_whom_somebody_acts_as(rules: LoadedRules) -> None:
    known = [one for one in records() if "impersonatedUser" not in one]
    own = fired(rules, "kubernetes-audit", [json.dumps(one).encode() for one in known])
    assert fired(rules, "gcp-audit", [of_google(one) for one in known]) == own


def test_what_google_refused_fires_nothing(rules: LoadedRules) -> None:
    refused = [of_google(one).replace(b'"granted": true', b'"granted": false') for one in records() if "impersonatedUser" not in one]
    kept = {"A workload lists the secrets of a namespace"}
    assert set().union(*fired(rules, "gcp-audit", refused)) - kept == set()


def test_amazon_hands_over_what_a_cluster_writes_by_a_subscription() -> None:
    raws = [json.dumps(one).encode() for one in records()]
    events = [{"id": str(number), "timestamp": 1_772_438_400_000, "message": raw.decode()} for number, raw in enumerate(raws)]
    told = {
        "messageType": "DATA_MESSAGE",
        "owner": "111122223333",
        "logGroup": "/aws/eks/c1/cluster",
        "logStream": "kube-apiserver-audit-0",
    }
    assert unwrapped(json.dumps({**told, "subscriptionFilters": ["audit"], "logEvents": events}).encode()) == raws


def test_what_the_cluster_itself_does_every_day_fires_nothing(rules: LoadedRules) -> None:
    own = (
        "system:kube-controller-manager",
        "system:serviceaccount:kube-system:daemon-set-controller",
        "system:kube-scheduler",
        "system:apiserver",
    )
    daily = [{**one, "user": {"username": user}} for one in records() if "impersonatedUser" not in one for user in own]
    kept = [
        one for one in daily if one["objectRef"].get("subresource") not in {"exec", "attach", "ephemeralcontainers", "portforward", "proxy"}
    ]
    assert set().union(*fired(rules, "kubernetes-audit", [json.dumps(one).encode() for one in kept])) == set()
