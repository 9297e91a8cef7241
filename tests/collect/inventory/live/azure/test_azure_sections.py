"""What is asked of Azure is said by the kinds: each property has something that tells it, and the role allows that and nothing more."""

from __future__ import annotations

from typing import Any

import pytest
from tests.collect.inventory.live.azure.estate import shop
from tests.collect.inventory.live.azure.readings import read

from bartizan.collect.inventory.kinds import Kind, Property, kinds
from bartizan.collect.inventory.live.azure import sections
from bartizan.collect.inventory.live.azure.permissions import actions, custom_role
from bartizan.collect.inventory.live.azure.sections import Asking, askings, bulks

OF_AZURE = [kind for (provider, _name), kind in kinds().items() if provider == "azure"]
SILENT = {("storage_account", "diagnostics.categories")}
"""What is logged of a store is said of each of its services, and is not asked for."""
_KIND = Kind(
    "azure",
    "thing",
    "",
    {"a": Property("a", "string", "")},
    {"export": [{"type": "x.y/things/parts", "of": "parent", "gives": {"a": "b"}}]},
)


def test_each_property_that_a_part_gives_has_a_request_or_a_table_that_tells_it() -> None:
    told = {(one.kind.name, name) for one in (*askings(), *bulks()) for name in one.tells}
    given = {
        (kind.name, name) for kind in OF_AZURE for entry in kind.sections["export"] if "of" in entry for name in entry.get("gives", {})
    }
    assert given - told == SILENT


def test_each_kind_is_in_a_table_or_has_a_request_that_lists_it() -> None:
    listed = {one.kind.name for one in askings() if not one.tells}
    children = {
        kind.name for kind in OF_AZURE if not {entry["type"] for entry in kind.sections["export"] if "of" not in entry} - NOT_IN_TABLES
    }
    elsewhere = {"application", "subnet", "monitor_diagnostic_setting"}  # in the directory, in their network, in what tells of others
    assert listed == children - elsewhere


NOT_IN_TABLES = {
    "application",
    "microsoft.apimanagement/service/apis",
    "microsoft.authorization/denyassignments",
    "microsoft.authorization/roleassignments",
    "microsoft.insights/diagnosticsettings",
    "microsoft.keyvault/vaults/keys",
    "microsoft.keyvault/vaults/secrets",
    "microsoft.network/virtualnetworks/subnets",
    "microsoft.storage/storageaccounts/blobservices/containers",
}
"""Types of kinds that the Resource Graph does not hold as rows, or holds without their conditions."""


@pytest.mark.enable_socket
def test_the_role_allows_each_call_that_is_made_and_nothing_that_shows_a_secret() -> None:
    made = {name.partition(" (")[0].lower() for name in read(shop()).made if not name.startswith("Microsoft Graph")}
    allowed = actions()
    assert made <= set(allowed)
    assert [one for one in allowed if not one.endswith("/read")] == []
    assert set(actions(settings=True)) - set(allowed) == {"microsoft.web/sites/config/list/action"}
    types = {entry["type"] for kind in OF_AZURE for entry in kind.sections["export"]}
    asked = {one.action.lower().rpartition("/")[0] for one in askings()}
    assert {one.rpartition("/")[0] for one in allowed} <= types | asked | {
        "microsoft.resourcegraph/resources",
        "microsoft.authorization/permissions",
    }


def test_the_role_is_one_that_the_command_line_takes() -> None:
    role = custom_role()
    assert (role["IsCustom"], role["Actions"], role["DataActions"], len(role["AssignableScopes"])) == (True, list(actions()), [], 1)


@pytest.mark.parametrize(
    ("told", "action", "tells"),
    [
        ({"of": "X.Y/things", "get": "parts/default", "api": "1"}, "X.Y/things/parts/read", ("a",)),
        ({"of": "X.Y/things", "get": "parts/default/more", "api": "1"}, "X.Y/things/parts/more/read", ()),
        ({"of": "X.Y/things", "get": "providers/A.B/cs/d", "api": "1", "tells": ["a"]}, "A.B/cs/read", ("a",)),
        ({"of": "X.Y/things", "post": "config/c/list", "api": "1"}, "X.Y/things/config/list/action", ()),
    ],
)
def test_a_request_says_which_right_it_needs_and_what_it_tells(told: dict[str, Any], action: str, tells: tuple[str, ...]) -> None:
    entry = sections._entry(_KIND, told)
    assert isinstance(entry, Asking)
    assert (entry.action, entry.tells) == (action, tells)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"of": "X.Y/things", "get": "a", "api": "1", "tells": ["b"]}, "no property, or the section no member, b"),
        ({"of": "X.Y/things", "get": "a", "api": "1", "what": 1}, "the section no member, what"),
        ({"of": "X.Y/things", "api": "1"}, "it needs either get or post"),
        ({"of": "X.Y/things", "get": "a", "post": "b", "api": "1"}, "it needs either get or post"),
        ({"of": "X.Y/things", "get": "a", "api": "1", "to": "above"}, "knows 'to: below' alone"),
        ({"table": "resources", "get": "a"}, "the section no member, get"),
    ],
)
def test_what_is_written_wrong_is_told(told: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        sections._entry(_KIND, told)
