"""In small estates of Azure and Google Cloud every way that is there is found, and none that is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bartizan.review.cloud.paths.compiling import compile_paths
from bartizan.review.cloud.paths.estates import estate, named
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer

RULES = path_rules(Path(__file__).resolve().parents[4] / "content" / "paths")
ESTATES: dict[str, tuple[str, dict[str, Any], set[tuple[str, str, str]]]] = {
    "a machine's identity may give roles": (
        "azure",
        {
            "may": {
                "user/dev": ["Microsoft.Compute/virtualMachines/runCommand/action to virtual_machine/web"],
                "virtual_machine/web/self": ["Microsoft.Authorization/roleAssignments/write"],
                "user/reader": ["*/read"],
            },
            "resources": {"virtual_machine/web": {"system": True}},
        },
        {
            ("user/dev", "virtual_machine/web", "azure-run-command"),
            ("virtual_machine/web", "virtual_machine/web/self", "azure-workload-identity"),
            ("virtual_machine/web/self", "administration", "azure-role-assignment"),
        },
    ),
    "an identity that somebody may assign reads secrets": (
        "azure",
        {
            "may": {
                "user/dev": [
                    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action to user_assigned_identity/app",
                    "Microsoft.Resources/deploymentScripts/write",
                ],
                "user_assigned_identity/app/self": ["Microsoft.KeyVault/vaults/secrets/getSecret/action to key_vault/kv"],
            },
            "resources": {"user_assigned_identity/app": {}, "key_vault/kv": {"properties": {"enableRbacAuthorization": True}}},
        },
        {
            ("user/dev", "user_assigned_identity/app/self", "azure-deployment-script"),
            ("user_assigned_identity/app", "user_assigned_identity/app/self", "azure-workload-identity"),
            ("user_assigned_identity/app/self", "key_vault/kv", "azure-vault-read"),
        },
    ),
    "a function that everyone may call acts as an account that may make machines as another": (
        "gcp",
        {
            "accounts": ["web", "root"],
            "may": {
                "account/web": ["iam.serviceAccounts.actAs to account/root", "compute.instances.create"],
                "account/root": ["resourcemanager.projects.setIamPolicy"],
                "user/reader": ["compute.instances.get"],
            },
            "resources": {"cloudfunctions_function/hook": {"account": "web", "public": "roles/cloudfunctions.invoker"}},
        },
        {
            ("internet", "cloudfunctions_function/hook", "gcp-exposed-service"),
            ("cloudfunctions_function/hook", "account/web", "gcp-workload-account"),
            ("account/web", "account/root", "gcp-new-instance"),
            ("account/root", "administration", "gcp-project-policy"),
        },
    ),
    "tokens by way of two accounts": (
        "gcp",
        {
            "accounts": ["first", "second", "third"],
            "may": {
                "user/dev": ["iam.serviceAccounts.getAccessToken to account/first"],
                "account/first": ["iam.serviceAccounts.implicitDelegation to account/second"],
                "account/second": ["iam.serviceAccounts.getAccessToken to account/third"],
            },
        },
        {
            ("user/dev", "account/first", "gcp-access-token"),
            ("account/second", "account/third", "gcp-access-token"),
            ("account/first", "account/third", "gcp-delegation"),
        },
    ),
}
TREE = ("azure-contained", "gcp-contained", "has-everything")


@pytest.mark.parametrize("name", ESTATES)
def test_exactly_the_ways_that_are_there_are_found(name: str) -> None:
    provider, told, expected = ESTATES[name]
    facts = estate(provider, told)
    found = compile_paths(facts, RULES.values(), {provider: authorizer(provider, facts)})
    hops = {(hop.src, hop.dst, hop.rule) for hop in found.hops if hop.rule not in TREE}
    assert hops == {(named(provider, src), named(provider, dst), rule) for src, dst, rule in expected}
    assert found.undecided == ()
