"""What could not be read of a running Azure is a gap of just that, and unknown where it is needed; the rest is read all the same."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.collect.inventory.live.azure.estate import (
    ONE,
    OPS,
    SERVER,
    TWO,
    shop,
)
from tests.collect.inventory.live.azure.readings import DENIED, SHOP, one, read
from tests.collect.inventory.live.rest.places import Told

from bartizan.collect.inventory.contract import Gap
from bartizan.collect.inventory.live.azure.asking import Asks
from bartizan.collect.inventory.live.azure.clouds import PUBLIC
from bartizan.collect.inventory.live.azure.resource_graph import Table, table_rows
from bartizan.collect.inventory.live.calls import Answer, Failure
from bartizan.errors import InputError

if TYPE_CHECKING:
    from bartizan.collect.inventory.live.rest.calls import Call

pytestmark = pytest.mark.enable_socket


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


@pytest.mark.parametrize("told", [{}, {"value": None}, {"value": {"id": "x"}}])
def test_where_a_list_of_the_directory_is_none_that_is_a_gap(told: dict[str, object]) -> None:
    azure = shop()
    azure.wrong = {"/members": [Told(told)] * 9, "POST .*getByIds": [Told(told)] * 9}
    gaps = [(gap.call, gap.detail) for gap in read(azure).facts.gaps]
    assert ("Microsoft Graph directoryObjects/getByIds", "NoList: what came is no list") in gaps


def test_rows_that_come_again_are_not_counted_for_those_that_do_not_come() -> None:
    answers = {
        "": [{"data": [{"id": "a"}, {"id": "b"}], "totalRecords": 4, "$skipToken": "old"}] * 2,
        "old": [Failure("failed", "BadRequest"), {"data": [{"id": "c"}], "totalRecords": 4}],
    }

    def ask(call: Call) -> Answer:
        told = answers[json.loads(call.body)["options"].get("$skipToken", "")].pop(0)
        return Answer(failure=told) if isinstance(told, Failure) else Answer(told)

    rows = list(table_rows(Asks(PUBLIC, ask, ask), Table("resources"), ["s"]))
    assert rows[-1] == Failure("failed", "Incomplete", "3 of 4 rows came")


def test_a_hostile_answer_is_a_gap_and_no_fault() -> None:
    azure = shop()
    azure.wrong = {
        "GET .*secrets$": [Told({"value": [None, 7, {"name": "x"}, {"id": 5}]})],
        "GET .*keys/signing": [Told({"value": [], "nextLink": "http://elsewhere.example/keys"})],
        "GET .*apis$": [Told(json.loads("[" * 50 + "]" * 50))],
    }
    facts = read(azure).facts
    assert [(gap.call, gap.detail) for gap in facts.gaps] == [
        ("Microsoft.KeyVault/vaults/keys/read", "OtherHost: the next page is said to be at a host that is not asked"),
        ("Microsoft.KeyVault/vaults/secrets/read", "NoId: 4 of what is listed has no id"),
    ]
