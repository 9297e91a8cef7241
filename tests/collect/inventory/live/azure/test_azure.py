"""Subscriptions are read from a running Azure: the Resource Graph, what it does not have, and who they are. The server is a real one."""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

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
    Azure,
    emulated,
    shop,
)
from tests.collect.inventory.live.rest.places import Bearer, Told

from bartizan.collect.inventory.contract import Edge, Facts, Gap, Origin
from bartizan.collect.inventory.estates.azure import recorded
from bartizan.collect.inventory.exports.azure.resource_graph import AzureReading
from bartizan.collect.inventory.live.azure.collector import Collected, Sought, caller_of, collect
from bartizan.collect.inventory.live.pace import Clock
from bartizan.collect.inventory.live.rest.client import Connections
from bartizan.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.collect.inventory.contract import Resource, Value
    from bartizan.collect.inventory.live.rest.client import Reply

pytestmark = pytest.mark.enable_socket
FAST = Clock(time.monotonic, lambda _seconds: None)
SHOP = f"/subscriptions/{ONE}"
APPLICATION = "application/dddddddd-0000-0000-0000-000000000001"
DENIED = Told({"error": {"code": "AuthorizationFailed", "message": "The client has no authorization to perform it."}}, 403)


def read(azure: Azure, **sought: Any) -> Collected:  # noqa: ANN401 - as Sought takes them
    with emulated(azure) as cloud, closing(Connections(Bearer(azure.token))) as client:
        return collect(caller_of(client, clock=FAST), cloud, AzureReading(), Sought(**{"subscriptions": ["Shop", TWO], **sought}))


def one(facts: Facts, uid: str) -> Resource:
    (found,) = [resource for resource in facts.resources if resource.uid == uid.lower()]
    return found


def known(facts: Facts, uid: str, *names: str) -> dict[str, Value]:
    properties = one(facts, uid).properties
    return {name: properties.get(name) for name in names}


def without_origin(facts: Facts) -> dict[str, Any]:
    told = {}
    for name in Facts.__slots__:
        rows = getattr(facts, name)
        told[name] = [replace(row, origin=Origin("")) if name != "gaps" else row for row in rows]
    return told


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


def test_what_is_refused_of_one_thing_is_a_gap_of_that_and_unknown_there() -> None:
    azure = shop()
    azure.wrong = {"GET .*auditingSettings": [DENIED], "GET .*firewallRules": [DENIED], "GET .*vaults/shopvault/keys$": [DENIED]}
    facts = read(azure).facts
    why = "AuthorizationFailed: The client has no authorization to perform it."
    base = Gap(provider="azure", call="", reason="denied", detail=why, account=ONE)
    server = {"kinds": ("mssql_server",), "uid": SERVER.lower()}
    assert facts.gaps == [
        replace(base, call="Microsoft.KeyVault/vaults/keys/read", kinds=("key_vault_key",)),
        replace(base, call="Microsoft.Sql/servers/auditingSettings/read", properties=("auditing", "auditing.retention_days"), **server),
        replace(
            base,
            call="Microsoft.Sql/servers/firewallRules/read",
            properties=("firewall.open_to_azure", "firewall.open_to_internet"),
            **server,
        ),
    ]
    assert one(facts, SERVER).unknown == {
        "auditing": "denied: Microsoft.Sql/servers/auditingSettings/read",
        "auditing.retention_days": "denied: Microsoft.Sql/servers/auditingSettings/read",
        "firewall.open_to_azure": "denied: Microsoft.Sql/servers/firewallRules/read",
        "firewall.open_to_internet": "denied: Microsoft.Sql/servers/firewallRules/read",
    }


def test_what_is_refused_everywhere_is_one_gap_for_each_subscription() -> None:
    azure = shop()
    azure.tables["resources"].append({**azure.tables["resources"][2], "id": f"{SERVER}2", "name": "shopsql2"})
    azure.paths |= {path.replace("/shopsql/", "/shopsql2/"): told for path, told in azure.paths.items() if "/shopsql/" in path}
    azure.wrong = {"GET .*auditingSettings": [DENIED, DENIED]}
    (gap,) = read(azure).facts.gaps
    assert (gap.call, gap.uid, gap.account) == ("Microsoft.Sql/servers/auditingSettings/read", "", ONE)


@pytest.mark.parametrize(
    ("given", "kinds", "types"),
    [
        ({"actions": ["*"], "notActions": ["Microsoft.KeyVault/*"]}, ("key_vault",), "microsoft.keyvault/vaults"),
        (
            {"actions": ["*/read"], "notActions": ["microsoft.compute/virtualMachines/extensions/*"]},
            ("virtual_machine",),
            "microsoft.compute",
        ),
    ],
)
def test_what_the_graph_leaves_out_for_want_of_a_right_is_a_gap(given: dict[str, Any], kinds: tuple[str, ...], types: str) -> None:
    azure = shop()
    azure.paths[f"/subscriptions/{TWO}/providers/microsoft.authorization/permissions"] = {"value": [given, {"actions": None}]}
    (gap,) = read(azure).facts.gaps
    told = ("Microsoft.Authorization/permissions/read", "denied", TWO, kinds, f"there is no right to read {types}")
    assert (gap.call, gap.reason, gap.account, gap.kinds, gap.detail[: len(told[-1])]) == told


def test_where_it_is_not_told_what_one_may_read_nothing_is_taken_to_be_all() -> None:
    azure = shop()
    azure.wrong = {f"GET /subscriptions/{TWO}/.*permissions": [DENIED]}
    (gap,) = read(azure).facts.gaps
    assert (gap.call, gap.reason, gap.account, gap.kinds) == ("Microsoft.Authorization/permissions/read", "denied", TWO, ())


def test_plans_of_defender_that_are_not_listed_are_unknown() -> None:
    azure = shop()
    azure.wrong = {f"GET /subscriptions/{TWO}/.*pricings": [Told({"value": []})]}
    (gap,) = read(azure).facts.gaps
    told = ("Microsoft.Security/pricings/read", "failed", f"/subscriptions/{TWO}", ("defender.standard", "defender.free"))
    assert (gap.call, gap.reason, gap.uid, gap.properties) == told


def test_rights_that_were_not_all_read_leave_owners_unknown() -> None:
    azure = shop()
    azure.wrong = {f"GET /subscriptions/{ONE}/providers/Microsoft.Authorization/roleAssignments": [DENIED]}
    facts = read(azure).facts
    assert [(gap.call, gap.kinds, gap.account) for gap in facts.gaps] == [
        ("Microsoft.Authorization/roleAssignments/read", ("role_assignment",), ONE)
    ]
    assert one(facts, SHOP).unknown == {"owners": "denied: Microsoft.Authorization/roleAssignments/read"}
    assert one(facts, f"/subscriptions/{TWO}").properties["owners"] == 0


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (DENIED, "AuthorizationFailed: The client has no authorization to perform it."),
        (Told({"data": [], "totalRecords": 6, "resultTruncated": "true"}), "ResultTruncated: 0 of 6 rows came, and nothing says"),
        (Told({"data": [], "totalRecords": 6, "resultTruncated": "false"}), "Incomplete: 0 of 6 rows came"),
        (Told({"data": {"columns": [], "rows": []}, "totalRecords": 0}), "NoRows: the answer has no list of rows"),
    ],
    ids=["denied", "truncated", "incomplete", "another format"],
)
def test_a_table_that_does_not_come_whole_leaves_everything_in_it_unknown(told: Told, code: str) -> None:
    azure = shop()
    azure.wrong = {"ResourceGraph.*resources . order": [told]}
    facts = read(azure).facts
    wide = [gap for gap in facts.gaps if gap.call == "Resource Graph resources"]
    assert [(gap.kinds, gap.detail[: len(code)]) for gap in wide] == [((), code)]
    assert one(facts, SHOP).unknown["alerts.operations"] == f"{wide[0].reason}: Resource Graph resources"


def test_a_directory_that_is_closed_leaves_open_who_is_in_groups() -> None:
    azure = shop()
    refused = Told({"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges to complete the operation."}}, 403)
    azure.wrong = {"/graph/": [refused] * 9}
    facts = read(azure).facts
    assert [(gap.call, gap.reason, gap.kinds, gap.uid) for gap in facts.gaps] == [
        (f"members of {OPS}", "not-in-origin", ("group",), OPS),
        ("Microsoft Graph directoryObjects/getByIds", "denied", ("group",), ""),
        ("Microsoft Graph directoryRoles/members", "denied", ("directory_role",), ""),
        ("Microsoft Graph applications", "denied", ("application",), ""),
    ]


def test_members_of_one_group_that_are_hidden_are_a_gap_of_that_group() -> None:
    azure = shop()
    azure.wrong = {f"GET /graph/v1.0/groups/{OPS}/members": [DENIED]}
    gaps = [(gap.call, gap.uid) for gap in read(azure).facts.gaps]
    assert gaps == [("members of Ops", OPS), ("Microsoft Graph groups/members", OPS)]


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


@pytest.mark.parametrize(
    ("wanted", "wrong", "message"),
    [
        (["Shopp"], {}, r"sees no subscription 'Shopp' of Azure \(did you mean 'Shop'\?\); it sees Shop, Empty, Third"),
        (
            [],
            {"GET /subscriptions$": [Told(status=401)] * 9},
            r"Azure does not say which subscriptions there are \(401\): sign in with `az",
        ),
        ([], {"GET /subscriptions$": [Told({"value": []})]}, "the credential sees no subscription of Azure: give it a role"),
    ],
    ids=["no such", "not let in", "none"],
)
def test_who_is_not_let_in_or_asks_for_what_is_not_there_is_told(wanted: list[str], wrong: dict[str, list[Told]], message: str) -> None:
    azure = shop()
    azure.wrong = wrong
    with pytest.raises(InputError, match=message):
        read(azure, subscriptions=wanted)


def test_a_hostile_answer_is_a_gap_and_no_fault() -> None:
    azure = shop()
    azure.wrong = {
        "GET .*secrets$": [Told({"value": [None, 7, {"name": "x"}, {"id": 5}]})],
        "GET .*keys/signing": [Told({"value": [], "nextLink": "http://elsewhere.example/keys"})],
        "GET .*apis$": [Told(json.loads("[" * 50 + "]" * 50))],
    }
    facts = read(azure).facts
    assert [(gap.call, gap.detail) for gap in facts.gaps] == [
        ("Microsoft.KeyVault/vaults/keys/read", "OtherHost: the next page is said to be at a host that is not asked")
    ]
