"""What the review said wrongly, or could not say, of real folders: each of these gave another answer once."""

from __future__ import annotations

from typing import Any

import pytest

from bartizan.collect.inventory.contract import Facts, Origin
from bartizan.collect.inventory.declared.contract import Account, Declared
from bartizan.collect.inventory.declared.facts import facts_of
from bartizan.collect.inventory.declared.values import Unknown

WHERE = Account("111122223333", "eu-west-1")
GROUP = {"name": "n", "resource_group_name": "g"}
LATER = Unknown("not yet")


def told(*declared: tuple[str, dict[str, Any]]) -> Facts:
    rows = [
        Declared(type=kind, address=f"{kind}.n{at}", values=values, where=WHERE, origin=Origin("terraform", "main.tf", f"line {at}"))
        for at, (kind, values) in enumerate(declared)
    ]
    return facts_of(rows, "terraform")


@pytest.mark.parametrize(
    ("kind", "values", "wanted"),
    [
        ("google_container_cluster", {"name": "n", "logging_service": "none"}, {"logging": []}),
        ("google_container_cluster", {"name": "n"}, {"logging": ["SYSTEM_COMPONENTS", "WORKLOADS"], "basic_authentication": False}),
        (
            "google_container_cluster",
            {"name": "n", "monitoring_service": "none", "master_auth": [{"username": "a", "password": "b"}]},
            {"monitoring": [], "basic_authentication": True},
        ),
        ("azurerm_kubernetes_cluster", {**GROUP, "role_based_access_control": [{"enabled": False}]}, {"rbac": False}),
        ("azurerm_kubernetes_cluster", GROUP, {"rbac": True, "entra": False}),
        ("aws_sqs_queue", {"name": "q"}, {"encryption.sqs_managed": True}),
        ("aws_rds_cluster", {"cluster_identifier": "c"}, {"encrypted": False}),
        ("aws_rds_cluster", {"cluster_identifier": "c", "engine_mode": "serverless"}, {"encrypted": True}),
        ("aws_elasticache_replication_group", {"replication_group_id": "r"}, {"encryption.at_rest": False, "encryption.in_transit": False}),
        ("aws_elasticache_replication_group", {"replication_group_id": "r", "engine": "valkey"}, {"encryption.at_rest": True}),
        ("aws_sqs_queue", {"name": "q", "kms_master_key_id": "k"}, {"encryption.sqs_managed": False, "encryption.key": "k"}),
        ("aws_sqs_queue", {"name": "q", "sqs_managed_sse_enabled": False}, {"encryption.sqs_managed": False}),
        (
            "google_compute_instance",
            {"name": "n", "network_interface": [{"access_config": [{}]}], "service_account": [{"scopes": ["cloud-platform"]}]},
            {"public_ips": ["(given when it starts)"], "default_service_account": True, "full_scope": True},
        ),
        ("google_compute_instance", {"name": "n", "network_interface": [{}]}, {"public_ips": [], "default_service_account": False}),
        ("google_compute_instance", {"name": "n", "shielded_instance_config": [{}]}, {"shielded.vtpm": True, "shielded.integrity": True}),
        ("azurerm_app_service", {**GROUP, "site_config": [{"min_tls_version": "1.1"}]}, {"https_only": False, "minimum_tls": "1.1"}),
        ("azurerm_function_app", GROUP, {"https_only": False, "minimum_tls": "1.2", "ftps_state": "AllAllowed"}),
        (
            "azurerm_virtual_machine",
            {**GROUP, "os_profile_linux_config": [{"disable_password_authentication": False}], "storage_os_disk": [{"vhd_uri": "x"}]},
            {"password_authentication": True, "managed_disk": False},
        ),
        ("azurerm_sql_server", GROUP, {"auditing": False, "public_network_access": "Enabled"}),
        ("azurerm_mysql_server", {**GROUP, "ssl_enforcement_enabled": False}, {"require_secure_transport": False}),
        ("azurerm_postgresql_server", GROUP, {"require_secure_transport": True, "backup.retention_days": 7}),
        ("azurerm_key_vault_key", {"name": "n", "key_vault_id": "/v", "expiration_date": "1970-01-02T00:00:00Z"}, {"expires": 86_400}),
        ("azurerm_security_center_subscription_pricing", {"tier": "Free"}, {"defender.free": ["VirtualMachines"], "defender.standard": []}),
    ],
)
def test_what_holds_where_it_is_said_or_not(kind: str, values: dict[str, Any], wanted: dict[str, Any]) -> None:
    (resource,) = told((kind, values)).resources
    assert {name: resource.properties.get(name) for name in wanted} == wanted


def test_which_protections_a_new_detector_has_is_unknown_until_something_says_it() -> None:
    made = ("aws_guardduty_detector", {"enable": True})
    detector = told(made).resources[0]
    assert detector.unknown["rds_protection"] == "it hangs on when GuardDuty was turned on"
    feature = {"detector_id": detector.uid.rpartition("/")[2], "name": "RDS_LOGIN_EVENTS", "status": "ENABLED"}
    said = told(made, ("aws_guardduty_detector_feature", feature)).resources[0]
    assert (said.properties["rds_protection"], "rds_protection" in said.unknown) == (True, False)


def test_whether_a_machine_is_shielded_hangs_on_its_image_where_nobody_says_it() -> None:
    (machine,) = told(("google_compute_instance", {"name": "n"})).resources
    assert {name: machine.unknown[name] for name in ("shielded.vtpm", "shielded.integrity")} == {
        "shielded.vtpm": "it hangs on the image",
        "shielded.integrity": "it hangs on the image",
    }


@pytest.mark.parametrize(
    ("server", "rule", "of"),
    [
        ("azurerm_mssql_server", "azurerm_mssql_firewall_rule", "server_id"),
        ("azurerm_sql_server", "azurerm_sql_firewall_rule", "server_name"),
        ("azurerm_mysql_flexible_server", "azurerm_mysql_flexible_server_firewall_rule", "server_name"),
        ("azurerm_mysql_server", "azurerm_mysql_firewall_rule", "server_name"),
        ("azurerm_postgresql_flexible_server", "azurerm_postgresql_flexible_server_firewall_rule", "server_id"),
        ("azurerm_postgresql_server", "azurerm_postgresql_firewall_rule", "server_name"),
    ],
)
def test_rules_of_a_firewall_open_a_database_of_every_kind(server: str, rule: str, of: str) -> None:
    (alone,) = told((server, GROUP)).resources
    ends = ("firewall.open_to_internet", "firewall.open_to_azure")

    def opened(first: Any, last: Any) -> list[Any]:  # noqa: ANN401 - a text or unknown
        name = alone.uid if of == "server_id" else "n"
        (found,) = told((server, GROUP), (rule, {"name": "r", of: name, "start_ip_address": first, "end_ip_address": last})).resources
        return [found.properties.get(each, "unknown" if each in found.unknown else None) for each in ends]

    assert [alone.properties[each] for each in ends] == [False, False]
    assert opened("0.0.0.0", "0.0.0.0") == [False, True]
    assert opened("0.0.0.0", "255.255.255.255") == [True, False]
    assert opened("10.0.0.0", "10.31.255.255") == [True, False]
    assert opened("10.0.0.0", "10.0.0.255") == [False, False]
    assert opened(LATER, "255.255.255.255") == ["unknown", "unknown"]


def test_a_security_group_is_logged_where_a_flow_log_names_it() -> None:
    (alone,) = told(("azurerm_network_security_group", GROUP)).resources
    log = {"name": "l", "network_security_group_id": alone.uid, "enabled": True, "retention_policy": [{"enabled": True, "days": 7}]}
    (logged,) = told(("azurerm_network_security_group", GROUP), ("azurerm_network_watcher_flow_log", log)).resources
    assert (alone.properties["flow_log"], logged.properties["flow_log"], logged.properties["flow_log.retention_days"]) == (False, True, 7)


def test_containers_of_two_accounts_are_two() -> None:
    accounts = [f"/subscriptions/s/resourcegroups/g/providers/microsoft.storage/storageaccounts/{name}" for name in "ab"]
    found = told(*(("azurerm_storage_container", {"name": "data", "storage_account_id": one}) for one in accounts)).resources
    assert [one.uid for one in found] == [f"{one}/blobservices/default/containers/data" for one in accounts]


def test_pools_beside_a_cluster_say_as_whom_its_nodes_act() -> None:
    cluster = ("google_container_cluster", {"name": "c", "remove_default_node_pool": True})
    scopes = ["https://www.googleapis.com/auth/cloud-platform"]

    def nodes(*pools: dict[str, Any]) -> list[Any]:
        made = [("google_container_node_pool", {"name": "p", "cluster": "c", "node_config": [pool]}) for pool in pools]
        (found,) = [one for one in told(cluster, *made).resources if one.kind == "container_cluster"]
        return [found.properties.get(name, found.unknown.get(name)) for name in ("nodes.default_service_account", "nodes.full_scope")]

    assert nodes() == [False, None]
    assert nodes({"service_account": "own@example.iam.gserviceaccount.com"}) == [False, None]
    assert nodes({"service_account": "own@example.iam.gserviceaccount.com"}, {"oauth_scopes": scopes}) == [True, True]
    assert nodes({"service_account": LATER}) == ["not yet", "not yet"]


def test_what_says_nothing_that_is_asked_is_not_told_as_unread() -> None:
    facts = told(("aws_key_pair", {"public_key": "x"}), ("aws_glacier_vault", {"name": "x"}))
    assert [gap.detail for gap in facts.gaps] == ["aws_glacier_vault: 1 declared, and no kind reads it"]


@pytest.mark.parametrize(("said", "wanted"), [("FALSE", False), ("TRUE", True), (None, None)])
def test_a_machine_may_say_no_to_os_login(said: str | None, wanted: object) -> None:
    (machine,) = told(("google_compute_instance", {"name": "n", "metadata": {"enable-oslogin": said}})).resources
    assert machine.properties.get("os_login") is wanted
