"""Match kinds of AWS for data: what is locked by a key, and what feeds a function.

``data``: as ``resource``, with ``{lock}``: the customer's key of KMS that the property ``lock`` names, where it names one; who reads the
data has to be allowed to use it. Keys that AWS manages open for whoever may read. A key that is not among the facts makes the hop
conditional on ``unread:LOCK``.
``feeding``: event sources, with ``{source}`` and the function that reads it as ``{function}``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bartizan.review.cloud.paths.contract import Binding
from bartizan.review.cloud.paths.matches.general import chosen, values_of
from bartizan.review.cloud.paths.world import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.contract import Resource
    from bartizan.review.cloud.paths.contract import Match, PathRule
    from bartizan.review.cloud.paths.world import World

__all__ = ["MATCHES"]


def _data(world: World, rule: PathRule) -> Iterator[Binding]:
    name = str(rule.options["lock"])
    for one, hangs in chosen(world, rule.options):
        key, unread = _lock(world, one, name)
        values = {**values_of(one), "lock": key} if key else values_of(one)
        yield Binding(values=values, account=one.account, depends=(*hangs, *unread))


def _lock(world: World, resource: Resource, name: str) -> tuple[str, tuple[str, ...]]:
    """Return the key that locks a resource, "" where none of the customer's does, and what it hangs on that nobody could read."""
    told = resource.properties.get(name)
    if not isinstance(told, str) or not told:
        return "", (f"unread:{name}",) if told is None and unreadable(resource, name) and "*" not in resource.unknown else ()
    if "alias/aws/" in told:
        return "", ()
    found = world.by_name.get(("kms_key", told), ()) or _by_alias(world, told)
    if found:
        return ("", ()) if found[0].properties.get("manager") == "AWS" else (str(found[0].uid), ())
    return (told, ()) if told.startswith("arn:") and ":key/" in told else ("", (f"unread:{name}",))


def _by_alias(world: World, told: str) -> Sequence[Resource]:
    alias = told[told.index("alias/") :] if "alias/" in told else ""
    return [one for one in world.by_kind.get("kms_key", ()) if alias and alias in _texts(one.properties.get("aliases"))]


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _feeding(world: World, _: PathRule) -> Iterator[Binding]:
    for one, hangs in chosen(world, {"of": "lambda_event_source_mapping", "where": {"enabled": True}}):
        source, function = one.properties.get("source"), str(one.properties.get("function"))
        for fed in world.by_name.get(("lambda_function", function), ()):
            if isinstance(source, str):
                values = {"source": source, "function": str(fed.uid)}
                yield replace(Binding(values=values, account=fed.account), depends=hangs)


MATCHES: Final[Mapping[str, Match]] = {"data": _data, "feeding": _feeding}
