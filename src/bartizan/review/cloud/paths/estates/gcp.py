"""Write a tiny project by hand: who may do what where, what there is.

```yaml
estate:
  may: {user/dev: [compute.instances.create, "iam.serviceAccounts.actAs to account/app"]}     # to: the project if not said
  own: {user/dev: [iam.roles.get]}           # by a role of the customer's own, which is a resource too: project_iam_custom_role/dev
  accounts: [app]
  policies: {account/app: {roles/iam.workloadIdentityUser: ["principalSet://..."]}}      # who has which role at what
  assets: [{name: "//orgpolicy.googleapis.com/...", asset_type: ..., resource: {data: {...}}}]      # anything else, as the inventory has it
  resources: {compute_instance/web: {account: app, data: {...}, public: roles/run.invoker}}
```

Names: ``user/NAME``, ``team/NAME``, ``account/NAME`` (a whole address too), ``project``, ``folder``, ``organization``, ``KIND/NAME`` of a
resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Facts, Origin, Uid
from bartizan.collect.inventory.exports.gcp.access import member_uid
from bartizan.collect.inventory.exports.gcp.cloud_asset_inventory import GcpReading
from bartizan.collect.inventory.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ACCOUNT", "estate", "uid"]

ACCOUNT: Final = "lab"
_NODES: Final = "//cloudresourcemanager.googleapis.com/"
_ANCESTORS: Final = ["projects/123", "folders/77", "organizations/9"]
_ORIGIN: Final = Origin("recording", "case")
_PLACES: Final = {
    "project": f"{_NODES}projects/{ACCOUNT}",
    "folder": f"{_NODES}folders/77",
    "organization": f"{_NODES}organizations/9",
}
_NAMES: Final = {
    "compute_instance": "//compute.googleapis.com/projects/lab/zones/z/instances/{}",
    "compute_firewall": "//compute.googleapis.com/projects/lab/global/firewalls/{}",
    "cloudfunctions_function": "//cloudfunctions.googleapis.com/projects/lab/locations/z/functions/{}",
    "cloud_run_service": "//run.googleapis.com/projects/lab/locations/z/services/{}",
    "storage_bucket": "//storage.googleapis.com/{}",
    "secret_manager_secret": "//secretmanager.googleapis.com/projects/123/secrets/{}",
    "container_cluster": "//container.googleapis.com/projects/lab/locations/z/clusters/{}",
    "project_iam_custom_role": "//iam.googleapis.com/projects/lab/roles/{}",
    "bigquery_dataset": "//bigquery.googleapis.com/projects/lab/datasets/{}",
}


def uid(name: str) -> Uid:
    """Return the uid that a name means."""
    head, _, rest = name.partition("/")
    if name in _PLACES:
        return Uid(_PLACES[name])
    if head in ("user", "team"):
        return Uid(f"{'group' if head == 'team' else head}:{rest}@example.com")
    if head == "account":
        return member_uid(f"serviceAccount:{_address(rest)}")
    return Uid(_NAMES[head].format(rest)) if head in _NAMES else Uid(name)


def _address(name: str) -> str:
    return name if "@" in name else f"{name}@{ACCOUNT}.iam.gserviceaccount.com"


def _member(name: str) -> str:
    head, _, rest = name.partition("/")
    return f"serviceAccount:{_address(rest)}" if head == "account" else str(uid(name))


def estate(told: Mapping[str, Any]) -> Facts:
    """Read a project into facts; nothing of it is unread."""
    reading = GcpReading()
    for asset in _assets(told):
        reading.take(asset, _ORIGIN)
    facts = reading.facts()
    facts.gaps = []
    return facts


def _assets(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    data = {"projectId": ACCOUNT, "projectNumber": "123", "lifecycleState": "ACTIVE"}
    yield _asset(f"{_NODES}projects/123", "cloudresourcemanager.googleapis.com/Project", data)
    yield {**_asset(_PLACES["folder"], "cloudresourcemanager.googleapis.com/Folder", {}), "ancestors": _ANCESTORS[1:]}
    yield {**_asset(_PLACES["organization"], "cloudresourcemanager.googleapis.com/Organization", {}), "ancestors": _ANCESTORS[2:]}
    yield _policy(_PLACES["organization"], "roles/browser", "domain:nobody.example")
    for name in told.get("accounts", ()):
        account = {"email": _address(name), "uniqueId": f"9{len(name)}", "projectId": ACCOUNT}
        yield _asset(f"//iam.googleapis.com/projects/lab/serviceAccounts/{_address(name)}", "iam.googleapis.com/ServiceAccount", account)
    for who, rights in told.get("may", {}).items():
        for number, right in enumerate(rights):
            action, _, where = right.partition(" to ")
            yield from _given(who, f"organizations/9/roles/{who.replace('/', '_')}_{number}", [action], where or "project")
    for who, actions in told.get("own", {}).items():
        yield from _given(who, f"projects/lab/roles/{who.partition('/')[2]}", actions, "project")
    for place, bindings in told.get("policies", {}).items():
        for role, members in bindings.items():
            yield from (_policy(str(uid(place)), role, member) for member in members)
    for asset in told.get("assets", ()):
        yield {"ancestors": _ANCESTORS, **asset}
    for name, said in told.get("resources", {}).items():
        yield from _resource(name, said or {})


def _given(who: str, role: str, actions: list[str], where: str) -> Iterator[dict[str, Any]]:
    yield _asset(f"//iam.googleapis.com/{role}", "iam.googleapis.com/Role", {"name": role, "includedPermissions": actions, "title": role})
    place = f"{_NODES}projects/123" if where == "project" else str(uid(where))
    yield _policy(place, role, _member(who))


def _policy(name: str, role: str, member: str) -> dict[str, Any]:
    asset = _asset(name, "x.googleapis.com/X", None)
    return {**asset, "iam_policy": {"bindings": [{"role": role, "members": [member]}]}}


def _resource(name: str, said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    head, _, rest = name.partition("/")
    known = kind("gcp", head)
    type_ = next(entry["type"] for entry in known.sections["export"] if "of" not in entry) if known is not None else head
    data: dict[str, Any] = {"name": rest, **said.get("data", {})}
    if "account" in said:
        email = _address(said["account"])
        data |= {"serviceAccounts": [{"email": email}], "serviceAccountEmail": email, "template": {"serviceAccount": email}}
    yield _asset(str(uid(name)), type_, data)
    if "public" in said:
        yield _policy(str(uid(name)), said["public"], "allUsers")


def _asset(name: str, type_: str, data: dict[str, Any] | None) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name, "asset_type": type_, "ancestors": _ANCESTORS}
    return told if data is None else {**told, "resource": {"data": data}}
