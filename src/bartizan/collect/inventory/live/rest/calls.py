"""What is asked of a REST interface, without a word of how it is carried; and the pages that belong together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from bartizan.collect.inventory.live.calls import Answer, Failure
from bartizan.collect.inventory.live.rest.client import origin_of

if TYPE_CHECKING:
    from bartizan.collect.inventory.live.calls import Ask

__all__ = ["Call", "Following", "pages"]


@dataclass(frozen=True, slots=True)
class Call:
    """One request: one page of an answer is one call."""

    name: str
    """How gaps, counts and messages name it: the action that it needs, or method and path."""
    url: str
    method: str = "GET"
    body: str = ""
    """JSON with sorted keys, nothing where it has none."""
    service: str = ""
    """Whose pace it is held to."""
    account: str = ""
    """The subscription, project or tenant of which it tells; nothing for several."""

    @classmethod
    def post(cls, name: str, url: str, body: Mapping[str, Any], *, service: str = "", account: str = "") -> Call:
        """Return a call that asks with a document."""
        return cls(name, url, "POST", json.dumps(body, sort_keys=True), service, account)


Following: TypeAlias = Callable[[Call, Mapping[str, Any]], Call | None]
"""Return the call of the next page, given one and what it was answered; None behind the last."""


def pages(ask: Ask[Call], call: Call, following: Following, *, anew: Ask[Call] | None = None) -> Iterator[tuple[Call, Answer]]:
    """Yield each page with its call, to the last, or to the first that fails.

    What tells the next page may have grown old where pages come from a recording of an earlier run: with ``anew``, which asks and keeps but
    does not look at what is kept, all are asked for again when one fails. Whoever takes rows twice must bear it. A page at another host is
    refused.
    """
    here, first, again = call, origin_of(call.url), anew
    seen: set[Call] = set()
    while True:
        answer = ask(here)
        if answer.failure is not None and again is not None and here is not call and answer.failure.reason == "failed":
            ask, here, again = again, call, None
            seen.clear()
            continue
        yield here, answer
        following_call = None if answer.failure is not None else following(here, answer.document)
        if following_call is None:
            return
        seen.add(here)
        if following_call in seen:
            yield following_call, Answer(failure=Failure("failed", "SamePage", "the next page is one that was read already"))
            return
        if _elsewhere(following_call.url, first):
            yield following_call, Answer(failure=Failure("failed", "OtherHost", "the next page is said to be at a host that is not asked"))
            return
        here = following_call


def _elsewhere(url: str, first: tuple[str, str, int]) -> bool:
    try:
        return origin_of(url) != first
    except ValueError:
        return True
