"""Follow a journal: judge what comes, piece by piece, and keep findings, state and place together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from bartizan.detect.watch.contract import Place
from bartizan.detect.watch.ledger import Ledger
from bartizan.detect.watch.seen import SeenFile
from bartizan.detect.watch.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bartizan.detect.hunt.judge import Judge
    from bartizan.detect.hunt.request import Request
    from bartizan.detect.watch.contract import Entry, Feed
    from bartizan.detect.watch.places import Places
    from bartizan.detect.watch.watcher import Piece

__all__ = ["LATENESS", "PIECE_BYTES", "Follower", "Keeper", "Pace", "reached"]

LATENESS: Final = 30_000_000_000
"""Nanoseconds for which correlations wait for records that are late: shippers send every few seconds, and what comes later is counted."""
PIECE_BYTES: Final = 32 << 20
"""Bytes of a piece at most: a piece costs the same set-up whatever is in it, and must fit in memory with all that is derived from it.

From 12 MB to 32 MB a record costs a fifth less, to 64 MB a fiftieth more. They are this large only where more comes than is judged."""
_PRUNE: Final = 200
"""Pieces after which evidence is looked through for what nothing can need any more."""


class Keeper(Protocol):
    """Where complete records go. ``batch`` names the piece: the same piece is kept once, however often it comes."""

    def keep(self, piece: Piece, batch: str) -> None:
        """Keep the records of a piece and what nobody could read."""


class Pace(Protocol):
    """What a piece told: how far the watch is."""

    def __call__(self, piece: Piece, place: Place) -> None:
        """Take note."""


def reached(places: Places) -> Place:
    """Return the place that judging or storing has reached, whichever is further."""
    found = []
    for each in (places, places.storing):
        if not isinstance(each.ledger, str) and not each.ledger.exists():
            continue
        ledger = Ledger(each.ledger, each.node)
        found.append(ledger.place()[0])
        ledger.close()
    return max(found, default=Place())


class Follower:
    """Judges what stands in a journal behind the place that was reached before."""

    def __init__(self, judge: Judge, request: Request, places: Places, feed: Feed, *, lateness: int = LATENESS) -> None:
        """Take up the state that was kept at some places; a piece has ``most`` bytes, about."""
        self.ledger = Ledger(places.ledger, places.node)
        self._feed, self.most = feed, PIECE_BYTES
        self._judge, self._request, self._lateness, self._seen_folder = judge, request, lateness, places.seen
        self.place, count, state = self.ledger.place()
        self._seen = SeenFile(places.seen, count)
        self.watcher = Watcher(judge, request, self.ledger, lateness=lateness, seen=self._seen.seen)
        self.anew = () if state is None else self.watcher.restore(state)
        self._pieces = 0

    def step(self, keeper: Keeper | None = None) -> Piece | None:
        """Judge the next piece and keep what it gave; None where there is none yet."""
        entries, end = self._next()
        if not entries:
            return None
        first = self.place
        self.ledger.plan(end)
        with self.ledger.piece():
            piece = self.watcher.take(entries)
            if keeper is not None:
                keeper.keep(piece, f"{first.segment}:{first.offset}-{end.segment}:{end.offset}")
            self._pieces += 1
            if self._pieces % _PRUNE == 0:
                self.watcher.correlator.prune()
            self._keep(piece, entries, end)
        self.place = end
        return piece

    def close(self) -> None:
        """Close the ledger, and let go who assists."""
        self.watcher.panel.close()
        self.ledger.close()

    def _next(self) -> tuple[list[Entry], Place]:
        """Return the entries of the next piece and the place behind them: of one that was begun, the same as then."""
        planned = self.ledger.planned()
        entries: list[Entry] = []
        end = self.place
        for entry, place in self._feed.after(self.place, most=self.most if planned is None else 1 << 62):
            entries.append(entry)
            end = place
            # Time that passes is looked at behind what came before it.
            if place == planned or (planned is None and not entry.records and self.watcher.correlator.wanted):
                break
        return entries, end

    def _keep(self, piece: Piece, entries: Sequence[Entry], end: Place) -> None:
        self._seen.add(piece.keys)
        self.ledger.add(piece, entries[0].received)
        self.ledger.done(end, self._seen.count, self.watcher.dump())
