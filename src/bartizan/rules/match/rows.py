"""Sort the rows of a batch by the signatures of their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from bartizan.schema.columns import ABSENT, Column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bartizan.rules.match.slot import Signature, Slot

__all__ = ["Rows", "sorted_rows"]

Numbers: TypeAlias = npt.NDArray[np.int64]

_ROOM = 1 << 62
"""Combined codes stay below this, to fit 64 bits."""


class Rows:
    """Groups of rows that look the same to every predicate: ``kinds[g]`` has the signature per slot of group ``g``."""

    __slots__ = ("_groups", "_height", "kinds")

    def __init__(self, kinds: list[tuple[Signature, ...]], groups: Numbers | None, height: int) -> None:
        """Hold the groups; ``groups`` is each row's, None where there is but one."""
        self.kinds = kinds
        self._height = height
        self._groups = groups

    def of(self, wanted: Sequence[int]) -> Iterator[Numbers]:
        """Give the rows of each wanted group, ascending."""
        if self._groups is None:
            for _ in wanted:
                yield np.arange(self._height)
        elif len(wanted) <= 4:  # noqa: PLR2004 - a scan for each costs as much as sorting once from about here on
            for group in wanted:
                yield np.flatnonzero(self._groups == group)
        else:
            order = np.argsort(self._groups, kind="stable")
            edges = np.searchsorted(self._groups[order], np.arange(len(self.kinds) + 1))
            for group in wanted:
                yield order[edges[group] : edges[group + 1]]


def sorted_rows(slots: Sequence[Slot], columns: Sequence[Column | None], height: int) -> Rows:
    """Group the rows; a column that is None is absent in every row."""
    shared: list[Signature] = []
    varying: list[tuple[int, list[Signature], Numbers]] = []
    for place, (slot, column) in enumerate(zip(slots, columns, strict=True)):
        if column is None:
            shared.append(slot.signature(ABSENT))
            continue
        codes, signatures = _signatures(slot, column)
        distinct = {signature: number for number, signature in enumerate(dict.fromkeys(signatures))}
        shared.append(signatures[0])
        if len(distinct) > 1:
            lookup = np.array([distinct[signature] for signature in signatures], dtype=np.int64)
            varying.append((place, list(distinct), lookup[codes]))
    if not varying:
        return Rows([tuple(shared)], None, height)
    return _grouped(shared, varying)


def _signatures(slot: Slot, column: Column) -> tuple[npt.NDArray[np.int32], list[Signature]]:
    """Return each row's code and each code's signature; values that no row uses are not judged where they outnumber the rows."""
    codes = np.frombuffer(column.codes, dtype=np.int32)
    values = column.values
    if len(values) <= len(codes):
        return codes, slot.signatures(values)
    used, places = np.unique(codes, return_inverse=True)
    return places.astype(np.int32), slot.signatures([values[code] for code in used.tolist()])


def _grouped(shared: list[Signature], varying: list[tuple[int, list[Signature], Numbers]]) -> Rows:
    """Combine the columns that vary into one number per row, and keep each number once."""
    _, first, combined = varying[0]
    room = len(first)
    for _, distinct, numbers in varying[1:]:
        if room * len(distinct) >= _ROOM:
            kept, combined = np.unique(combined, return_inverse=True)
            room = len(kept)
        combined = combined * len(distinct) + numbers
        room *= len(distinct)
    _, firsts, groups = np.unique(combined, return_index=True, return_inverse=True)
    kinds = []
    picked = [(place, distinct, numbers[firsts].tolist()) for place, distinct, numbers in varying]
    for group in range(len(firsts)):
        kind = shared.copy()
        for place, distinct, numbers_of_groups in picked:
            kind[place] = distinct[numbers_of_groups[group]]
        kinds.append(tuple(kind))
    return Rows(kinds, groups, len(groups))
