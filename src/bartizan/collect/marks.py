"""Find, by the bytes in it, which sources a record may be of, without asking each of them."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ahocorasick_rs import BytesAhoCorasick

    from bartizan.collect.contract import Source

__all__ = ["Marks"]


class Marks:
    """The marks of all sources that have some, as one automaton: records are scanned once, however many sources there are.

    No mark has a line feed in it, so that all records can be scanned as one text.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        """Take the marks of sources."""
        self._sources = [source for source in sources if source.marks]
        self._pairs = [(mark, number) for number, source in enumerate(self._sources) for mark in source.marks]

    def sources_in(self, text: bytes) -> frozenset[str]:
        """Return the names of the sources of which a mark stands in a text."""
        met = {pattern for pattern, _, _ in self._automaton.find_matches_as_indexes(text, overlapping=True)}
        return frozenset(self._sources[number].name for pattern in met for number in self._owners[pattern])

    def candidates(self, records: Sequence[bytes], indexes: Sequence[int]) -> list[tuple[Source, list[int]]]:
        """Return each source of which some records named by ``indexes`` have a mark, with those: the special ones first, by name."""
        if not self._pairs or not indexes:
            return []
        chosen = [records[index] for index in indexes]
        found = self._automaton.find_matches_as_indexes(b"\n".join(chosen), overlapping=True)
        ends = np.cumsum(np.fromiter(map(len, chosen), np.int64, len(chosen)) + 1)
        places = np.searchsorted(ends, np.fromiter((start for _, start, _ in found), np.int64, len(found)), side="right")
        rows: defaultdict[int, dict[int, None]] = defaultdict(dict)
        for (pattern, _, _), place in zip(found, places.tolist(), strict=True):
            for number in self._owners[pattern]:
                rows[number][indexes[place]] = None
        return sorted(
            ((self._sources[number], sorted(own)) for number, own in rows.items()), key=lambda each: (each[0].general, each[0].name)
        )

    @cached_property
    def _owners(self) -> list[list[int]]:
        """The sources of each distinct mark."""
        return list(self._by_mark.values())

    @cached_property
    def _by_mark(self) -> dict[bytes, list[int]]:
        owners: defaultdict[bytes, list[int]] = defaultdict(list)
        for mark, number in self._pairs:
            owners[mark].append(number)
        return dict(owners)

    @cached_property
    def _automaton(self) -> BytesAhoCorasick:
        from ahocorasick_rs import BytesAhoCorasick  # noqa: PLC0415 - most files are of one source, and nobody looks for others

        return BytesAhoCorasick(list(self._by_mark))
