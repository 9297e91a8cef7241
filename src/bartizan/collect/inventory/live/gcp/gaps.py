"""Turn calls that Google Cloud refused into gaps: a service that is off where it is asked about is no fault of the reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Gap, Uid
from bartizan.collect.inventory.live.gcp.reasons import off_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.collect.inventory.live.calls import Failure

__all__ = ["POLICY", "gap_of", "own_off"]

POLICY: Final = ("policy",)
"""What is missing where an IAM policy is."""


def gap_of(call: str, failure: Failure, where: str, *, kinds: Iterable[str] = (), properties: Iterable[str] = ()) -> Gap:
    """Return the gap that a call leaves: in a project, by id, or of the one thing whose full name ``where`` is, or everywhere ("")."""
    one = where.startswith("//")
    return Gap(
        provider="gcp",
        call=call,
        reason=failure.reason,
        detail=failure.told,
        account="" if one else where,
        kinds=tuple(kinds),
        properties=tuple(properties),
        uid=Uid(where if one else ""),
    )


def own_off(failure: Failure, *names: str) -> bool:
    """Say whether a call failed because its service is off in the project that it asks about, by any of its names."""
    return off_in(failure) in names
