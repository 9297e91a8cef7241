"""Say which subscriptions are read: those that a credential sees, or some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.live.azure.asking import listed
from bartizan.collect.inventory.live.rest.calls import Call
from bartizan.documents import suggestion
from bartizan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.inventory.live.azure.asking import Asks

__all__ = ["subscriptions_of"]

_CALL: Final = "Microsoft.Resources/subscriptions/read"
_KEPT: Final = ("subscriptionId", "tenantId", "displayName", "state")


def subscriptions_of(asks: Asks, wanted: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return subscriptions by id or name, all where none is wanted, as ``subscriptionId``, ``tenantId``, ``displayName`` and ``state``.

    InputError where Azure does not say which there are, or one that is wanted is not among them.
    """
    found = listed(asks, Call(_CALL, f"{asks.cloud.manager}/subscriptions?api-version=2022-12-01", service="microsoft.resources"))
    if found.failure is not None:
        told = found.failure.message or found.failure.code
        message = f"Azure does not say which subscriptions there are ({told}): sign in with `az login`"
        raise InputError(message)
    every = [{name: str(one.get(name) or "") for name in _KEPT} for one in found.rows if isinstance(one.get("subscriptionId"), str)]
    if not every:
        message = "the credential sees no subscription of Azure: give it a role, at least Reader, at one or at a management group"
        raise InputError(message)
    names = [name for name in wanted if name]
    chosen = [one for one in every if not names or _named(one, names)]
    for name in names:
        if not any(_named(one, [name]) for one in every):
            known = [one["displayName"] for one in every]
            message = f"the credential sees no subscription '{name}' of Azure{suggestion(name, known)}; it sees {', '.join(known[:10])}"
            raise InputError(message)
    return sorted(chosen, key=lambda one: one["subscriptionId"])


def _named(one: Mapping[str, Any], names: Sequence[str]) -> bool:
    return any(name.lower() in (one["subscriptionId"].lower(), one["displayName"].lower()) for name in names)
