"""Say why a request gave nothing, from its status and what stands in the answer: whether to ask again, and what to tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from bartizan.collect.inventory.live.calls import Failure

if TYPE_CHECKING:
    from bartizan.collect.inventory.live.rest.client import Reply

__all__ = ["decoded", "error_in", "passes", "reason_of"]

_DENIED: Final = (401, 403)
_THROTTLED: Final = 429
_NOT_THERE: Final = (405, 501)
_BROKEN: Final = 500
_LONGEST: Final = 300


def decoded(reply: Reply) -> dict[str, Any] | None:
    """Return the object that an answer is, None where it is none: half of one, a list, a page for people."""
    try:
        value = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def error_in(document: Any) -> tuple[str, str]:  # noqa: ANN401 - JSON
    """Return the code and the message of an error: below ``error`` or not, in either spelling; nothing where there is none."""
    told = document if isinstance(document, dict) else {}
    inner = next((told[name] for name in ("error", "Error", "odata.error") if isinstance(told.get(name), dict)), told)
    code = next((inner[name] for name in ("status", "code", "Code") if isinstance(inner.get(name), str)), "")
    message = next((inner[name] for name in ("message", "Message") if isinstance(inner.get(name), str)), "")
    return code, " ".join(message.split())[:_LONGEST]


def reason_of(reply: Reply) -> Failure:
    """Return why an answer is none: denied, throttled, not-implemented or failed; its code is the cloud's, or the status."""
    code, message = error_in(decoded(reply))
    code = code or str(reply.status)
    if reply.status in _DENIED:
        return Failure("denied", code, message)
    if reply.status == _THROTTLED:
        return Failure("throttled", code, message)
    return Failure("not-implemented" if reply.status in _NOT_THERE else "failed", code, message)


def passes(reply: Reply, failure: Failure) -> bool:
    """Say whether the same request may be answered when it is made again: what is denied, wrong or not there stays so."""
    return failure.reason == "throttled" or (failure.reason == "failed" and (reply.status >= _BROKEN or reply.status in (200, 408)))
