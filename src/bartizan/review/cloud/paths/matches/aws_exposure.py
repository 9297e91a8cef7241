"""Match kinds of AWS for what the internet reaches: it moves from ``internet`` to ``{resource}``.

``open``: resources ``of`` a kind ``where`` properties are so; ``to`` names the property that says what is behind (an ARN, or a text that
holds one), itself where it is absent; ``public_api`` names the property with the id of an API, which must not be private; from it too.
``open-network``: resources ``of`` some kinds with a public ``address`` (a property that is true or has a value), behind a security group
that lets everybody in, in a subnet that is not known to lead nowhere.
``open-balancer``: what an internet-facing load balancer hands requests to; from the load balancer too.
``open-policy``: resources ``of`` a kind whose own policy allows an ``action`` to everybody.
``key``: edges holds-key-of, from what holds the key and from its secrets (``KIND#secrets``), to whose it is (``{dst}``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Uid
from bartizan.review.cloud.paths.contract import INTERNET, Binding
from bartizan.review.cloud.paths.matches.aws import matches_pattern
from bartizan.review.cloud.paths.matches.general import chosen, listed
from bartizan.review.cloud.paths.world import unreadable
from bartizan.review.cloud.permission.contract import Answer, Decision, Why

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.contract import NetworkRule, Resource, Statement
    from bartizan.review.cloud.paths.contract import Match, PathRule
    from bartizan.review.cloud.paths.world import World

__all__ = ["MATCHES"]

_EVERYWHERE: Final = frozenset({"0.0.0.0/0", "::/0", "*"})
_LISTENING: Final = 2
"""Hops from a load balancer over its listener to a target group."""
_ARN: Final = re.compile(r"arn:[a-z-]+:[a-z-]+:[^:/\s]*:\d{12}:function:[\w-]+")


def _open(world: World, rule: PathRule) -> Iterator[Binding]:
    for one, hangs in chosen(world, rule.options):
        apis = _apis(world, one, rule.options["public_api"]) if "public_api" in rule.options else []
        if any(api.properties.get("endpoint_types") == ["PRIVATE"] for api in apis):
            continue
        behind = one.uid if "to" not in rule.options else _behind(world, one.properties.get(rule.options["to"]))
        if behind is not None:
            for src in (INTERNET, *(api.uid for api in apis)):
                yield replace(_reached(world, behind, one.account, hangs), src=src)


def _behind(world: World, value: object) -> Uid | None:
    if not isinstance(value, str):
        return None
    for text in (value, *_ARN.findall(value)):
        if Uid(text) in world.resources or Uid(text) in world.principals:
            return Uid(text)
    return None


def _apis(world: World, resource: Resource, name: str) -> list[Resource]:
    for kind in ("api_gateway_rest_api", "apigatewayv2_api"):
        found = world.by_name.get((kind, str(resource.properties.get(name))), ())
        if found:
            return list(found[:1])
    return []


def _reached(world: World, behind: Uid, account: str, hangs: tuple[str, ...], decisions: tuple[Decision, ...] = ()) -> Binding:
    told = world.resources.get(behind)
    values = {"resource": str(behind), "name": told.name if told is not None else ""}
    return Binding(src=INTERNET, values=values, account=account, depends=hangs, decisions=decisions)


def _open_network(world: World, rule: PathRule) -> Iterator[Binding]:
    for one, _ in chosen(world, {"of": rule.options["of"]}):
        hangs = _addressed(world, one, listed(rule.options["address"]))
        if hangs is not None and _lets_in(world, one):
            yield _reached(world, one.uid, one.account, hangs)


def _addressed(world: World, resource: Resource, names: tuple[str, ...]) -> tuple[str, ...] | None:
    """Say on what it hangs that a resource has a public address; None where it has none."""
    if any(_subnet_is(world, resource, "public", value=False)):
        return None
    if any(resource.properties.get(name) for name in names):
        return ()
    unread = tuple(f"unread:{name}" for name in names if resource.properties.get(name) is None and unreadable(resource, name))
    if unread and any(_subnet_is(world, resource, "public_ip_on_launch", value=True)):
        return ()
    return unread or None


def _subnet_is(world: World, resource: Resource, name: str, *, value: bool) -> Iterator[bool]:
    for subnet in (*listed(resource.properties.get("subnet")), *listed(resource.properties.get("subnets"))):
        for one in world.by_name.get(("subnet", subnet), ()):
            yield one.properties.get(name) is value


def _groups(world: World, resource: Resource) -> list[Uid]:
    named = listed(resource.properties.get("security_groups"))
    found = [
        *world.edges["protected-by"].get(resource.uid, ()),
        *(one.uid for name in named for one in world.by_name.get(("security_group", name), ())),
    ]
    return list(dict.fromkeys(found))


def _lets_in(world: World, resource: Resource) -> bool:
    return any(_everybody(rule) for group in _groups(world, resource) for rule in world.network.get(group, ()))


def _everybody(rule: NetworkRule) -> bool:
    return (
        rule.direction == "ingress"
        and rule.action == "allow"
        and rule.peer in _EVERYWHERE
        and rule.protocol not in ("icmp", "1", "icmpv6", "58")
    )


def _open_balancer(world: World, _: PathRule) -> Iterator[Binding]:
    for balancer in (*world.by_kind.get("lb", ()), *world.by_kind.get("elb", ())):
        if balancer.properties.get("scheme") != "internet-facing" or (_groups(world, balancer) and not _lets_in(world, balancer)):
            continue
        for name in dict.fromkeys((*listed(balancer.properties.get("instances")), *_balanced(world, balancer))):
            for kind in ("instance", "lambda_function", "ecs_service"):
                for one in world.by_name.get((kind, name), ()):
                    for src in (INTERNET, balancer.uid):
                        yield replace(_reached(world, one.uid, one.account, ()), src=src)


def _balanced(world: World, balancer: Resource) -> Iterator[str]:
    """Give what a load balancer hands requests to: by what its target groups say, or over its listeners."""
    onward = {balancer.uid}
    for _ in range(_LISTENING):
        onward |= {dst for src in onward for dst in world.edges["routes-to"].get(src, ())}
    for group in world.by_kind.get("lb_target_group", ()):
        if group.uid in onward or balancer.uid in listed(group.properties.get("load_balancers")):
            yield from listed(group.properties.get("targets"))
            for service in world.by_kind.get("ecs_service", ()):
                if group.uid in listed(service.properties.get("load_balancers")):
                    yield service.uid


def _open_policy(world: World, rule: PathRule) -> Iterator[Binding]:
    for one, hangs in chosen(world, rule.options):
        for attachment in world.attached.get(one.uid, ()):
            if attachment.kind == "resource":
                for statement in world.statements.get(attachment.policy, ()):
                    if _to_everybody(statement, rule.options["action"]):
                        why = Why("resource", f"The policy of {one.uid} allows it to everybody.", statement)
                        yield _reached(world, one.uid, one.account, hangs, (Decision(Answer.ALLOWED, (why,)),))
                        break


def _to_everybody(statement: Statement, action: str) -> bool:
    everybody = any(value == "*" for kind, value in statement.principals if kind in ("*", "AWS"))
    allowed = any(matches_pattern(pattern, action) for pattern in statement.actions)
    return statement.effect == "Allow" and everybody and allowed and not statement.conditions


def _key(world: World, _: PathRule) -> Iterator[Binding]:
    for src, targets in world.edges["holds-key-of"].items():
        for dst in targets:
            for holder in (src, Uid(f"{src}#secrets")):
                yield Binding(src=holder, values={"dst": str(dst)})


MATCHES: Final[Mapping[str, Match]] = {
    "open": _open,
    "open-network": _open_network,
    "open-balancer": _open_balancer,
    "open-policy": _open_policy,
    "key": _key,
}
