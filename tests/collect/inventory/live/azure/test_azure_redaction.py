"""No value of a secret comes through, wherever an answer of Azure has one; names stay, and what reads them finds what it asks for."""

from __future__ import annotations

from typing import Any

import pytest
from tests.collect.inventory.live.azure.estate import CONNECTION

from bartizan.collect.inventory.live.azure.redaction import redacted
from bartizan.collect.inventory.live.rest.calls import Call

GRAPH = Call("rows", "https://management.azure.com/providers/Microsoft.ResourceGraph/resources", "POST")
SETTINGS = Call("settings", "https://management.azure.com/subscriptions/s/x/config/appsettings/list?api-version=1", "POST")


def row(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"id": "/subscriptions/s/x", "type": kind, "properties": properties}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("microsoft.compute/virtualmachines", {"osProfile": {"adminPassword": "hidden-1", "customData": "aGlkZGVuLTE="}}),
        ("microsoft.compute/virtualmachines/extensions", {"settings": {"commandToExecute": "run --password=hidden-1"}}),
        ("microsoft.compute/virtualmachines/extensions", {"protectedSettings": {"anything": ["hidden-1"]}}),
        ("microsoft.containerinstance/containergroups", {"containers": [{"environmentVariables": [{"name": "A", "value": "hidden-1"}]}]}),
        ("microsoft.app/containerapps", {"template": {"containers": [{"env": [{"name": "A", "value": "hidden-1"}]}]}}),
        ("microsoft.logic/workflows", {"definition": {"actions": {"a": {"inputs": {"headers": {"x": "api_key=hidden-1"}}}}}}),
        ("microsoft.web/connections", {"parameterValues": {"anything": "hidden-1"}}),
        ("microsoft.web/sites", {"siteConfig": {"appSettings": [{"name": "A", "value": "hidden-1"}]}}),
        ("microsoft.web/sites", {"siteConfig": {"connectionStrings": [{"name": "A", "connectionString": "hidden-1"}]}}),
        ("microsoft.any/thing", {"url": "https://user:{}@example.com/".replace("{}", "hidden-1")}),
        ("microsoft.any/thing", {"deep": [{"deeper": {"clientSecret": "hidden-1"}}]}),
    ],
)
def test_secrets_in_rows_are_taken_out(kind: str, properties: dict[str, Any]) -> None:
    for name in ("data", "value"):
        told = redacted(GRAPH, {name: [row(kind, properties)], "count": 1})
        assert "hidden-1" not in str(told)
        assert "aGlkZGVu" not in str(told)
        assert (told["count"], told[name][0]["id"], told[name][0]["properties"].keys()) == (1, "/subscriptions/s/x", properties.keys())


def test_of_settings_stays_the_name_and_what_the_value_looked_like() -> None:
    told = redacted(
        SETTINGS, row("Microsoft.Web/sites/config", {"STORE": CONNECTION, "DB_PASSWORD": "correct horse", "COLOUR": "blue", "N": 7})
    )
    assert told["properties"] == {
        "STORE": "(redacted) azure-connection-string",
        "DB_PASSWORD": "(redacted) named",
        "COLOUR": "(redacted)",
        "N": "(redacted)",
    }


def test_what_is_no_secret_stays_as_it_is() -> None:
    plain = {
        "data": [row("microsoft.keyvault/vaults", {"accessPolicies": [{"objectId": "a", "permissions": {"secrets": ["get"]}}]}), 7],
        "n": None,
    }
    assert redacted(GRAPH, plain) == plain
    assert redacted(GRAPH, [1]) == [1]


def test_a_hint_of_a_password_of_an_application_is_one_too() -> None:
    told = redacted(GRAPH, {"value": [{"passwordCredentials": [{"hint": "hid", "secretText": None, "keyId": "k"}]}]})
    assert told == {"value": [{"passwordCredentials": [{"hint": "(redacted)", "secretText": None, "keyId": "k"}]}]}


@pytest.mark.parametrize(
    "address",
    [
        "https://a.blob.core.windows.net/c/f.zip?sv=2024&sig=hidden-1%3D&sp=r",
        "https://f.azurewebsites.net/api/run?code=hidden-1",
        "https://b.s3.amazonaws.com/k?X-Amz-Security-Token=hidden-1&X-Amz-Signature=hidden-1",
        "https://storage.googleapis.com/b/k?x-goog-signature=hidden-1",
    ],
)
def test_of_an_address_that_is_signed_the_signature_does_not_stay(address: str) -> None:
    (told,) = redacted(GRAPH, {"data": [row("microsoft.any/thing", {"uri": address, "nextLink": "https://x/?$skiptoken=a"})]})["data"]
    assert "hidden" not in str(told)
    assert told["properties"]["uri"].startswith(address.partition("?")[0])
    assert told["properties"]["nextLink"] == "https://x/?$skiptoken=a"


def test_what_is_asked_for_alone_is_looked_through_as_what_is_listed() -> None:
    told = redacted(GRAPH, row("Microsoft.Logic/workflows", {"definition": {"x": "api_key=hidden-1"}}))
    assert "hidden" not in str(told)
