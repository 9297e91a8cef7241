"""Read what Terraform declares of rights and traffic in Azure and Google Cloud, in the words of what these clouds export.

Assignments, roles, access policies, bindings and rules are brought into the form of exports and read by what reads those, so that a right
means the same whatever it was read from. What hangs on something unknown is a gap.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Edge, Facts, Gap, Uid
from bartizan.collect.inventory.declared.values import first_unknown
from bartizan.collect.inventory.exports.azure.access import ACCESS
from bartizan.collect.inventory.exports.azure.network import rule_of
from bartizan.collect.inventory.exports.azure.rows import Row
from bartizan.collect.inventory.exports.gcp.access import EVERYONE, bound, custom_role
from bartizan.collect.inventory.exports.gcp.assets import NODES, Asset, linked
from bartizan.collect.inventory.exports.gcp.network import rules_of
from bartizan.collect.inventory.kinds import kind
from bartizan.collect.inventory.roles import role_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bartizan.collect.inventory.contract import Resource
    from bartizan.collect.inventory.declared.contract import Declared

__all__ = ["READ", "cloud_facts", "published", "trees"]

_AUTHORIZATION: Final = "microsoft.authorization"
_NODE: Final = {"project": "projects", "folder": "folders", "organization": "organizations"}
_MEMBERS: Final = ("_iam_member", "_iam_binding", "_iam_policy")
_TARGETS: Final[Mapping[str, tuple[str, str]]] = {
    "google_project": ("project", f"{NODES}projects/{{}}"),
    "google_folder": ("folder", f"{NODES}folders/{{}}"),
    "google_organization": ("org_id", f"{NODES}organizations/{{}}"),
    "google_storage_bucket": ("bucket", "//storage.googleapis.com/{}"),
    "google_service_account": ("service_account_id", "//iam.googleapis.com/projects/-/serviceAccounts/{}"),
    "google_secret_manager_secret": ("secret_id", "//secretmanager.googleapis.com/projects/{project}/secrets/{}"),
    "google_kms_crypto_key": ("crypto_key_id", "//cloudkms.googleapis.com/{}"),
    "google_pubsub_topic": ("topic", "//pubsub.googleapis.com/projects/{project}/topics/{}"),
    "google_cloud_run_service": ("service", "//run.googleapis.com/projects/{project}/locations/{location}/services/{}"),
    "google_cloud_run_v2_service": ("name", "//run.googleapis.com/projects/{project}/locations/{location}/services/{}"),
    "google_cloudfunctions_function": (
        "cloud_function",
        "//cloudfunctions.googleapis.com/projects/{project}/locations/{region}/functions/{}",
    ),
    "google_cloudfunctions2_function": (
        "cloud_function",
        "//cloudfunctions.googleapis.com/projects/{project}/locations/{location}/functions/{}",
    ),
    "google_bigquery_dataset": ("dataset_id", "//bigquery.googleapis.com/projects/{project}/datasets/{}"),
    "google_artifact_registry_repository": (
        "repository",
        "//artifactregistry.googleapis.com/projects/{project}/locations/{location}/repositories/{}",
    ),
    "google_compute_instance": ("instance_name", "//compute.googleapis.com/projects/{project}/zones/{zone}/instances/{}"),
}
"""What a binding is on: the attribute that names it, and its full name."""


def cloud_facts(declared: Iterable[Declared], uid_of: Callable[[Declared], str]) -> Facts:
    """Return the rights and rules that are declared; ``uid_of`` gives the uid of what a declaration makes, or nothing."""
    facts = Facts()
    for one in declared:
        reader = READ.get(one.type)
        if reader is None:
            continue
        unknown = first_unknown(
            {name: value for name, value in one.values.items() if name not in ("description", "depends_on", "timeouts")}
        )
        if unknown is not None and one.type not in _PARTLY:
            place = f"{one.origin.path}:{one.origin.place}"
            provider = "azure" if one.type.startswith("azurerm") else "gcp"
            detail = f"{one.address} hangs on what is not known: {unknown.why}"
            facts.gaps.append(Gap(provider=provider, call=place, reason="unresolved", detail=detail, uid=Uid(one.address)))
        else:
            reader(one, uid_of(one), facts)
    return facts


def published(resource: Resource, facts: Facts) -> Resource:
    """Return a resource of Google Cloud with the roles that everyone has on it, as far as they are declared."""
    told = kind("gcp", resource.kind) if resource.provider == "gcp" else None
    if told is None or "policy.public" not in told.properties:
        return resource
    roles = [str(one.policy) for one in facts.attachments if one.scope == resource.uid and one.target in EVERYONE]
    unknown = {name: why for name, why in resource.unknown.items() if name != "policy.public"}
    return replace(resource, properties={**resource.properties, "policy.public": list(dict.fromkeys(roles))}, unknown=unknown)


def trees(resources: Iterable[Resource]) -> list[Edge]:
    """Return what says of which project of Google Cloud each resource is: names of buckets and accounts do not."""
    own = [one for one in resources if one.provider == "gcp" and one.account and not one.uid.startswith(NODES)]
    return [Edge(Uid(f"{NODES}projects/{one.account}"), one.uid, "contains", one.origin) for one in own]


def _assignment(one: Declared, _: str, facts: Facts) -> None:
    values = one.values
    role = values.get("role_definition_id")
    named = role_named("azure", str(values.get("role_definition_name") or ""))
    told = {
        "roleDefinitionId": role or (named.uid if named is not None else f"/providers/x/{values.get('role_definition_name')}"),
        "principalId": values.get("principal_id"),
        "principalType": values.get("principal_type"),
        "scope": values.get("scope"),
        "condition": values.get("condition"),
    }
    _access("roleassignments", one, told, facts)


def _definition(one: Declared, uid: str, facts: Facts) -> None:
    permissions = [
        {
            "actions": each.get("actions"),
            "notActions": each.get("not_actions"),
            "dataActions": each.get("data_actions"),
            "notDataActions": each.get("not_data_actions"),
        }
        for each in one.values.get("permissions") or ()
    ]
    _access("roledefinitions", one, {"permissions": permissions}, facts, uid)


def _access(kind_: str, one: Declared, told: dict[str, Any], facts: Facts, uid: str = "") -> None:
    row = Row(Uid(uid or one.address), f"{_AUTHORIZATION}/{kind_}", one.address, {"properties": told}, one.origin)
    ACCESS[row.type](row, facts)


def _vault(one: Declared, uid: str, facts: Facts) -> None:
    """Read the access policies of a vault, or one that is declared by itself."""
    own = one.type == "azurerm_key_vault"
    each = one.values.get("access_policy") or () if own else (one.values,)
    policies: list[Any] = [
        {
            "objectId": policy.get("object_id"),
            "permissions": {
                "keys": policy.get("key_permissions"),
                "secrets": policy.get("secret_permissions"),
                "certificates": policy.get("certificate_permissions"),
            },
        }
        for policy in each
    ]
    vault = uid if own else str(one.values.get("key_vault_id"))
    if policies:
        row = Row(Uid(vault), "microsoft.keyvault/vaults", vault, {"properties": {"accessPolicies": policies}}, one.origin)
        ACCESS[row.type](row, facts)


def _group(one: Declared, uid: str, facts: Facts) -> None:
    """Read the rules of a network security group, or one that is declared by itself."""
    own = one.type == "azurerm_network_security_group"
    group = uid or (
        f"/subscriptions/{one.where.account}/resourcegroups/{one.values.get('resource_group_name')}"
        f"/providers/microsoft.network/networksecuritygroups/{one.values.get('network_security_group_name')}"
    )
    for rule in (one.values.get("security_rule") or ()) if own else (one.values,):
        told = {_camel(name): value for name, value in rule.items()}
        row = Row(Uid(group), "", one.address, {"properties": told}, one.origin)
        facts.network_rules += rule_of(Uid(group), told, row)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _protected(one: Declared, _: str, facts: Facts) -> None:
    src, dst = one.values.get("subnet_id") or one.values.get("network_interface_id"), one.values.get("network_security_group_id")
    if isinstance(src, str) and isinstance(dst, str):
        facts.edges.append(Edge(Uid(src), Uid(dst), "protected-by", one.origin))


def _firewall(one: Declared, uid: str, facts: Facts) -> None:
    told: dict[str, Any] = {
        "direction": one.values.get("direction"),
        "disabled": one.values.get("disabled"),
        "priority": one.values.get("priority"),
        "sourceRanges": one.values.get("source_ranges"),
        "destinationRanges": one.values.get("destination_ranges"),
        "sourceTags": one.values.get("source_tags"),
        "allowed": [{"IPProtocol": each.get("protocol"), "ports": each.get("ports")} for each in one.values.get("allow") or ()],
        "denied": [{"IPProtocol": each.get("protocol"), "ports": each.get("ports")} for each in one.values.get("deny") or ()],
    }
    facts.network_rules += rules_of(Asset(Uid(linked(uid)), "", one.address, told, one.origin))


def _bound(one: Declared, _: str, facts: Facts) -> None:
    """Read a member or a binding of a resource; what it is on is named by an attribute of its own."""
    target = one.type
    for ending in _MEMBERS:
        target = target.removesuffix(ending)
    attribute, shape = _TARGETS[target]
    named = str(one.values.get(attribute) or (one.where.account if attribute == "project" else ""))
    if named.startswith("//"):
        node = named
    else:
        short = named.removeprefix("projects/-/serviceAccounts/") if target == "google_service_account" else named
        where = {"project": one.values.get("project") or one.where.account, "location": "-", "region": "-", "zone": "-", **one.values}
        last = short if target == "google_kms_crypto_key" else short.rpartition("/")[2]
        node = shape.format(last, **{name: where.get(name) for name in ("project", "location", "region", "zone")})
    members = one.values.get("members") or [one.values.get("member")]
    binding: dict[str, Any] = {"role": one.values.get("role"), "members": members}
    conditions = one.values.get("condition")
    if isinstance(conditions, list) and conditions:
        binding["condition"] = conditions[0]
    bound({"bindings": [binding]}, Uid(node), one.origin, facts)


def _custom(one: Declared, uid: str, facts: Facts) -> None:
    name = uid.partition("iam.googleapis.com/")[2]
    told: dict[str, Any] = {"name": name, "includedPermissions": one.values.get("permissions"), "stage": one.values.get("stage")}
    custom_role(Asset(Uid(uid), "", one.address, told, one.origin), facts)


_PARTLY: Final = frozenset({"azurerm_key_vault", "azurerm_network_security_group"})
"""What is read though something of it, which may have nothing to do with rights, is unknown."""
READ: Final[Mapping[str, Callable[[Declared, str, Facts], None]]] = {
    "azurerm_role_assignment": _assignment,
    "azurerm_role_definition": _definition,
    "azurerm_key_vault": _vault,
    "azurerm_key_vault_access_policy": _vault,
    "azurerm_network_security_group": _group,
    "azurerm_network_security_rule": _group,
    "azurerm_subnet_network_security_group_association": _protected,
    "azurerm_network_interface_security_group_association": _protected,
    "google_compute_firewall": _firewall,
    "google_project_iam_custom_role": _custom,
    **{f"{target}{ending}": _bound for target in _TARGETS for ending in _MEMBERS[:2]},
}
"""What reads each type."""
