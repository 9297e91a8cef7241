"""References of images, selectors and names are read as Kubernetes reads them."""

from __future__ import annotations

import pytest

from bartizan.collect.inventory.kubernetes.images import image_parts
from bartizan.collect.inventory.kubernetes.names import account_uid, named, snake
from bartizan.collect.inventory.kubernetes.selectors import chooses


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("nginx", {"registry": "docker.io", "repository": "nginx", "tag": "latest"}),
        ("nginx:1.27", {"registry": "docker.io", "repository": "nginx", "tag": "1.27"}),
        ("ghcr.io/a/b@sha256:0a", {"registry": "ghcr.io", "repository": "a/b", "digest": "sha256:0a"}),
        ("localhost:5000/a:1@sha256:0a", {"registry": "localhost:5000", "repository": "a", "tag": "1", "digest": "sha256:0a"}),
        ("a/b", {"registry": "docker.io", "repository": "a/b", "tag": "latest"}),
        ("", {}),
        ("a b", {}),
    ],
)
def test_the_reference_of_an_image_is_taken_apart(reference: str, parts: dict[str, str]) -> None:
    assert image_parts(reference) == parts


@pytest.mark.parametrize(
    ("selector", "labels", "chosen"),
    [
        ({}, {"a": "b"}, True),
        ({"matchLabels": {"a": "b"}}, {"a": "b", "c": "d"}, True),
        ({"matchLabels": {"a": "b"}}, {"a": "c"}, False),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]}, {}, True),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}, {}, False),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, {"a": ""}, False),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, {"a": ""}, True),
        ({"matchExpressions": [{"key": "a", "operator": "Near"}]}, {"a": ""}, False),
        ({"matchExpressions": [1]}, {"a": ""}, False),
        ({"matchLabels": []}, {}, True),
        ({"matchLabels": [1]}, {}, False),
        (None, {"a": "b"}, False),
    ],
)
def test_selectors_choose_by_labels(selector: object, labels: dict[str, str], chosen: bool) -> None:  # noqa: FBT001 - a value of the case
    assert chooses(selector, labels) is chosen


def test_names_of_things_are_told_apart_and_read_back() -> None:
    assert snake("HTTPRoute") == "http_route"
    assert snake("StatefulSet") == "stateful_set"
    user = account_uid("arn:aws:eks:eu-west-1:1:cluster/prod", "https://id.example.com/r#eve")
    assert user == "k8s://arn:aws:eks:eu-west-1:1:cluster%2Fprod/user//https://id.example.com/r#eve"
    assert named(user) == ("arn:aws:eks:eu-west-1:1:cluster/prod", "user", "", "https://id.example.com/r#eve")
    assert named("arn:aws:iam::1:role/x") is None
    assert named("k8s://a/b") is None
