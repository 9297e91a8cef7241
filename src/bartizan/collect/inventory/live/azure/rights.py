"""Say what of a subscription the Resource Graph hides, because who asks may not read it: it leaves it out without a word.

Source: Azure REST, "Permissions - List For Resource Group" and its like for subscriptions: what the caller may do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Gap
from bartizan.collect.inventory.kinds import kinds
from bartizan.collect.inventory.live.azure.asking import listed
from bartizan.collect.inventory.live.azure.sections import askings, bulks, types_of
from bartizan.collect.inventory.live.rest.calls import Call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.live.azure.asking import Asks

__all__ = ["CALL", "hidden"]

CALL: Final = "Microsoft.Authorization/permissions/read"
_VERSION: Final = "2022-04-01"
_ELSEWHERE: Final = frozenset({"application", "management_group"})
"""Kinds that are in no subscription."""


def hidden(asks: Asks, subscription: str) -> list[Gap]:
    """Return a gap of the kinds that the caller may not read everywhere in a subscription, by id; of all where that is not told."""
    url = f"{asks.cloud.manager}/subscriptions/{subscription}/providers/Microsoft.Authorization/permissions?api-version={_VERSION}"
    found = listed(asks, Call(CALL, url, service=subscription, account=subscription), whole=True)
    if found.failure is not None:
        detail = f"whether there is something that the Resource Graph hides is not known: {found.failure.told}"
        return [Gap(provider="azure", call=CALL, reason=found.failure.reason, detail=detail, account=subscription)]
    missing = [(name, type_) for name, type_ in _read() if not any(_allows(one, f"{type_}/read") for one in found.rows)]
    if not missing:
        return []
    detail = f"there is no right to read {', '.join(sorted({type_ for _, type_ in missing}))}, which the Resource Graph then hides"
    names = tuple(dict.fromkeys(name for name, _ in missing))
    return [Gap(provider="azure", call=CALL, reason="denied", detail=detail, account=subscription, kinds=names)]


def _read() -> Iterator[tuple[str, str]]:
    """Yield the kinds that rows of the Resource Graph tell of, with the types that one must be allowed to read."""
    listing = {one.kind.name for one in askings() if not one.tells} | _ELSEWHERE
    parts = {one.kind.name: one for one in bulks()}
    asked = {one.action.lower() for one in askings()}
    for (provider, name), kind in kinds().items():
        if provider == "azure" and name not in listing:
            more = [entry["type"] for entry in kind.sections.get("export", ()) if "of" in entry] if name in parts else []
            types = [*types_of(kind), *(one for one in more if f"{one}/read" not in asked)]
            yield from ((name, one) for one in types if one != "microsoft.resources/resourcegroups")


def _allows(permission: Mapping[str, Any], action: str) -> bool:
    return _any(permission.get("actions"), action) and not _any(permission.get("notActions"), action)


def _any(patterns: Sequence[Any] | None, action: str) -> bool:
    texts = [one for one in patterns if isinstance(one, str)] if isinstance(patterns, list) else []
    return any(re.fullmatch(".*".join(map(re.escape, one.lower().split("*"))), action) for one in texts)
