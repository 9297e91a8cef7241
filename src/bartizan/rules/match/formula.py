"""Judge a rule on the signatures of a row's values: false, true, or open until values are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from bartizan.rules.match.slot import Signature

__all__ = ["FALSE", "OPEN", "TRUE", "Each", "Either", "Every", "Formula", "Negation", "Resolve", "Some"]

FALSE: Final = 0
TRUE: Final = 1
OPEN: Final = 2

Resolve: TypeAlias = Callable[[int, int], bool] | None
"""Say whether predicate ``(slot, number)``, which may hold, does; None to leave it open."""


class Formula(Protocol):
    """A part of a rule."""

    def truth(self, row: Sequence[Signature], resolve: Resolve) -> int:
        """Return FALSE, TRUE or, where nothing resolves what may hold, OPEN."""

    def support(self, row: Sequence[Signature], resolve: Resolve) -> Iterator[tuple[str, int]]:
        """Name the fields, with their slots, whose predicates make this part true."""


class Some:
    """Some predicate of a slot holds."""

    __slots__ = ("ids", "name", "slot")

    def __init__(self, name: str, slot: int, ids: frozenset[int]) -> None:
        """Ask a slot for predicates by number; ``name`` is the field as the rule calls it."""
        self.name = name
        self.slot = slot
        self.ids = ids

    def truth(self, row: Sequence[Signature], resolve: Resolve) -> int:
        """Return FALSE, TRUE or OPEN."""
        signature = row[self.slot]
        if not self.ids.isdisjoint(signature.sure):
            return TRUE
        if self.ids.isdisjoint(signature.maybe):
            return FALSE
        if resolve is None:
            return OPEN
        return TRUE if any(resolve(self.slot, number) for number in sorted(self.ids & signature.maybe)) else FALSE

    def support(self, row: Sequence[Signature], resolve: Resolve) -> Iterator[tuple[str, int]]:
        """Name the field."""
        if self.truth(row, resolve) == TRUE:
            yield self.name, self.slot


class Each:
    """Each predicate of a slot holds."""

    __slots__ = ("ids", "name", "slot")

    def __init__(self, name: str, slot: int, ids: frozenset[int]) -> None:
        """Ask a slot for predicates by number; ``name`` is the field as the rule calls it."""
        self.name = name
        self.slot = slot
        self.ids = ids

    def truth(self, row: Sequence[Signature], resolve: Resolve) -> int:
        """Return FALSE, TRUE or OPEN."""
        signature = row[self.slot]
        rest = self.ids - signature.sure
        if not rest:
            return TRUE
        if not rest <= signature.maybe:
            return FALSE
        if resolve is None:
            return OPEN
        return TRUE if all(resolve(self.slot, number) for number in sorted(rest)) else FALSE

    def support(self, row: Sequence[Signature], resolve: Resolve) -> Iterator[tuple[str, int]]:
        """Name the field."""
        if self.truth(row, resolve) == TRUE:
            yield self.name, self.slot


class Every:
    """Every part is true."""

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Formula]) -> None:
        """Join parts, the quickest to be false first."""
        self.parts = parts

    def truth(self, row: Sequence[Signature], resolve: Resolve) -> int:
        """Return FALSE, TRUE or OPEN."""
        result = TRUE
        for part in self.parts:
            truth = part.truth(row, resolve)
            if truth == FALSE:
                return FALSE
            if truth == OPEN:
                result = OPEN
        return result

    def support(self, row: Sequence[Signature], resolve: Resolve) -> Iterator[tuple[str, int]]:
        """Name the fields of every part."""
        if self.truth(row, resolve) == TRUE:
            for part in self.parts:
                yield from part.support(row, resolve)


class Either:
    """Some part is true."""

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Formula]) -> None:
        """Join parts."""
        self.parts = parts

    def truth(self, row: Sequence[Signature], resolve: Resolve) -> int:
        """Return FALSE, TRUE or OPEN."""
        result = FALSE
        for part in self.parts:
            truth = part.truth(row, resolve)
            if truth == TRUE:
                return TRUE
            if truth == OPEN:
                result = OPEN
        return result

    def support(self, row: Sequence[Signature], resolve: Resolve) -> Iterator[tuple[str, int]]:
        """Name the fields of the parts that are true."""
        for part in self.parts:
            yield from part.support(row, resolve)


class Negation:
    """The part is not true."""

    __slots__ = ("part",)

    def __init__(self, part: Formula) -> None:
        """Negate a part."""
        self.part = part

    def truth(self, row: Sequence[Signature], resolve: Resolve) -> int:
        """Return FALSE, TRUE or OPEN."""
        return (TRUE, FALSE, OPEN)[self.part.truth(row, resolve)]

    def support(self, row: Sequence[Signature], resolve: Resolve) -> Iterator[tuple[str, int]]:  # noqa: ARG002 - as in Formula
        """Name nothing: what is not there supports no finding."""
        yield from ()
