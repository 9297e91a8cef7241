"""Say why Google Cloud answered nothing, from what stands in its errors.

A service that is switched off is told as a refusal (``SERVICE_DISABLED``), with whose it is: that of the project which pays for the
question, and not always of that which is asked about. Old interfaces throttle with the status of a refusal.
Source: Google Cloud APIs, "Errors"; Cloud Storage and Compute Engine, "Error responses".
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.live.calls import Failure
from bartizan.collect.inventory.live.rest import reasons
from bartizan.collect.inventory.live.rest.reasons import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bartizan.collect.inventory.live.rest.client import Reply

__all__ = ["OFF", "off_in", "reason_of"]

OFF: Final = "SERVICE_DISABLED"
_OFF: Final = frozenset({OFF, "accessNotConfigured"})
_THROTTLED: Final = frozenset(
    {"RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED", "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"}
)
_PROJECT: Final = re.compile(r"project[s/ =]+([a-z0-9-]+)")


def reason_of(reply: Reply) -> Failure:
    """Return why an answer is none. Of a service that is off the code says in which project: ``SERVICE_DISABLED in projects/123``."""
    failure = reasons.reason_of(reply)
    document = decoded(reply) or {}
    error = document.get("error")
    told = error if isinstance(error, dict) else {}
    found = dict(_reasons(told))
    if _OFF & found.keys():
        consumer = next((str(metadata["consumer"]) for metadata in found.values() if metadata.get("consumer")), "")
        named = _PROJECT.search(failure.message)
        where = consumer or (f"projects/{named[1]}" if named else "")
        return Failure("not-implemented", f"{OFF} in {where}" if where else OFF, failure.message)
    if _THROTTLED & found.keys() or failure.code in _THROTTLED:
        return replace(failure, reason="throttled")
    return failure


def off_in(failure: Failure) -> str:
    """Return in which project a service is off, by id or number, "" where it is not said or that is not why."""
    return failure.code.partition(f"{OFF} in projects/")[2]


def _reasons(error: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield reasons with what is told of them: those of details, and those of old errors."""
    for name in ("details", "errors"):
        listed = error.get(name)
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict) and isinstance(one.get("reason"), str):
                metadata = one.get("metadata")
                yield one["reason"], metadata if isinstance(metadata, dict) else {}
