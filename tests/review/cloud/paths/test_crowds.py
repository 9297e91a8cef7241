"""Where rights hold down a tree, what is asked at fewer places and of fewer principals gives the very hops that asking everything gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bartizan.collect.inventory.contract import Attachment, Edge, Facts, Origin, Principal, Uid
from bartizan.collect.inventory.roles import role_named
from bartizan.review.cloud.paths.compiling import compile_paths
from bartizan.review.cloud.paths.estates import estate, named
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer

RULES = [
    one
    for provider in ("azure", "gcp")
    for one in path_rules(Path(__file__).resolve().parents[4] / "content" / "paths" / provider).values()
]
PEOPLE = [f"user/u{number}" for number in range(4)]
TEAMS = ["team/t1", "team/t2"]
ORIGIN = Origin("export")
RIGHTS = {
    "azure": (
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Compute/virtualMachines/runCommand/action",
        "Microsoft.Compute/*",
        "Microsoft.KeyVault/vaults/secrets/getSecret/action",
        "Microsoft.KeyVault/vaults/*",
        "Microsoft.Web/sites/write",
        "Microsoft.ManagedIdentity/userAssignedIdentities/*/action",
        "Microsoft.Storage/storageAccounts/listKeys/action",
        "*",
    ),
    "gcp": (
        "iam.serviceAccounts.actAs",
        "iam.serviceAccounts.getAccessToken",
        "compute.instances.create",
        "compute.instances.setMetadata",
        "secretmanager.versions.access",
        "storage.objects.get",
        "resourcemanager.projects.setIamPolicy",
        "run.services.update",
    ),
}
PLACES = {
    "azure": ("subscription", "management_group/corp", "resource_group/prod", "virtual_machine/web", "key_vault/new", "key_vault/old"),
    "gcp": ("project", "folder", "organization", "account/app", "compute_instance/web", "storage_bucket/data"),
}
RESOURCES: dict[str, dict[str, Any]] = {
    "azure": {
        "virtual_machine/web": {"system": True, "identities": ["app"]},
        "virtual_machine/db": {},
        "user_assigned_identity/app": {},
        "key_vault/new": {"properties": {"enableRbacAuthorization": True}},
        "key_vault/old": {
            "properties": {
                "enableRbacAuthorization": False,
                "accessPolicies": [{"objectId": "user-u1", "permissions": {"secrets": ["get"]}}],
            }
        },
        "web_app/shop": {"system": True},
        "storage_account/data": {},
    },
    "gcp": {
        "compute_instance/web": {"account": "app"},
        "cloud_run_service/shop": {"account": "other"},
        "storage_bucket/data": {},
        "secret_manager_secret/token": {},
    },
}


@st.composite
def estates(draw: st.DrawFn, provider: str) -> Facts:
    """Give a few rights to people and groups; one group may be a group of which nobody read the members."""
    right = st.builds("{} to {}".format, st.sampled_from(RIGHTS[provider]), st.sampled_from(PLACES[provider]))
    may = draw(st.dictionaries(st.sampled_from([*PEOPLE, *TEAMS]), st.lists(right, min_size=1, max_size=3), max_size=4))
    facts = estate(provider, {"may": may, "resources": RESOURCES[provider], "accounts": ["app", "other"]})
    known = {one.uid for one in facts.principals}
    for kind, names in (("user", PEOPLE), ("group", TEAMS)):
        uids = [named(provider, name) for name in names]
        facts.principals += [Principal(uid=uid, provider=provider, kind=kind, origin=ORIGIN) for uid in uids if uid not in known]
    for name in draw(st.lists(st.sampled_from(PEOPLE), max_size=4, unique=True)):
        facts.edges.append(Edge(named(provider, name), named(provider, draw(st.sampled_from(TEAMS))), "member-of", ORIGIN))
    google = ("roles/editor", "roles/viewer", "roles/nobody.knows")
    azure = [found.uid for name in ("Contributor", "Reader", "Owner") if (found := role_named("azure", name))]
    for name in draw(st.lists(st.sampled_from([*PEOPLE, *TEAMS]), max_size=2)):
        role, place = (
            draw(st.sampled_from(google if provider == "gcp" else azure)),
            named(provider, draw(st.sampled_from(PLACES[provider]))),
        )
        facts.attachments.append(Attachment(Uid(role), named(provider, name), "identity", place, ORIGIN))
    return facts


def agree(provider: str, facts: Facts) -> int:
    fast, plain = (compile_paths(facts, RULES, {provider: authorizer(provider, facts)}, naive=naive) for naive in (False, True))
    assert sorted(map(repr, fast.hops)) == sorted(map(repr, plain.hops))
    assert sorted(map(repr, fast.undecided)) == sorted(map(repr, plain.undecided))
    assert fast.admins == plain.admins
    return plain.asked - fast.asked


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(facts=estates("azure"))
def test_azure_gives_the_same_hops(facts: Facts) -> None:
    assert agree("azure", facts) >= 0


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(facts=estates("gcp"))
def test_google_cloud_gives_the_same_hops(facts: Facts) -> None:
    assert agree("gcp", facts) >= 0


@pytest.mark.parametrize("provider", ["azure", "gcp"])
def test_members_of_a_group_are_asked_for_once_and_only_where_it_has_something(provider: str) -> None:
    right = {"azure": "Microsoft.Compute/virtualMachines/runCommand/action to virtual_machine/web", "gcp": "storage.objects.get to project"}
    facts = estate(provider, {"may": {"team/t1": [right[provider]]}, "resources": RESOURCES[provider], "accounts": ["app", "other"]})
    facts.principals += [Principal(uid=named(provider, name), provider=provider, kind="user", origin=ORIGIN) for name in PEOPLE]
    facts.edges += [Edge(named(provider, name), named(provider, "team/t1"), "member-of", ORIGIN) for name in PEOPLE]
    assert agree(provider, facts) > 0
