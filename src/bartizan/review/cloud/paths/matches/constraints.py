"""Match kinds of Google Cloud that organization policies and settings of pools switch off.

``keyed``: every service account for which no policy on its project or above enforces one of some ``constraints``: ``{target}``; the policy
nearest to the project counts, and one that hangs on tags, or that was not read, leaves the way open on that.
``outside``: moves from ``internet`` to each account that everybody in a workload identity pool may act as, where a provider of the pool
takes the tokens of a service that anybody can have (``issuers``) and asks for nothing more: ``{target}``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.paths.contract import INTERNET, Binding
from bartizan.review.cloud.paths.matches.general import listed
from bartizan.review.cloud.paths.world import unreadable
from bartizan.review.cloud.permission.gcp.names import NODES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Resource
    from bartizan.review.cloud.paths.contract import Match, PathRule
    from bartizan.review.cloud.paths.world import World

__all__ = ["MATCHES"]

_ASSUMED: Final = ("roles/iam.workloadIdentityUser", "roles/iam.serviceAccountTokenCreator")
_POOL: Final = "principalSet://iam.googleapis.com/"


def _keyed(world: World, rule: PathRule) -> Iterator[Binding]:
    constraints = listed(rule.options["constraints"])
    for one in world.principals.values():
        if one.kind == "service_account":
            hangs = _open(world, one.account, constraints)
            if hangs is not None:
                values = {"target": one.uid, "target_name": one.name}
                yield Binding(values=values, account=one.account, depends=hangs)


def _open(world: World, project: str, constraints: Sequence[str]) -> tuple[str, ...] | None:
    """Return on what it hangs that none of some constraints is enforced for a project; None where one is."""
    hangs: list[str] = []
    for name in constraints:
        policy = next((one for node in _above(world, project) for one in _policies(world).get((node, name), ())), None)
        if policy is None:
            continue
        if policy.properties.get("conditional") or unreadable(policy, "enforced"):
            hangs.append(f"constraint:{name}")
        elif policy.properties.get("enforced"):
            return None
    return tuple(hangs)


def _policies(world: World) -> Mapping[tuple[str, str], Sequence[Resource]]:
    return world.once("constraints", _by_node)


def _by_node(world: World) -> Mapping[tuple[str, str], Sequence[Resource]]:
    numbers = {f"{NODES}projects/{one.properties.get('number')}": str(one.uid) for one in world.by_kind.get("project", ())}
    found: dict[tuple[str, str], list[Resource]] = {}
    for one in world.by_kind.get("org_policy", ()):
        node = str(one.properties.get("node"))
        found.setdefault((numbers.get(node, node), str(one.properties.get("constraint"))), []).append(one)
    return found


def _above(world: World, project: str) -> list[str]:
    """Return a project and the nodes above it, the nearest first."""
    parents = world.once("nodes-above", _parents)
    here, found = f"{NODES}projects/{project}", []
    while here and here not in found:
        found.append(here)
        here = parents.get(here, "")
    return found


def _parents(world: World) -> Mapping[str, str]:
    return {str(dst): str(src) for src, held in world.edges["contains"].items() for dst in held}


def _outside(world: World, rule: PathRule) -> Iterator[Binding]:
    issuers = listed(rule.options["issuers"])
    wide: dict[str, tuple[str, ...]] = {}
    for one in world.by_kind.get("iam_workload_identity_pool_provider", ()):
        pool = _pool(world, str(one.uid).partition("//iam.googleapis.com/")[2].partition("/providers/")[0])
        issuer = str(one.properties.get("issuer") or "").removeprefix("https://")
        hangs = ("unread:condition",) if unreadable(one, "condition") else ()
        if issuer.startswith(issuers) and not one.properties.get("condition") and not one.properties.get("disabled"):
            wide[pool] = hangs
    for account in (one for one in world.principals.values() if one.kind == "service_account"):
        for to in world.facts.attachments:
            pool = _pool(world, to.target.removeprefix(_POOL).removesuffix("/*"))
            whole = to.target.startswith(_POOL) and to.target.endswith("/*")
            if whole and to.scope == account.uid and to.policy in _ASSUMED and pool in wide and not to.conditions:
                values = {"target": account.uid, "target_name": account.name}
                yield Binding(src=INTERNET, values=values, account=account.account, depends=wide[pool])


def _pool(world: World, name: str) -> str:
    """Return the name of a pool with the id of its project, whichever way that is written."""
    start, _, rest = name.partition("/locations/")
    numbers = {f"projects/{one.properties.get('number')}": f"projects/{one.account}" for one in world.by_kind.get("project", ())}
    return f"{numbers.get(start, start)}/locations/{rest}"


MATCHES: Final[Mapping[str, Match]] = {"keyed": _keyed, "outside": _outside}
