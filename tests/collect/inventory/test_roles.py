"""What Azure and Google Cloud define for everyone is here whole, packed, and unpacked role by role."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.collect.inventory.contract import Statement
from bartizan.collect.inventory.roles import role, role_named, roles
from bartizan.collect.inventory.roles.packed import places_of, spans_of

ROLES = "/providers/microsoft.authorization/roledefinitions/"


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.sets(st.integers(0, 5000), max_size=60))
def test_spans_stand_for_the_places_they_were_made_of(places: set[int]) -> None:
    assert list(places_of(spans_of(places))) == sorted(places)


def test_a_span_says_the_distance_and_how_many_more_follow() -> None:
    assert spans_of([5, 2, 3, 4, 40]) == "3+3 z"
    assert list(places_of("3+3 z")) == [2, 3, 4, 5, 40]
    assert spans_of([]) == ""


def test_every_role_of_both_clouds_is_here() -> None:
    assert {provider: len(roles(provider).uids) for provider in ("azure", "gcp")} == {"azure": 928, "gcp": 2461}
    assert all(roles(provider).role(uid) for provider in ("azure", "gcp") for uid in roles(provider).uids)


def test_a_role_of_azure_is_its_statements_on_each_plane() -> None:
    found = role_named("azure", "storage blob data reader")
    assert found is not None
    assert found.uid == f"{ROLES}2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
    assert [(one.sid, one.actions, one.not_actions) for one in found.statements] == [
        (
            "actions",
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/read",
                "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
            ),
            (),
        ),
        ("dataActions", ("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",), ()),
    ]


def test_the_condition_of_a_role_of_azure_is_kept() -> None:
    found = role_named("azure", "Key Vault Data Access Administrator")
    assert found is not None
    asked = [one.conditions for one in found.statements if "Microsoft.Authorization/roleAssignments/write" in one.actions]
    assert len(asked) == 1
    assert asked[0][0].values[0].startswith("((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'}))")


def test_a_role_of_google_cloud_is_its_permissions_to_the_letter() -> None:
    found = role("gcp", "roles/run.invoker")
    assert found is not None
    assert found.name == "Cloud Run Invoker"
    assert found.permissions == {"run.instances.invoke", "run.jobs.run", "run.routes.invoke"}
    assert found.statements == (
        Statement(
            policy=found.uid,
            number=0,
            sid="permissions",
            actions=("run.instances.invoke", "run.jobs.run", "run.routes.invoke"),
            origin=found.statements[0].origin,
        ),
    )


def test_who_asks_for_what_is_not_here_is_told_so() -> None:
    assert role("gcp", "roles/brandnew.thing") is None
    assert role("azure", f"{ROLES}11111111-2222-3333-4444-555555555555") is None
    assert role_named("azure", "No Such Role") is None


def test_a_reference_without_a_role_and_a_permission_knows_neither() -> None:
    less = roles("gcp").without("roles/viewer", "run.routes.invoke")
    assert less.role("roles/viewer") is None
    assert "run.routes.invoke" not in less.known
    invoker = less.role("roles/run.invoker")
    assert invoker is not None
    assert invoker.permissions >= {"run.jobs.run"}
    assert roles("azure").without("microsoft.compute/virtualmachines/write").known.get("microsoft.compute/virtualmachines/write") is None


def test_operations_of_azure_are_known_with_their_planes() -> None:
    known = roles("azure").known
    assert known["microsoft.keyvault/vaults/secrets/getsecret/action"] == ("dataActions",)
    assert known["microsoft.keyvault/vaults/secrets/read"] == ("actions",)
    assert known["microsoft.keyvault/vaults/keys/read"] == ("actions", "dataActions")
    assert known["microsoft.app/containerapps/exec/action"] == ("dataActions",)
    assert len(known) > 12_000
