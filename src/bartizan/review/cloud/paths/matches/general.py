"""Match kinds that hold for every provider: itself, principals, resources, workloads, edges, groups.

``self``: one binding; the rule is about who moves. Its templates have ``{self}``, ``{self_name}`` and ``{account}`` in every rule.
``principal``: every principal ``of`` some kinds: ``{target}``, ``{target_name}``.
``resource``: every resource ``of`` some kinds ``where`` properties are so: ``{resource}``, ``{name}``, ``{region}``, and ``{role}`` where
it acts as somebody (once for each), and every property that is a text, by its name with ``_`` for dots (``{cluster}``).
``workload``: every resource (``of`` some kinds, or all) that acts as a principal; it moves from the resource to ``{role}``.
``edge``: every edge of a ``kind``; it moves from ``{src}`` to ``{dst}``, or back with ``reverse: true``.
``own-group``: every group of who moves: ``{group}``, ``{group_name}``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bartizan.review.cloud.paths.contract import Binding
from bartizan.review.cloud.paths.world import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Resource, Uid
    from bartizan.review.cloud.paths.contract import Match, PathRule
    from bartizan.review.cloud.paths.world import World

__all__ = ["MATCHES", "chosen", "listed", "values_of"]


_RESERVED: Final = re.compile(r":role/aws-(service-role|reserved)/")
"""Roles of AWS that a service made: nobody else changes or passes them."""


def listed(value: object) -> tuple[str, ...]:
    """Return what an option says as a tuple: one text, a list of them, or nothing."""
    if value is None:
        return ()
    return tuple(str(one) for one in value) if isinstance(value, (list, tuple)) else (str(value),)


def chosen(world: World, options: Mapping[str, Any]) -> Iterator[tuple[Resource, tuple[str, ...]]]:
    """Give the resources that ``of`` and ``where`` choose, each with the properties that it hangs on because nobody could read them.

    A property's value is compared as it is; a list means any of these; ``true``/``false`` compare truth; ``present`` and ``absent``
    ask whether it has a value at all.
    """
    kinds = listed(options.get("of")) or tuple(world.by_kind)
    where: Mapping[str, Any] = options.get("where", {})
    for kind in kinds:
        for resource in world.by_kind.get(kind, ()):
            hangs = [name for name in where if resource.properties.get(name) is None and unreadable(resource, name)]
            if all(name in hangs or _is(resource.properties.get(name), wanted) for name, wanted in where.items()):
                yield resource, tuple(f"unread:{name}" for name in hangs)


def _is(value: object, wanted: object) -> bool:
    if isinstance(wanted, list):
        return any(_is(value, one) for one in wanted)
    if wanted in ("present", "absent"):
        return (value not in (None, "", [])) is (wanted == "present")
    if isinstance(wanted, bool):
        return bool(value) is wanted
    return value == wanted


def values_of(resource: Resource) -> dict[str, str]:
    """Return what a resource gives to templates."""
    texts = {name.replace(".", "_"): value for name, value in resource.properties.items() if isinstance(value, str) and value}
    texts.pop("role", None)
    values = {**texts, "resource": str(resource.uid), "name": resource.name, "account": resource.account}
    return {**values, "region": resource.region} if resource.region else values


def _self(_: World, __: PathRule) -> Iterator[Binding]:
    yield Binding(values={})


def _principal(world: World, rule: PathRule) -> Iterator[Binding]:
    kinds = listed(rule.options.get("of"))
    for one in world.principals.values():
        if (not kinds or one.kind in kinds) and not _RESERVED.search(one.uid):
            yield Binding(values={"target": one.uid, "target_name": one.name}, account=one.account)


def _resource(world: World, rule: PathRule) -> Iterator[Binding]:
    for one, hangs in chosen(world, rule.options):
        values = values_of(one)
        roles: Sequence[Uid | None] = world.runs_as(one.uid) or (None,)
        for role in roles:
            yield Binding(values=values if role is None else {**values, "role": role}, account=one.account, depends=hangs)


def _workload(world: World, rule: PathRule) -> Iterator[Binding]:
    for one, hangs in chosen(world, rule.options):
        for role in world.runs_as(one.uid):
            yield Binding(src=one.uid, values={**values_of(one), "role": role}, account=one.account, depends=hangs)


def _edge(world: World, rule: PathRule) -> Iterator[Binding]:
    for src, targets in world.edges[rule.options["kind_of_edge"]].items():
        for dst in targets:
            first, last = (dst, src) if rule.options.get("reverse") else (src, dst)
            yield Binding(src=first, values={"src": first, "dst": last})


def _own_group(world: World, _: PathRule) -> Iterator[Binding]:
    members: dict[Uid, list[str]] = {}
    for member, groups in world.edges["member-of"].items():
        for group in groups:
            members.setdefault(group, []).append(member)
    for group, who in members.items():
        told = world.principals.get(group)
        if told is not None:
            yield Binding(values={"group": group, "group_name": told.name}, account=told.account, only=frozenset(who))


MATCHES: Final[Mapping[str, Match]] = {
    "self": _self,
    "principal": _principal,
    "resource": _resource,
    "workload": _workload,
    "edge": _edge,
    "own-group": _own_group,
}
