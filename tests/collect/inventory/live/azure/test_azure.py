"""Subscriptions are read from a running Azure: the Resource Graph, what it does not have, and who they are. The server is a real one."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.collect.inventory.live.azure.estate import (
    ANN,
    BEN,
    CONNECTION,
    DEPLOYER,
    GROUP,
    NIGHT,
    ONE,
    OPS,
    OWNER,
    SERVER,
    SITE,
    STORE,
    TENANT,
    TWO,
    VAULT,
    emulated,
    shop,
)
from tests.collect.inventory.live.azure.readings import APPLICATION, DENIED, FAST, SHOP, known, one, read, without_origin
from tests.collect.inventory.live.rest.places import Bearer, Told

from bartizan.collect.inventory.contract import Edge, Origin
from bartizan.collect.inventory.estates.azure import recorded
from bartizan.collect.inventory.exports.azure.resource_graph import AzureReading
from bartizan.collect.inventory.live.azure.collector import Sought, caller_of, collect
from bartizan.collect.inventory.live.rest.client import Connections

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.collect.inventory.live.rest.client import Reply

pytestmark = pytest.mark.enable_socket


def test_what_the_graph_and_the_services_tell_of_resources_is_read_whole() -> None:
    azure = shop()
    collected = read(azure, settings=True)
    facts = collected.facts
    assert facts.gaps == []
    assert [(resource.uid, why) for resource in facts.resources for why in resource.unknown.items()] == [
        (STORE.lower(), ("diagnostics.categories", "no microsoft.insights/diagnosticsettings of it is in the export"))
    ]
    assert known(facts, STORE, "blob.soft_delete_days", "blob.versioning", "public_blob_access") == {
        "blob.soft_delete_days": 14,
        "blob.versioning": True,
        "public_blob_access": False,
    }
    containers = {each.name: each.properties["public_access"] for each in facts.resources if each.kind == "storage_container"}
    assert containers == {"photos": "Blob", "bills": "None", "logs": "None"}
    assert known(
        facts, SERVER, "auditing", "auditing.retention_days", "threat_detection", "vulnerability_assessment", "entra_administrator"
    ) == {
        "auditing": True,
        "auditing.retention_days": 90,
        "threat_detection": False,
        "vulnerability_assessment": True,
        "entra_administrator": None,
    }
    assert known(facts, SERVER, "firewall.open_to_azure", "firewall.open_to_internet") == {
        "firewall.open_to_azure": True,
        "firewall.open_to_internet": False,
    }
    assert known(facts, f"{SERVER}/databases/orders", "encryption", "long_term_retention") == {
        "encryption": True,
        "long_term_retention": False,
    }
    assert known(facts, SITE, "minimum_tls", "authentication", "basic_publishing.ftp", "basic_publishing.scm") == {
        "minimum_tls": "1.2",
        "authentication": False,
        "basic_publishing.ftp": True,
        "basic_publishing.scm": False,
    }
    assert known(facts, f"{VAULT}/keys/signing", "type", "size", "expires") == {"type": "RSA", "size": 2048, "expires": 1893456000}
    assert known(facts, SHOP, "owners", "defender.free", "activity_log.exported") == {
        "owners": 1,
        "defender.free": ["KeyVaults"],
        "activity_log.exported": None,
    }
    assert {each.kind for each in facts.resources if each.name == "master"} == {""}
    assert one(facts, STORE).origin == Origin("live", "Resource Graph resources")
    assert one(facts, f"{VAULT}/secrets/db").origin == Origin("live", "Microsoft.KeyVault/vaults/secrets/read", ONE)
    assert {name for name in azure.asked if name.startswith("POST")} == {
        "POST /providers/Microsoft.ResourceGraph/resources",
        "POST /graph/v1.0/directoryObjects/getByIds",
        f"POST {SITE}/config/appsettings/list",
    }
    assert sum(collected.made.values()) == sum(azure.asked.values())


def test_who_rights_are_given_to_is_told_by_the_directory_down_to_the_groups_inside_groups() -> None:
    facts = read(shop()).facts
    names = {each.uid: (each.kind, each.name) for each in facts.principals}
    assert names == {
        ANN: ("user", "ann@example.com"),
        BEN: ("user", "ben@example.com"),
        OPS: ("group", "Ops"),
        NIGHT: ("group", "Night shift"),
        DEPLOYER: ("service_account", "Deployer"),
        "99999999-0000-0000-0000-000000000009": ("managed_identity", "shopweb"),
    }
    given = {(each.target, each.scope, each.policy.rpartition("/")[2]) for each in facts.attachments}
    administrator = (BEN, "/", "global administrator")
    assert given == {(ANN, SHOP, OWNER), (OPS, GROUP.lower(), OWNER), (DEPLOYER, GROUP.lower(), OWNER), administrator}
    assert [one.actions for one in facts.statements] == [("Microsoft.Authorization/elevateAccess/action",)]
    joined = {(each.src, each.dst, each.kind) for each in facts.edges if each.kind in ("member-of", "owns", "runs-as")}
    assert joined == {
        (BEN, OPS, "member-of"),
        (NIGHT, OPS, "member-of"),
        (BEN, APPLICATION, "owns"),
        (APPLICATION, DEPLOYER, "runs-as"),
        (SITE.lower(), "99999999-0000-0000-0000-000000000009", "runs-as"),
    }
    assert isinstance(facts.edges[0], Edge)


def test_settings_are_looked_at_where_that_is_wanted_alone_and_no_value_is_kept(tmp_path: Path) -> None:
    looked = read(shop(), settings=True, keep=tmp_path).facts
    assert known(looked, SITE, "settings.names", "settings.secrets") == {
        "settings.names": ["STORE", "DB_PASSWORD", "COLOUR"],
        "settings.secrets": ["STORE", "DB_PASSWORD"],
    }
    kept = (tmp_path / f"azure-{TENANT}.ndjson").read_text()
    assert not [secret for secret in (CONNECTION, "correct horse", "blue", "a-token") if secret in kept or secret in str(looked)]
    azure = shop()
    facts = read(azure).facts
    assert one(facts, SITE).unknown == dict.fromkeys(
        ("settings.names", "settings.secrets"), "not-in-origin: settings of applications were not asked for"
    )
    assert not [name for name in azure.asked if "appsettings" in name]


def test_a_recording_gives_the_same_facts_without_azure(tmp_path: Path) -> None:
    azure = shop()
    azure.wrong["GET .*keys$"] = [DENIED]
    live = read(azure, keep=tmp_path).facts
    (file,) = tmp_path.iterdir()
    again = recorded(file)
    assert without_origin(again) == without_origin(live)
    assert {each.origin.how for each in again.resources} == {"recording"}
    assert (file.name, file.stat().st_mode & 0o777) == (f"azure-{TENANT}.ndjson", 0o600)


class Ended:
    """A client whose user has had enough after some requests."""

    def __init__(self, client: Connections, after: int) -> None:
        self._client, self._after = client, after

    def ask(self, method: str, url: str, body: bytes = b"") -> Reply:
        self._after -= 1
        if self._after < 0:
            raise KeyboardInterrupt
        return self._client.ask(method, url, body)


@pytest.mark.parametrize("after", [3, 9, 30])
def test_a_run_that_was_ended_goes_on_where_it_was_and_comes_to_the_same(after: int, tmp_path: Path) -> None:
    azure = shop()
    whole = read(azure).facts
    once = sum(azure.asked.values())
    azure.asked.clear()
    with emulated(azure) as cloud, closing(Connections(Bearer(azure.token))) as client:
        sought = Sought(subscriptions=["Shop", TWO], keep=tmp_path, threads=1)
        with pytest.raises(KeyboardInterrupt):
            collect(caller_of(Ended(client, after), clock=FAST), cloud, AzureReading(), sought)
        (file,) = tmp_path.iterdir()
        with file.open("ab") as lines:
            lines.write(b'{"call":"cut off by a kill')
        resumed = collect(caller_of(client, clock=FAST), cloud, AzureReading(), sought).facts
    assert without_origin(resumed) == without_origin(whole)
    assert sum(azure.asked.values()) == once + 2  # which subscriptions there are, two pages, is asked each time


def test_what_is_throttled_broken_off_or_sent_by_a_proxy_is_asked_again() -> None:
    azure, whole = shop(), read(shop()).facts
    azure.wrong |= {
        "ResourceGraph.*policyresources": [Told({"error": {"code": "RateLimiting"}}, 429, {"Retry-After": "0"})],
        "GET .*blobServices/default$": [Told({"id": STORE}, cut=40), Told(b"<html>", 502), Told(b'{"properties": {')],
        "GET /graph/v1.0/groups": [Told({"error": {"code": "TooManyRequests"}}, 429, {"Retry-After": "0"})],
    }
    assert without_origin(read(azure).facts) == without_origin(whole)
    assert not [told for told in azure.wrong.values() if told]


def test_a_role_of_azure_is_told_where_somebody_has_it_and_one_of_the_customer_always() -> None:
    azure = shop()
    base = f"{SHOP}/providers/Microsoft.Authorization/roleDefinitions"
    azure.tables["authorizationresources"] = [
        {
            "id": f"{base}/{uid}",
            "name": uid,
            "type": "microsoft.authorization/roledefinitions",
            "properties": {"type": kind, "permissions": []},
        }
        for uid, kind in ((OWNER, "BuiltInRole"), ("unused", "BuiltInRole"), ("own", "CustomRole"))
    ]
    names = [each.name for each in read(azure).facts.resources if each.kind == "role_definition"]
    assert names == [OWNER, "own"]


def test_the_same_assignment_in_two_lists_is_one() -> None:
    azure = shop()
    root = azure.paths[f"{SHOP}/providers/microsoft.authorization/roleassignments".lower()]["value"][0]
    above = {**root, "id": "/providers/Microsoft.Management/managementGroups/top/providers/Microsoft.Authorization/roleAssignments/a"}
    for uid in (ONE, TWO):
        azure.paths[f"/subscriptions/{uid}/providers/microsoft.authorization/roleassignments"] = {"value": [above]}
    assert len([one for one in read(azure).facts.attachments if one.scope != "/"]) == 1
