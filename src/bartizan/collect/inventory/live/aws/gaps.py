"""Turn calls that failed into gaps: one for a thing, or one for all of its kind where the call told of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bartizan.collect.inventory.contract import Gap, Uid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bartizan.collect.inventory.live.aws.calls import Call, Failure

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
    """The gaps of one kind at one place, each told once."""

    def __init__(self, kind: str) -> None:
        """Begin without any."""
        self._kind = kind
        self._found: dict[tuple[Call, tuple[str, ...]], tuple[Failure, set[Uid]]] = {}

    def add(self, call: Call, failure: Failure, properties: Iterable[str] = (), uid: Uid = ALL) -> None:
        """Note that a call gave nothing of properties (all of them, where none is named) of a thing (or of all things)."""
        _failure, uids = self._found.setdefault((call, tuple(properties)), (failure, set()))
        uids.add(uid)

    def gaps(self) -> list[Gap]:
        """Return what is missing, in the order in which it was missed."""
        return [
            gap_of(call, failure, kinds=(self._kind,), properties=properties, uid=next(iter(uids)) if len(uids) == 1 else ALL)
            for (call, properties), (failure, uids) in self._found.items()
        ]
