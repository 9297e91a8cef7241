"""Ask the Resource Manager of one Azure: what answers, how lists go on, and which failures are its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from bartizan.collect.inventory.live.calls import Failure
from bartizan.collect.inventory.live.rest.calls import Call, pages
from bartizan.collect.inventory.live.rest.reasons import reason_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bartizan.collect.inventory.live.azure.clouds import Cloud
    from bartizan.collect.inventory.live.azure.sections import Asking
    from bartizan.collect.inventory.live.calls import Ask
    from bartizan.collect.inventory.live.rest.client import Reply

__all__ = ["Asks", "Listed", "answered", "listed", "why"]

_NOT_THERE: Final = frozenset(
    {"InvalidApiVersionParameter", "InvalidResourceType", "NoRegisteredProviderFound", "NotSupported", "UnsupportedApiVersion"}
)
_REFUSED: Final = frozenset(
    {"AuthorizationFailed", "Authorization_RequestDenied", "InvalidAuthenticationTokenTenant", "LinkedAuthorizationFailed"}
)


@dataclass(frozen=True, slots=True)
class Asks:
    """What answers calls of one Azure; ``anew`` does not look at what was kept of an earlier run, None where nothing was."""

    cloud: Cloud
    ask: Ask[Call]
    anew: Ask[Call] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows that one request and its pages gave, up to where it failed, if it did."""

    rows: tuple[Mapping[str, Any], ...]
    failure: Failure | None = None
    alone: bool = False
    """Whether it is no list, but the one thing that was asked for."""


def why(reply: Reply) -> Failure:
    """Return why an answer of Azure is none: what an Azure does not have is told as a bad request."""
    failure = reason_of(reply)
    if failure.code in _NOT_THERE:
        return replace(failure, reason="not-implemented")
    return replace(failure, reason="denied") if failure.code in _REFUSED else failure


def listed(asks: Asks, call: Call, *, following: str = "nextLink", whole: bool = False) -> Listed:
    """Return what a call gives: the rows of a list, or the one thing that the answer is; rows without an id only with ``whole``."""
    rows: list[Mapping[str, Any]] = []
    alone, nameless = False, 0
    for _here, answer in pages(asks.ask, call, _link(following), anew=asks.anew):
        if answer.failure is not None:
            return Listed(tuple(rows), answer.failure)
        value: Any = answer.document.get("value")
        alone = not isinstance(value, list)
        told = [one for one in value if isinstance(one, dict) and (whole or isinstance(one.get("id"), str))] if not alone else []
        rows += [answer.document] if alone else told
        nameless += 0 if alone else len(value) - len(told)
    strange = Failure("failed", "NoId", f"{nameless} of what is listed has no id") if nameless else None
    return Listed(tuple(rows), strange, alone=alone)


def answered(asks: Asks, asking: Asking, uid: str, account: str) -> Listed:
    """Return the rows that tell what is asked of a resource, by its id.

    What is alone is called by the path that it was asked for by: some services give it the name of what it is of.
    """
    path = f"{uid.rstrip('/')}/{asking.below}"
    call = Call(asking.action, _url(asks, path, asking.api), asking.method, service=account, account=account)
    found = listed(asks, call)
    if found.failure is not None and found.failure.code in asking.absent:
        return Listed(())
    if asking.some and not found.rows and found.failure is None:
        return Listed((), Failure("failed", "NoRows", "Azure lists nothing where there is always something"))
    if found.alone:
        own = path.removesuffix("/list") if asking.method == "POST" else path
        return Listed(tuple({**row, "id": own, "name": own.rpartition("/")[2], "type": ""} for row in found.rows))
    if found.failure is not None or not asking.each:
        return found
    rows: list[Mapping[str, Any]] = []
    for one in found.rows:
        single = listed(asks, replace(call, url=_url(asks, str(one.get("id")), asking.api)))
        if single.failure is not None:
            return Listed(tuple(rows), single.failure)
        rows += single.rows
    return Listed(tuple(rows))


def _url(asks: Asks, path: str, version: str) -> str:
    return f"{asks.cloud.manager}{quote(path, safe='/()')}?api-version={version}"


def _link(name: str) -> Any:  # noqa: ANN401 - a Following
    def following(call: Call, document: Mapping[str, Any]) -> Call | None:
        link = document.get(name)
        return replace(call, url=link) if isinstance(link, str) and link else None

    return following
