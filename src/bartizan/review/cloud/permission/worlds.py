"""Work out an answer plainly, for twins: what is open is a name, and every way in which names can turn out is a world to look at."""

from __future__ import annotations

from itertools import count, product
from typing import TYPE_CHECKING, Final, TypeAlias

from bartizan.review.cloud.permission.contract import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.review.cloud.permission.truth import Truth

__all__ = ["Claim", "Opens", "answer_of", "has_gaps"]

Claim: TypeAlias = tuple[str, ...]
"""What allows or denies: it does in the worlds in which all of these names turn out true; () in each."""
_KEY: Final = "key"
_GAP: Final = "gap"


class Opens:
    """Names for what is not known, each given once."""

    def __init__(self) -> None:
        """Begin with none."""
        self._number = count()

    def key(self) -> str:
        """Name something that hangs on the request."""
        return f"{_KEY} {next(self._number)}"

    def gap(self) -> str:
        """Name something that was not read."""
        return f"{_GAP} {next(self._number)}"

    def of(self, truth: Truth) -> Claim | None:
        """Return a truth as a claim; None for what does not hold."""
        if truth.holds is None:
            return (self.gap() if truth.gaps else self.key(),)
        return () if truth.holds else None


def has_gaps(claims: Sequence[Claim]) -> bool:
    """Say whether nothing holds for certain and something hangs on what was not read."""
    return () not in claims and any(name.startswith(_GAP) for claim in claims for name in claim)


def answer_of(allows: Sequence[Claim], denies: Sequence[Claim]) -> Answer:
    """Answer: allowed in the worlds in which something allows it and nothing denies it."""
    names = list(dict.fromkeys(name for claim in (*allows, *denies) for name in claim))
    outcomes = set()
    for turned in product((True, False), repeat=len(names)):
        true = {name for name, holds in zip(names, turned, strict=True) if holds}
        outcomes.add(any(true.issuperset(claim) for claim in allows) and not any(true.issuperset(claim) for claim in denies))
    if len(outcomes) == 1:
        return Answer.ALLOWED if outcomes.pop() else Answer.DENIED
    return Answer.UNKNOWN if has_gaps(allows) or has_gaps(denies) else Answer.CONDITIONAL
