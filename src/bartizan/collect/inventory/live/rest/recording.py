"""Write REST calls, and what was to be read, as recordings hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bartizan.collect.inventory.live.recording import Form
from bartizan.collect.inventory.live.rest.calls import Call

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["form_of"]


def form_of(provider: str) -> Form[Call, Mapping[str, Any]]:
    """Return how recordings of a provider are written, version 1; its scope is any JSON object."""
    return Form(name=f"bartizan-{provider}-recording/1", of_call=_of_call, call=_call, of_scope=_of_scope, scope=_scope)


def _of_call(call: Call) -> dict[str, Any]:
    told = {"call": call.name, "url": call.url, "method": call.method, "body": call.body}
    return {**told, "service": call.service, "account": call.account}


def _call(told: Mapping[str, Any]) -> Call:
    return Call(told["call"], told["url"], told["method"], told["body"], told["service"], told["account"])


def _of_scope(scope: Mapping[str, Any]) -> dict[str, Any]:
    return {"scope": dict(scope)}


def _scope(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(told["scope"])
