"""Entries out of small logs, and watches of them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.hunting import NOW

from bartizan.detect.hunt.request import Request
from bartizan.detect.hunt.setup import judge_for
from bartizan.detect.watch.contract import Alert, Entry, Place
from bartizan.detect.watch.follow import Follower
from bartizan.detect.watch.places import Places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bartizan.detect.watch.watcher import Piece

FOREVER = 1 << 60
SECOND = 1_000_000_000


def entry(lines: Sequence[str], *, stream: str = "ndjson/local", framing: str = "lines", received: int = NOW) -> Entry:
    return Entry(stream=stream, received=received, framing=framing, records=[line.strip().encode() for line in lines])


def quiet(seconds: int, *, received: int = NOW) -> Entry:
    return Entry(stream="", received=received, quiet=seconds * SECOND)


@dataclass
class Entries:
    """Entries in memory instead of a journal: a place counts them."""

    entries: list[Entry] = field(default_factory=list)
    each: int = 1
    """How many are given at a time."""

    def after(self, place: Place, *, most: int) -> Iterator[tuple[Entry, Place]]:
        end = len(self.entries) if most >= FOREVER else place.offset + self.each
        for at, one in enumerate(self.entries[place.offset : end], place.offset + 1):
            yield one, Place(1, at)

    def forget(self, place: Place) -> None:
        """Keep everything: tests look at it again."""


def request_for(rules: Path, **asked: Any) -> Request:  # noqa: ANN401 - any of the request's own options
    return Request(rules=(rules,), now=NOW, **{"seed": 1, **asked})


def follower(root: Path, rules: Path, entries: Entries, *, lateness: int = 30 * SECOND) -> Follower:
    request = request_for(rules)
    return Follower(judge_for(request), request, Places(root=root), entries, lateness=lateness)


def steps(one: Follower) -> list[Piece]:
    found = []
    while (piece := one.step()) is not None:
        found.append(piece)
    return found


def kept(one: Follower) -> list[Alert]:
    return [alert for _, alert in one.ledger.findings()]


def sights(alerts: Sequence[Alert]) -> Counter[tuple[str, str, int]]:
    """Return the rule's first digit, the stream and the record's number of each finding."""
    found: Counter[tuple[str, str, int]] = Counter()
    for alert in alerts:
        origin = json.loads(alert.line)["evidences"][0]["data"]["origin"]
        found[alert.rule[:1], origin["path"], origin["record"]] += 1
    return found
