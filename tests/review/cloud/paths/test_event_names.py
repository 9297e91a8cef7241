"""Events that rules of paths declare are operations that their services have."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from bartizan.review.cloud.paths.reading import path_rules

PATHS = path_rules(Path(__file__).resolve().parents[4] / "content" / "paths")
UNPUBLISHED = {
    ("codecommit", "GitPush"): "git speaks it, and no client of the API",
    ("lambda", "InvokeFunctionUrl"): "a browser speaks it",
    ("rolesanywhere", "CreateSession"): "a helper of its own speaks it",
    ("signin", "ConsoleLogin"): "a browser speaks it",
}
"""What CloudTrail writes of calls that no model of an API has."""
VERBS = {"create", "get", "list", "watch", "update", "patch", "delete", "deletecollection", "*"}


@pytest.mark.slow
def test_of_aws_they_are_operations_of_the_service_by_the_name_of_its_signature_or_its_address() -> None:
    loaders = pytest.importorskip("botocore.loaders", reason="botocore is in the extra 'cloud'")
    loader = loaders.create_loader()
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for event in (event for path in PATHS.values() if path.provider == "aws" for event in path.emits):
        wanted[event.source.removesuffix(".amazonaws.com")].add(re.sub(r"\d{8}(v\d)?$", "", event.name))
    had: defaultdict[str, set[str]] = defaultdict(set)
    for service in loader.list_available_services("service-2"):
        model = loader.load_service_model(service, "service-2")
        told = model["metadata"]
        for name in {told.get("signingName"), told["endpointPrefix"]} & wanted.keys():
            had[name] |= set(model["operations"])
    unknown = {(service, name) for service, names in wanted.items() for name in names - had[service]}
    assert unknown == set(UNPUBLISHED)


def test_of_kubernetes_they_are_verbs_of_the_api_and_resources_by_their_plurals() -> None:
    events = [event for path in PATHS.values() if path.provider == "kubernetes" for event in path.emits]
    assert [event for event in events if event.name not in VERBS or not re.fullmatch(r"\*|[a-z]+s(/[a-z]+)?", event.source)] == []


def test_of_azure_they_are_operations_under_their_provider_but_for_logs_of_data_and_of_the_directory() -> None:
    events = [event for path in PATHS.values() if path.provider == "azure" for event in path.emits]
    control = [event for event in events if not event.data and event.source.startswith("Microsoft.")]
    assert [event for event in control if not re.fullmatch(rf"{event.source.upper()}(/[A-Z]+)+/(WRITE|ACTION)", event.name)] == []
    assert {event.source for event in events if event not in control and not event.data} == {"Core Directory", "Sign-in"}


def test_of_google_cloud_they_are_methods_of_a_service_that_says_its_name() -> None:
    events = [event for path in PATHS.values() if path.provider == "gcp" for event in path.emits]
    assert [event for event in events if not re.fullmatch(r"([a-z0-9]+\.googleapis\.com|k8s\.io)", event.source)] == []
    assert [event for event in events if not re.fullmatch(r"[A-Za-z]\w*(\.\w+)*", event.name)] == []
