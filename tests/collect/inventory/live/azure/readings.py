"""Read an emulated Azure, and look at what was read."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.collect.inventory.live.azure.estate import ONE, TWO, Azure, emulated
from tests.collect.inventory.live.rest.places import Bearer, Told

from bartizan.collect.inventory.contract import Facts, Origin
from bartizan.collect.inventory.exports.azure.resource_graph import AzureReading
from bartizan.collect.inventory.live.azure.collector import Collected, Sought, caller_of, collect
from bartizan.collect.inventory.live.pace import Clock
from bartizan.collect.inventory.live.rest.client import Connections

if TYPE_CHECKING:
    from bartizan.collect.inventory.contract import Resource, Value

FAST = Clock(time.monotonic, lambda _seconds: None)
SHOP = f"/subscriptions/{ONE}"
APPLICATION = "application/dddddddd-0000-0000-0000-000000000001"
DENIED = Told({"error": {"code": "AuthorizationFailed", "message": "The client has no authorization to perform it."}}, 403)


def read(azure: Azure, **sought: Any) -> Collected:  # noqa: ANN401 - as Sought takes them
    with emulated(azure) as cloud, closing(Connections(Bearer(azure.token))) as client:
        return collect(caller_of(client, clock=FAST), cloud, AzureReading(), Sought(**{"subscriptions": ["Shop", TWO], **sought}))


def one(facts: Facts, uid: str) -> Resource:
    (found,) = [resource for resource in facts.resources if resource.uid == uid.lower()]
    return found


def known(facts: Facts, uid: str, *names: str) -> dict[str, Value]:
    properties = one(facts, uid).properties
    return {name: properties.get(name) for name in names}


def without_origin(facts: Facts) -> dict[str, Any]:
    told = {}
    for name in Facts.__slots__:
        rows = getattr(facts, name)
        told[name] = [replace(row, origin=Origin("")) if name != "gaps" else row for row in rows]
    return told
