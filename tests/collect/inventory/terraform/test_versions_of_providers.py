from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bartizan.collect.inventory.terraform.reading import read_terraform

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = 'resource "azurerm_storage_account" "a" {\n  name = "a"\n  resource_group_name = "g"\n}\n'
UNKNOWN = "it hangs on the version of the provider"


def opened(folder: Path, text: str) -> object:
    (folder / "main.tf").write_text(ACCOUNT + text)
    (account,) = read_terraform(folder).resources
    return account.properties.get("public_blob_access", account.unknown.get("public_blob_access"))


def asked(constraint: str) -> str:
    held = f'source = "hashicorp/azurerm"\n      version = "{constraint}"'
    return f"terraform {{\n  required_providers {{\n    azurerm = {{\n      {held}\n    }}\n  }}\n}}\n"


@pytest.mark.parametrize(
    ("constraint", "wanted"),
    [
        ("~> 3.0", True),
        ("~> 4.1.2", True),
        ("= 2.9.0", True),
        ("4.70.0", True),
        (">= 3.0, < 5.0", True),
        (">= 3.0, < 5.0.0", True),
        ("<= 4", True),
        ("~> 5.0", False),
        (">= 3.0, < 5.1", False),
        (">= 3.0", UNKNOWN),
        ("~> 4", UNKNOWN),
        ("!= 4.0.0", UNKNOWN),
        ("whatever", UNKNOWN),
    ],
)
def test_what_holds_where_nothing_is_said_hangs_on_the_version_that_is_asked_for(tmp_path: Path, constraint: str, wanted: object) -> None:
    assert opened(tmp_path, asked(constraint)) == wanted


def test_without_a_version_it_is_unknown_and_what_is_said_counts(tmp_path: Path) -> None:
    assert opened(tmp_path, "") == UNKNOWN
    assert opened(tmp_path, 'provider "azurerm" {\n  version = "=2.0"\n  features {}\n}\n') is True
    (tmp_path / "main.tf").write_text(ACCOUNT.replace('"g"', '"g"\n  allow_nested_items_to_be_public = false'))
    assert read_terraform(tmp_path).resources[0].properties["public_blob_access"] is False


def test_the_lock_file_says_it_exactly_and_a_broken_one_says_nothing(tmp_path: Path) -> None:
    lock = tmp_path / ".terraform.lock.hcl"
    lock.write_text('provider "registry.terraform.io/hashicorp/azurerm" {\n  version = "5.2.0"\n}\n')
    assert opened(tmp_path, asked(">= 3.0")) is False
    lock.write_text('provider "registry.terraform.io/hashicorp/azurerm" {\n  version =\n')
    assert opened(tmp_path, asked("~> 3.0")) is True


def test_a_module_goes_by_the_version_of_the_root(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(ACCOUNT + asked(">= 2.0"))
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "./m"\n}\n' + asked("~> 3.0"))
    (account,) = read_terraform(tmp_path).resources
    assert account.properties["public_blob_access"] is True
