"""Work out what several records together tell of a resource: who everyone is let in, keys, what is logged, constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Uid
from bartizan.collect.inventory.credentials import MARK, looks_like
from bartizan.collect.inventory.exports.gcp.access import EVERYONE
from bartizan.collect.inventory.exports.gcp.assets import NODES, account_uid, items, mapping, text
from bartizan.collect.inventory.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bartizan.collect.inventory.contract import Value
    from bartizan.collect.inventory.exports.drafts import Draft, Drafts
    from bartizan.collect.inventory.exports.gcp.missing import Missing

__all__ = ["derived", "environment_secrets"]

_NO_POLICY: Final = "no IAM policy was read"
_NO_LIST: Final = "the list of accesses of the bucket was not read"
_NO_KEYS: Final = "no keys of service accounts were read"
_KEY: Final = "iam.googleapis.com/serviceaccountkey"
_BASIC: Final = ("roles/owner", "roles/editor")
_WRITES: Final = frozenset({"DATA_WRITE"})
_READS: Final = frozenset({"DATA_READ"})


def derived(drafts: Drafts, policies: Mapping[Uid, list[Value]], missing: Missing, project: Callable[[str], str]) -> None:
    """Set the properties that are told by policies, keys and names; ``project`` gives the id of a project."""
    for draft in drafts.held.values():
        told = kind("gcp", draft.kind)
        if told is None or "*" in draft.unknown:
            continue
        mine = policies.get(draft.uid, [])
        if "policy.public" in told.properties:
            why = "" if mine else missing.policy(draft.uid, draft.kind, project(draft.account))
            _public(draft, mine, why or ("" if policies else _NO_POLICY))
        if "audit.read" in told.properties:
            _audit(draft, mine)
        if draft.kind == "project":
            _basic(draft, mine)
        elif draft.kind == "storage_bucket":
            _listed(draft)
        elif draft.kind == "org_policy":
            node, _, name = draft.uid.removeprefix("//orgpolicy.googleapis.com/").partition("/policies/")
            draft.properties |= {"constraint": name, "node": f"{NODES}{node}"}
    _accounts(drafts, policies, missing, project)


def environment_secrets(value: Mapping[str, Value]) -> list[Value] | None:
    """Return the names of variables whose values look like credentials, None where a record shows no variables; values are not kept."""
    found = _search(value, ("serviceConfig", "environmentVariables")) or _search(value, ("environmentVariables",))
    if isinstance(found, dict):
        return [name for name, told in found.items() if _secret(text(told), name)]
    containers = items(_search(value, ("spec", "template", "spec", "containers"))) or items(_search(value, ("template", "containers")))
    pairs = [mapping(one) for container in containers for one in items(mapping(container).get("env"))]
    names: list[Value] = [text(one.get("name")) for one in pairs if _secret(text(one.get("value")), text(one.get("name")))]
    return names if containers or "serviceConfig" in value or "httpsTrigger" in value else None


def _secret(value: str, name: str) -> bool:
    """Say whether a value looks like a credential, or did before it was taken out."""
    return bool(value.removeprefix(MARK).strip() if value.startswith(MARK) else looks_like(value, name=name))


def _search(value: Mapping[str, Value], names: tuple[str, ...]) -> Value:
    here: Value = dict(value)
    for name in names:
        here = mapping(here).get(name)
    return here


def _bindings(policies: list[Value]) -> list[tuple[str, str]]:
    found = [mapping(binding) for policy in policies for binding in items(mapping(policy).get("bindings"))]
    return [(text(one.get("role")), text(member)) for one in found for member in items(one.get("members"))]


def _public(draft: Draft, policies: list[Value], unread: str) -> None:
    """Say which roles everyone has, or why that is not known. A resource without a policy has none, if policies were read at all."""
    if policies or not unread:
        draft.properties["policy.public"] = list(dict.fromkeys(role for role, member in _bindings(policies) if member in EVERYONE))
    else:
        draft.unknown["policy.public"] = unread


def _audit(draft: Draft, policies: list[Value]) -> None:
    if not policies:
        draft.unknown |= dict.fromkeys(("audit.read", "audit.write", "audit.exempted"), _NO_POLICY)
        return
    every = [mapping(one) for policy in policies for one in items(mapping(policy).get("auditConfigs"))]
    logs = [mapping(log) for one in every if text(one.get("service")) == "allServices" for log in items(one.get("auditLogConfigs"))]
    types = {text(one.get("logType")) for one in logs}
    draft.properties["audit.read"] = types >= _READS
    draft.properties["audit.write"] = types >= _WRITES
    exempted: list[Value] = [text(member) for log in logs for member in items(log.get("exemptedMembers"))]
    draft.properties["audit.exempted"] = exempted


def _listed(draft: Draft) -> None:
    """Say whom the list of accesses of a bucket without one names: nobody with uniform access, else that is not known.

    The inventory shows every list as empty; one that has an effect names the owners at least.
    """
    if "acl.public" not in draft.properties:
        if draft.properties.get("uniform_access") is True:
            draft.properties["acl.public"] = False
        else:
            draft.unknown.setdefault("acl.public", _NO_LIST)


def _basic(draft: Draft, policies: list[Value]) -> None:
    if policies:
        draft.properties["basic_roles"] = [f"{role} {member}" for role, member in _bindings(policies) if role in _BASIC]
    else:
        draft.unknown["basic_roles"] = _NO_POLICY


def _accounts(drafts: Drafts, policies: Mapping[Uid, list[Value]], missing: Missing, project: Callable[[str], str]) -> None:
    """Count the keys of each service account, and say which basic roles it has on its project."""
    keys: dict[Uid, list[Draft]] = {}
    for draft in drafts.held.values():
        if draft.kind == "service_account_key":
            email = draft.uid.partition("/serviceAccounts/")[2].partition("/")[0]
            draft.properties["account"] = email
            keys.setdefault(account_uid(email), []).append(draft)
    for draft in drafts.held.values():
        if draft.kind == "service_account":
            account = project(draft.account)
            why = missing.listed("service_account_key", account)
            read = bool(keys) or missing.whole(account, _KEY)
            _keys(draft, keys.get(draft.uid, []), why or ("" if read else _NO_KEYS))
            _on_project(draft, policies.get(Uid(f"{NODES}projects/{draft.account}")))


def _keys(draft: Draft, keys: list[Draft], unread: str) -> None:
    mine = [one for one in keys if one.properties.get("managed") == "USER_MANAGED"]
    if unread:
        draft.unknown |= dict.fromkeys(("keys", "oldest_key"), unread)
        return
    draft.properties["keys"] = len(mine)
    ages = sorted(text(one.properties.get("created")) for one in mine if one.properties.get("created"))
    if ages:
        draft.properties["oldest_key"] = ages[0]


def _on_project(draft: Draft, project: list[Value] | None) -> None:
    if project is None:
        draft.unknown["project_roles"] = _NO_POLICY
        return
    member = f"serviceAccount:{text(draft.properties.get('email'))}"
    draft.properties["project_roles"] = [role for role, who in _bindings(project) if who == member and role in (*_BASIC, "roles/viewer")]
