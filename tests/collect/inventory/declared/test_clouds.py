"""Terraform of Azure and Google Cloud gives the facts that their exports give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import Uid
from bartizan.collect.inventory.terraform.reading import read_terraform
from bartizan.review.cloud.permission.azure.authorizer import AzureAuthorizer
from bartizan.review.cloud.permission.contract import Answer
from bartizan.review.cloud.permission.gcp.authorizer import GcpAuthorizer

if TYPE_CHECKING:
    from pathlib import Path

    from bartizan.collect.inventory.contract import Facts

SUBSCRIPTION = "/subscriptions/11111111-0000-0000-0000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourcegroups/prod"
IDENTITY = f"{GROUP}/providers/microsoft.managedidentity/userassignedidentities/app"
ACCOUNT = "//iam.googleapis.com/projects/-/serviceAccounts/app@shop.iam.gserviceaccount.com"
PROJECT = "//cloudresourcemanager.googleapis.com/projects/shop"

AZURE = """
provider "azurerm" {
  features {}
  subscription_id = "11111111-0000-0000-0000-000000000001"
}
resource "azurerm_resource_group" "rg" {
  name     = "prod"
  location = "westeurope"
}
resource "azurerm_storage_account" "sa" {
  name                     = "acme"
  resource_group_name      = azurerm_resource_group.rg.name
  location                 = azurerm_resource_group.rg.location
  account_tier             = "Standard"
  account_replication_type = "LRS"
  min_tls_version          = "TLS1_0"
}
resource "azurerm_user_assigned_identity" "app" {
  name                = "app"
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
}
resource "azurerm_role_definition" "own" {
  name  = "runner"
  scope = azurerm_resource_group.rg.id
  permissions {
    actions     = ["Microsoft.Web/sites/*"]
    not_actions = ["Microsoft.Web/sites/delete"]
  }
}
resource "azurerm_role_assignment" "contributor" {
  scope                = azurerm_storage_account.sa.id
  role_definition_name = "Contributor"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
}
resource "azurerm_role_assignment" "runner" {
  scope              = azurerm_resource_group.rg.id
  role_definition_id = azurerm_role_definition.own.role_definition_resource_id
  principal_id       = "AAAAAAAA-0000-0000-0000-000000000009"
}
resource "azurerm_role_assignment" "elsewhere" {
  scope                = data.azurerm_subscription.other.id
  role_definition_name = "Owner"
  principal_id         = "aaaaaaaa-0000-0000-0000-000000000009"
}
resource "azurerm_linux_virtual_machine" "vm" {
  name                            = "vm"
  resource_group_name             = azurerm_resource_group.rg.name
  size                            = "Standard_B1s"
  disable_password_authentication = false
  network_interface_ids           = []
  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.app.id]
  }
}
resource "azurerm_network_security_group" "nsg" {
  name                = "nsg"
  resource_group_name = azurerm_resource_group.rg.name
  security_rule {
    name                       = "ssh"
    priority                   = 100
    direction                  = "Inbound"
    access                     = "Allow"
    protocol                   = "Tcp"
    source_port_range          = "*"
    destination_port_range     = "20-30"
    source_address_prefix      = "*"
    destination_address_prefix = "*"
  }
}
resource "azurerm_network_security_rule" "web" {
  name                        = "web"
  resource_group_name         = "prod"
  network_security_group_name = "nsg"
  priority                    = 110
  direction                   = "Outbound"
  access                      = "Deny"
  protocol                    = "*"
  destination_port_ranges     = ["80", "443"]
  source_address_prefix       = "*"
  destination_address_prefix  = "Internet"
}
resource "azurerm_key_vault" "kv" {
  name                = "kv"
  resource_group_name = azurerm_resource_group.rg.name
  sku_name            = "standard"
  access_policy {
    object_id          = "aaaaaaaa-0000-0000-0000-000000000001"
    secret_permissions = ["Get"]
  }
}
resource "azurerm_key_vault_access_policy" "more" {
  key_vault_id    = azurerm_key_vault.kv.id
  object_id       = "aaaaaaaa-0000-0000-0000-000000000002"
  key_permissions = ["All"]
}
"""

GOOGLE = """
provider "google" {
  project = "shop"
}
resource "google_service_account" "app" {
  account_id = "app"
}
resource "google_project_iam_custom_role" "own" {
  role_id     = "starter"
  title       = "Starter"
  permissions = ["compute.instances.start"]
}
resource "google_project_iam_member" "editor" {
  project = "shop"
  role    = "roles/editor"
  member  = "serviceAccount:${google_service_account.app.email}"
}
resource "google_project_iam_binding" "starter" {
  project = "shop"
  role    = google_project_iam_custom_role.own.id
  members = ["user:ann@example.com"]
  condition {
    title      = "till"
    expression = "request.time < timestamp('2027-01-01T00:00:00Z')"
  }
}
resource "google_service_account_iam_member" "act" {
  service_account_id = google_service_account.app.name
  role               = "roles/iam.serviceAccountUser"
  member             = "user:ann@example.com"
}
resource "google_compute_instance" "web" {
  name         = "web"
  zone         = "us-central1-a"
  machine_type = "e2-small"
  network_interface {
    network = "default"
  }
  service_account {
    email  = google_service_account.app.email
    scopes = ["cloud-platform"]
  }
}
resource "google_storage_bucket" "pub" {
  name     = "pub"
  location = "EU"
}
resource "google_storage_bucket_iam_member" "pub" {
  bucket = google_storage_bucket.pub.name
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}
resource "google_compute_firewall" "ssh" {
  name          = "ssh"
  network       = "default"
  source_ranges = ["0.0.0.0/0"]
  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
}
"""


def facts(tmp_path: Path, text: str) -> Facts:
    (tmp_path / "main.tf").write_text(text)
    return read_terraform(tmp_path)


def test_rights_of_azure_are_read_and_one_that_hangs_on_something_unknown_is_told(tmp_path: Path) -> None:
    read = facts(tmp_path, AZURE)
    assert [(one.policy.rpartition("/")[2][:8], one.target, one.kind, one.scope) for one in read.attachments if one.kind == "identity"] == [
        ("b24988ac", IDENTITY, "identity", f"{GROUP}/providers/microsoft.storage/storageaccounts/acme"),
        (read.statements[0].policy.rpartition("/")[2][:8], "aaaaaaaa-0000-0000-0000-000000000009", "identity", GROUP),
    ]
    assert [(one.actions, one.not_actions) for one in read.statements if one.sid == "actions"] == [
        (("Microsoft.Web/sites/*",), ("Microsoft.Web/sites/delete",)),
    ]
    assert [gap.detail.partition(" hangs on")[0] for gap in read.gaps if gap.reason == "unresolved"] == [
        "azurerm_role_assignment.elsewhere"
    ]
    decide = AzureAuthorizer(read).decide
    storage = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/acme"
    assert decide(Uid(IDENTITY), "Microsoft.Storage/storageAccounts/listKeys/action", storage).answer is Answer.ALLOWED
    runner = Uid("aaaaaaaa-0000-0000-0000-000000000009")
    assert decide(runner, "Microsoft.Web/sites/write", f"{GROUP}/providers/Microsoft.Web/sites/x").answer is Answer.ALLOWED


def test_vaults_groups_and_identities_of_azure_are_joined_to_what_they_are_for(tmp_path: Path) -> None:
    read = facts(tmp_path, AZURE)
    vault = f"{GROUP}/providers/microsoft.keyvault/vaults/kv"
    assert [(one.actions[0], one.principals[0][1][-1]) for one in read.statements if one.policy == f"{vault}#policy"] == [
        ("Microsoft.KeyVault/vaults/secrets/getSecret/action", "1"),
        ("Microsoft.KeyVault/vaults/keys/*", "2"),
    ]
    group = f"{GROUP}/providers/microsoft.network/networksecuritygroups/nsg"
    assert [(one.resource, one.direction, one.peer, one.first_port, one.last_port, one.action) for one in read.network_rules] == [
        (group, "ingress", "*", 20, 30, "allow"),
        (group, "egress", "Internet", 80, 80, "deny"),
        (group, "egress", "Internet", 443, 443, "deny"),
    ]
    machine = f"{GROUP}/providers/microsoft.compute/virtualmachines/vm"
    assert [(edge.src, edge.dst) for edge in read.edges if edge.kind == "runs-as"] == [(machine, IDENTITY)]
    held = {one.name: one for one in read.resources}
    assert held["acme"].region == "westeurope"
    assert {name: held["acme"].properties[name] for name in ("sku", "minimum_tls", "https_only")} == {
        "sku": "Standard_LRS",
        "minimum_tls": "TLS1_0",
        "https_only": True,
    }
    assert held["vm"].properties["password_authentication"] is True


def test_rights_of_google_cloud_are_read(tmp_path: Path) -> None:
    read = facts(tmp_path, GOOGLE)
    assert [(one.policy, one.target, one.scope, len(one.conditions)) for one in read.attachments] == [
        ("roles/editor", ACCOUNT, PROJECT, 0),
        ("projects/shop/roles/starter", "user:ann@example.com", PROJECT, 1),
        ("roles/iam.serviceAccountUser", "user:ann@example.com", ACCOUNT, 0),
        ("roles/storage.objectViewer", "allUsers", "//storage.googleapis.com/pub", 0),
    ]
    decide = GcpAuthorizer(read).decide
    assert decide(Uid(ACCOUNT), "compute.instances.create", PROJECT).answer is Answer.ALLOWED
    assert decide(Uid("user:ann@example.com"), "compute.instances.start", PROJECT).depends == ("request.time",)
    assert decide(Uid("allUsers"), "storage.objects.get", "//storage.googleapis.com/pub/objects/x").answer is Answer.ALLOWED


def test_what_is_in_a_project_is_joined_to_it_and_to_whom_it_acts_as(tmp_path: Path) -> None:
    read = facts(tmp_path, GOOGLE)
    machine = "//compute.googleapis.com/projects/shop/zones/us-central1-a/instances/web"
    assert [(edge.src, edge.dst) for edge in read.edges if edge.kind == "runs-as"] == [(machine, ACCOUNT)]
    assert (PROJECT, "//storage.googleapis.com/pub") in {(edge.src, edge.dst) for edge in read.edges if edge.kind == "contains"}
    held = {one.uid: one for one in read.resources}
    assert held[Uid("//storage.googleapis.com/pub")].properties["policy.public"] == ["roles/storage.objectViewer"]
    assert held[Uid(machine)].properties["full_scope"] is True
    assert [(one.peer, one.first_port, one.action) for one in read.network_rules] == [("0.0.0.0/0", 22, "allow")]
