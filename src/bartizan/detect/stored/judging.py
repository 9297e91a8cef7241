"""Judge a batch of stored records: a pure function that can be sent to any worker, with all rules in it."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from bartizan.collect.catalogue import catalogue
from bartizan.detect.hunt.judge import Judge
from bartizan.detect.hunt.setup import rest_collector
from bartizan.detect.stored.chunks import Sorter, chunks_of, rows_of
from bartizan.detect.stored.contract import COLUMNS, TOLD, FedTold, FindingTold, Told
from bartizan.errors import UsageError
from bartizan.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa

    from bartizan.collect.chunk import Chunk
    from bartizan.detect.hunt.judge import Found, Judged
    from bartizan.detect.hunt.request import Request
    from bartizan.rules.contract import RuleSet

__all__ = ["StoredJudge", "judge_for_stored", "told_of", "told_schema"]


@dataclass(frozen=True, slots=True)
class StoredJudge:
    """The function: it takes batches with the columns of the contract. ``kit`` holds the rules and the request, packed.

    Mapping files and lists of indicators are not in it: a worker reads them where the request says they are.
    """

    kit: bytes

    @classmethod
    def of(cls, rules: RuleSet, request: Request) -> StoredJudge:
        """Pack rules, without the text of their files, and a request."""
        import zstandard  # noqa: PLC0415 - only who packs and unpacks needs it

        asked = replace(request, records=False, placeholders=dict(request.placeholders))
        return cls(zstandard.compress(pickle.dumps((__version__, rules.packed(), asked), protocol=5)))

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return one row that says what there is to tell of a batch."""
        import pyarrow as pa  # noqa: PLC0415 - belongs to the extra

        judge, sorter = judge_for_stored(self.kit)
        told = Told()
        mine = []
        for row in rows_of(batch.select(list(COLUMNS))):
            if sorter.grouped(row):
                told.left[row.provider] = told.left.get(row.provider, 0) + 1
            else:
                mine.append(row)
        for chunk in chunks_of(mine, sorter):
            told_of(told, judge.judge(chunk), chunk)
        return pa.record_batch([pa.array([msgspec.msgpack.encode(told)], pa.binary())], schema=told_schema())


def told_schema() -> pa.Schema:
    """Return the schema of what the function gives back."""
    import pyarrow as pa  # noqa: PLC0415 - belongs to the extra

    return pa.schema([(TOLD, pa.binary())])


@lru_cache(maxsize=1)
def judge_for_stored(kit: bytes) -> tuple[Judge, Sorter]:
    """Return the judge that a kit makes, made once in a process. UsageError where another version packed it."""
    import zstandard  # noqa: PLC0415 - only who packs and unpacks needs it

    version, rules, request = pickle.loads(zstandard.decompress(kit))  # noqa: S301 - the driver's own, as is the function that holds it
    if version != __version__:
        message = f"the worker has version {__version__} and was sent work by version {version}: install the same on both"
        raise UsageError(message)
    rest_collector()
    sources = catalogue(request.mappings)
    return Judge(rules, sources, request), Sorter(sources)


def told_of(told: Told, judged: Judged, chunk: Chunk) -> None:
    """Add what there is to tell of a chunk."""
    known = chunk.known
    if known is None:
        message = "only what the lake gave back can be told of"
        raise ValueError(message)
    sums = told.tables.setdefault(chunk.origin, [0, 0, 0])
    unparsed = len(judged.unparsed)
    sums[:] = [have + more for have, more in zip(sums, (judged.count, judged.count - unparsed, unparsed), strict=True)]
    for why in judged.unparsed.values():
        told.why.setdefault(chunk.origin, why)
        break
    counts = Counter(told.sources)
    for source, rows in judged.rows:
        counts[source] += len(rows)
    told.sources = dict(counts)
    told.present = _present(chain(told.present, ((seen.source, seen.route, list(names)) for seen, names in judged.present.items())))
    if judged.rows:
        told.first = judged.first if told.first is None else min(told.first, judged.first)
        told.last = judged.last if told.last is None else max(told.last, judged.last)
    told.outside += judged.outside
    told.found.extend(map(_found, judged.found))
    told.held.extend((known.ids[row], place) for row, place in judged.held)
    told.quiet.extend((known.ids[one.row], one.why, one.value) for one in judged.quiet)
    told.differences.extend(judged.differences)


def _found(one: Found) -> FindingTold:
    feeds = tuple(FedTold(fed.correlation, fed.rule, fed.group, _plain(fed.value)) for fed in one.feeds)
    entities = tuple((entity.kind.value, entity.value) for entity in one.entities)
    return FindingTold(one.rule, one.uid, one.time, one.line, one.raised, entities, feeds)


def _present(found: Iterable[tuple[str, str, Sequence[str]]]) -> list[tuple[str, str, list[str]]]:
    """Return which fields of each route had a value, each route once."""
    names: dict[tuple[str, str], set[str]] = {}
    for source, route, fields in found:
        names.setdefault((source, route), set()).update(fields)
    return [(source, route, sorted(fields)) for (source, route), fields in sorted(names.items())]


def _plain(value: Any) -> Any:  # noqa: ANN401 - a value of a correlation, of whichever kind
    return value
