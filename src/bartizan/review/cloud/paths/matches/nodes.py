"""Match kinds of Azure and Google Cloud, whose rights hold down a tree.

``contained``: moves from a resource that is a node of the tree (``of`` some kinds) to each thing that it contains.
``identity``: every user-assigned identity of Azure: ``{resource}``, ``{role}`` and ``{group}``, its resource group.
``own-role``: every role of the customer's own, with who has it at a subscription or project: ``{resource}``, ``{node}``.
``account``: every principal whose uid ends as ``ending`` says: ``{target}``, of the project that its address begins with.
``delegation``: every two service accounts: ``{via}``, ``{target}``, where a role lets the first ask for tokens.
``directory``: moves from each principal that ``holds`` one of some roles of Entra ID or permissions of applications, itself or by a group,
to each principal ``of`` some kinds (``{target}``), or to each subscription (``{account}``) where none are named.
``addressed``: moves from ``internet`` to resources ``of`` a kind with addresses on the internet that rules let everybody through to.
``let-in``: moves from ``internet`` to resources ``of`` some kinds on which everybody has one of some ``roles``, or any role at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory import roles
from bartizan.collect.inventory.contract import Uid
from bartizan.collect.inventory.exports.azure import network as azure
from bartizan.collect.inventory.exports.gcp import network as gcp
from bartizan.review.cloud.paths.contract import INTERNET, Binding
from bartizan.review.cloud.paths.matches.general import chosen, listed, values_of
from bartizan.review.cloud.paths.world import unreadable
from bartizan.review.cloud.permission.gcp.names import covered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.contract import NetworkRule, Resource
    from bartizan.review.cloud.paths.contract import Match, PathRule
    from bartizan.review.cloud.paths.world import World

__all__ = ["MATCHES"]

_ASKED: Final = "iam.serviceAccounts.getAccessToken"
_NODES: Final = ("/subscriptions/", "//cloudresourcemanager.googleapis.com/projects/")


def _contained(world: World, rule: PathRule) -> Iterator[Binding]:
    for node, _ in chosen(world, rule.options):
        for dst in world.edges["contains"].get(node.uid, ()):
            yield Binding(src=node.uid, values={"src": node.uid, "dst": dst}, account=node.account)


def _identity(world: World, _: PathRule) -> Iterator[Binding]:
    for one in world.by_kind.get("user_assigned_identity", ()):
        for role in world.runs_as(one.uid):
            group = one.uid.rpartition("/providers/")[0]
            yield Binding(values={**values_of(one), "role": role, "group": group}, account=one.account)


def _own_role(world: World, rule: PathRule) -> Iterator[Binding]:
    """Give roles of the customer's own where they are held at a node that is an account."""
    own = {_policy(one): one for one, _ in chosen(world, rule.options)}
    for policy, role in own.items():
        holders: dict[str, set[str]] = {}
        for to in world.attachments_of.get(policy, ()):
            if to.scope.startswith(_NODES) and to.scope.count("/") <= (2 if to.scope.startswith("/subscriptions/") else 4):
                members = {one for one, groups in world.edges["member-of"].items() if to.target in groups}
                holders.setdefault(to.scope, set()).update((to.target, *members))
        for node, who in holders.items():
            account = node.rpartition("/")[2]
            values = {"resource": str(role.uid), "name": role.name, "node": node, "account": account}
            yield Binding(values=values, account=account, only=frozenset(who))


def _policy(role: Resource) -> Uid:
    """Return the policy that a role's statements are of."""
    if role.provider == "azure":
        return Uid(f"/providers/microsoft.authorization/roledefinitions/{role.uid.rpartition('/')[2]}")
    return Uid(role.uid.partition("iam.googleapis.com/")[2] or role.uid)


def _account(world: World, rule: PathRule) -> Iterator[Binding]:
    for one in world.principals.values():
        if one.uid.endswith(rule.options["ending"]) and one.account:
            yield Binding(values={"target": one.uid, "target_name": one.name, "account": one.account}, account=one.account)


def _delegation(world: World, _: PathRule) -> Iterator[Binding]:
    """Give pairs of accounts; only those can be gone through that some role lets ask for tokens."""
    accounts = [one for one in world.principals.values() if one.kind == "service_account"]
    given = [one for one in accounts if any(_asks_for_tokens(world, to.policy) for to in world.attached.get(one.uid, ()))]
    for via in given:
        for target in accounts:
            if target.uid != via.uid:
                yield Binding(values={"via": via.uid, "target": target.uid, "target_name": target.name}, account=target.account)


def _asks_for_tokens(world: World, policy: Uid) -> bool:
    """Say whether a role allows asking for tokens of accounts; one that nobody read may."""
    said = world.statements.get(policy)
    known = roles.role("gcp", policy) if said is None else None
    if known is not None:
        return _ASKED in known.permissions
    return said is None or any(covered(pattern, _ASKED) for one in said for pattern in one.actions)


def _directory(world: World, rule: PathRule) -> Iterator[Binding]:
    held = world.edges["holds"]
    wanted, kinds = set(listed(rule.options["holds"])), listed(rule.options.get("of"))
    holders = {who for who, what in held.items() if not wanted.isdisjoint(what)}
    members = world.edges["member-of"]
    holders |= {who for who, groups in members.items() if not holders.isdisjoint(groups)}
    targets = [one for one in world.principals.values() if one.kind in kinds]
    for who in (one for one in world.principals if one in holders):
        for target in targets:
            if target.uid != who:
                yield Binding(src=who, values={"target": target.uid, "target_name": target.name}, account=target.account)
        for node in world.by_kind.get("subscription", ()) if not kinds else ():
            yield Binding(src=who, values={"account": node.account}, account=node.account)


def _addressed(world: World, rule: PathRule) -> Iterator[Binding]:
    for one, _ in chosen(world, {"of": rule.options["of"]}):
        addresses = one.properties.get("public_ips")
        hangs = ("unread:public_ips",) if unreadable(one, "public_ips") else ()
        if (addresses or hangs) and _through(world, one):
            yield Binding(src=INTERNET, values=values_of(one), account=one.account, depends=hangs)


def _through(world: World, machine: Resource) -> bool:
    """Say whether rules let everybody through: of Azure every group that protects a machine, of Google Cloud one rule."""
    groups = [world.network.get(Uid(group), ()) for group in world.edges["protected-by"].get(machine.uid, ())]
    if machine.provider == "azure":
        return all(_opens(azure.openings(rules)) for rules in groups) if groups else True
    return any(_opens(gcp.openings(rules)) for rules in groups)


def _opens(rules: list[NetworkRule]) -> bool:
    return any(rule.protocol in ("-1", "tcp", "udp") for rule in rules)


def _let_in(world: World, rule: PathRule) -> Iterator[Binding]:
    """Give resources on which everybody has one of some roles, or any where none are named."""
    wanted = listed(rule.options.get("roles"))
    for one, _ in chosen(world, {"of": rule.options["of"], "where": rule.options.get("where", {})}):
        public = one.properties.get("policy.public")
        named = [one_role for one_role in public if not wanted or one_role in wanted] if isinstance(public, list) else []
        if named:
            yield Binding(src=INTERNET, values=values_of(one), account=one.account)


MATCHES: Final[Mapping[str, Match]] = {
    "contained": _contained,
    "identity": _identity,
    "own-role": _own_role,
    "account": _account,
    "delegation": _delegation,
    "directory": _directory,
    "addressed": _addressed,
    "let-in": _let_in,
}
