"""Turn calls that failed into gaps: one for a thing, or one for all of its kind where the call told of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Gap, Uid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.collect.inventory.live.aws.calls import Call
    from bartizan.collect.inventory.live.calls import Failure

__all__ = ["ALL", "Gaps", "gap_of"]

ALL: Final = Uid("")
"""Where a gap is not of one thing."""


def gap_of(call: Call, failure: Failure, *, kinds: Iterable[str], properties: Iterable[str] = (), uid: Uid = ALL) -> Gap:
    """Return the gap that a call leaves."""
    return Gap(
        provider="aws",
        call=call.name,
        reason=failure.reason,
        detail=": ".join(filter(None, (failure.code, failure.message))),
        account=call.place.account,
        region=call.place.region,
        kinds=tuple(kinds),
        properties=tuple(properties),
        uid=uid,
    )


class Gaps:
    """The gaps of one kind at one place: one for a call that told of all things or failed for all, else one for each thing."""

    def __init__(self, kind: str) -> None:
        """Begin without any."""
        self._kind = kind
        self._found: dict[tuple[str, str, tuple[str, ...]], dict[Uid, tuple[Call, Failure]]] = {}

    def add(self, call: Call, failure: Failure, properties: Iterable[str] = (), uid: Uid = ALL) -> None:
        """Note that a call gave nothing of properties (all of them, where none is named) of a thing (or of all things)."""
        self._found.setdefault((call.name, failure.code, tuple(properties)), {}).setdefault(uid, (call, failure))

    def gaps(self, things: int) -> list[Gap]:
        """Return what is missing of so many things, in the order in which it was missed."""
        found = []
        for (_name, _code, properties), missed in self._found.items():
            for uid, (call, failure) in missed.items():
                everywhere = len(missed) == things and things > 1
                found.append(gap_of(call, failure, kinds=(self._kind,), properties=properties, uid=ALL if everywhere else uid))
                if everywhere:
                    break
        return found
