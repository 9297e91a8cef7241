"""Put together what batches told: the same outcome whatever the batches were and in whichever order they came."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from bartizan.detect.contract import FileBalance
from bartizan.detect.hunt.correlating import Correlator
from bartizan.detect.hunt.duplicates import SeenRecords
from bartizan.detect.hunt.feeding import Fed
from bartizan.detect.hunt.judge import Found, RouteSeen
from bartizan.detect.hunt.run import Tally, outcome
from bartizan.detect.hunt.spool import Spool
from bartizan.detect.indicators.watch import Quiet
from bartizan.detect.stored.contract import FindingTold, Told
from bartizan.schema.entities import Entity, EntityKind
from bartizan.schema.identity import RECORD_ID_BYTES, sight_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.detect.contract import Outcome
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.hunt.run import Means

__all__ = ["Gathering"]

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(FindingTold).decode


@dataclass(slots=True)
class _Waiting:
    """Findings on disk, until all are there and can be put in order; some 50 bytes of each stay in memory."""

    spool: Spool = field(default_factory=Spool)
    times: array[int] = field(default_factory=lambda: array("q"))
    ids: bytearray = field(default_factory=bytearray)
    rules: array[int] = field(default_factory=lambda: array("i"))
    places: array[int] = field(default_factory=lambda: array("q"))
    lengths: array[int] = field(default_factory=lambda: array("i"))

    def add(self, one: FindingTold) -> None:
        """Take in a finding."""
        at, length = self.spool.add(_encode(one))
        self.times.append(max(-(1 << 63), min((1 << 63) - 1, one.time)))
        self.ids += one.uid
        self.rules.append(one.rule)
        self.places.append(at)
        self.lengths.append(length)

    def ordered(self, seed: int) -> Iterator[FindingTold]:
        """Yield the findings by time, record and rule; one whose record stands in the lake twice, once."""
        ids = np.frombuffer(bytes(self.ids), ">u8").reshape(-1, 2).astype(np.uint64)
        times, rules = np.frombuffer(self.times, np.int64), np.frombuffer(self.rules, np.int32)
        order = np.lexsort((np.frombuffer(self.places, np.int64), rules, ids[:, 1], ids[:, 0], times)).tolist()
        names = [b"%b%d" % (bytes(self.ids[at * RECORD_ID_BYTES : (at + 1) * RECORD_ID_BYTES]), self.rules[at]) for at in order]
        again = frozenset(SeenRecords().add(sight_keys(names, seed)))
        for place, at in enumerate(order):
            if place not in again:
                yield _decode(self.spool.line((self.places[at], self.lengths[at])))


class Gathering:
    """What is known until now. Close it to free what it keeps on disk."""

    def __init__(self, request: Request, means: Means) -> None:
        """Begin with nothing."""
        self._request, self._means = request, means
        self._tally = Tally(means.rules, means.spool, None, Correlator(means.rules, request))
        self._waiting = _Waiting()
        self._seen = SeenRecords()
        self.left: dict[str, int] = {}
        """Records that the driver has to judge, by their source."""

    @property
    def records(self) -> int:
        """How many records were judged."""
        return self._tally.read

    @property
    def findings(self) -> int:
        """How many findings came, those that stand in the lake twice among them."""
        return len(self._waiting.times)

    def take(self, told: Told) -> None:
        """Take in what one batch told."""
        tally = self._tally
        for table, (read, stored, unparsed) in told.tables.items():
            before = tally.files.get(table, FileBalance(path=table, source=""))
            why = told.why.get(table)
            note = () if why is None or before.notes else (f"records whose raw text cannot be read again, one because {why}",)
            tally.files[table] = replace(
                before,
                read=before.read + read,
                stored=before.stored + stored,
                unparsed=before.unparsed + unparsed,
                notes=(*before.notes, *note),
            )
            tally.read += read
        tally.by_source.update(told.sources)
        for source, route, names in told.present:
            seen = RouteSeen(source, route)
            tally.present[seen] = tally.present.get(seen, frozenset()).union(names)
        if told.first is not None and told.last is not None:
            tally.first, tally.last = min(tally.first, told.first), max(tally.last, told.last)
        tally.outside += told.outside
        tally.differences += told.differences
        for source, count in told.left.items():
            self.left[source] = self.left.get(source, 0) + count
        for one in told.found:
            self._waiting.add(one)
        self._take_quiet(told)

    def outcome(self, partial: str = "") -> Outcome:
        """Correlate, and say everything that was found out; ``partial`` says why not all was read."""
        for one in self._waiting.ordered(self._request.seed):
            self._tally.note(_found(one), 0)
        self._tally.files = dict(sorted(self._tally.files.items()))
        return outcome(self._tally, self._request, self._means, partial)

    def close(self) -> None:
        """Free what is kept on disk."""
        self._waiting.spool.close()
        self._tally.correlator.close()

    def _take_quiet(self, told: Told) -> None:
        """Count what was held back, of each record once."""
        names = [uid + b"held" + str(place).encode() for uid, place in told.held]
        names += [_encode(one) for one in told.quiet]
        again = frozenset(self._seen.add(sight_keys(names, self._request.seed))) if names else frozenset()
        self._tally.held.update(
            self._means.rules.held[place][1] for at, (_, place) in enumerate(told.held) if at not in again
        )  # fmt: skip
        for at, (_, why, value) in enumerate(told.quiet, len(told.held)):
            if at not in again:
                self._tally.quiet.add(Quiet(0, why, value))


def _found(one: FindingTold) -> Found:
    entities = tuple(Entity(EntityKind(kind), value) for kind, value in one.entities)
    feeds = tuple(Fed(fed.correlation, fed.rule, fed.group, fed.value) for fed in one.feeds)
    return Found(0, one.rule, one.uid, one.time, entities, one.line, one.raised, feeds)
