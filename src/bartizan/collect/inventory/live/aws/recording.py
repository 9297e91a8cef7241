"""Write calls of AWS, and what of an account was read, as recordings hold them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.live.aws.calls import Call, Place
from bartizan.collect.inventory.live.recording import Form

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORM", "Scope"]


@dataclass(frozen=True, slots=True)
class Scope:
    """What of an account was read: its places; the first is where global services are asked."""

    places: tuple[Place, ...]
    kinds: tuple[str, ...] = ()
    """The kinds that were read; () for all."""


def _of_call(call: Call) -> dict[str, Any]:
    place = call.place
    told = {"region": place.region, "account": place.account, "partition": place.partition}
    return {**told, "call": call.name, "parameters": call.parameters}


def _call(told: Mapping[str, Any]) -> Call:
    place = Place(told["account"], told["region"], told["partition"])
    service, _, operation = told["call"].partition(":")
    return Call(place, service, operation, told["parameters"])


def _of_scope(scope: Scope) -> dict[str, Any]:
    return {"scope": [asdict(place) for place in scope.places], "kinds": scope.kinds}


def _scope(told: Mapping[str, Any]) -> Scope:
    return Scope(tuple(Place(**place) for place in told["scope"]), tuple(told.get("kinds", ())))


FORM: Final[Form[Call, Scope]] = Form(name="bartizan-aws-recording/1", of_call=_of_call, call=_call, of_scope=_of_scope, scope=_scope)
