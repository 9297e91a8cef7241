"""Run two engines over the same records and list where they disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.rules.contract import Bound, Hit, Records

__all__ = ["Difference", "differences"]


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """A row on which only one of two engines lets a rule fire."""

    rule: int
    row: int
    fast: bool
    naive: bool


def differences(fast: Bound, naive: Bound, records: Records) -> list[Difference]:
    """Judge records with both engines and return every (rule, row) that only one of them has, in order.

    Rules that only one of them has bound count too: each of their hits is a difference.
    """
    quick, slow = set(_pairs(fast.match(records))), set(_pairs(naive.match(records)))
    return sorted(Difference(rule, row, (rule, row) in quick, (rule, row) in slow) for rule, row in quick ^ slow)


def _pairs(hits: Sequence[Hit]) -> Iterator[tuple[int, int]]:
    return ((hit.rule, row) for hit in hits for row in hit.rows)
