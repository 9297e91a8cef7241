"""Keep what happens in the world until the writers put it down, in the order of time."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Happening", "Journal"]

Happening = tuple[float, str, str, tuple[str, ...], str]
"""When (seconds since the epoch), what kind, on which host, the values that its writer needs, and the label in force."""


@dataclass(slots=True)
class Journal:
    """Happenings by stream (``windows``, ``syslog/web-01``, ``nginx/web-01``, ``cloudtrail``, ``zeek/conn``, …).

    Everything added inside ``labelled`` carries that label; the writers turn labels into record ids.
    """

    streams: dict[str, list[Happening]] = field(default_factory=dict)
    label: str = ""
    records: int = 0

    def add(self, stream: str, moment: float, kind: str, host: str = "", values: tuple[str, ...] = ()) -> None:
        """Note a happening that its writer will put down as one record."""
        self.records += 1
        happening = (moment, kind, host, values, self.label)
        try:
            self.streams[stream].append(happening)
        except KeyError:
            self.streams[stream] = [happening]

    def count_more(self, records: int) -> None:
        """Say that the happening just added makes ``records`` further records."""
        self.records += records

    @contextmanager
    def labelled(self, label: str) -> Iterator[None]:
        """Label what happens inside."""
        before, self.label = self.label, label
        try:
            yield
        finally:
            self.label = before

    def ordered(self, stream: str) -> list[Happening]:
        """Return a stream's happenings in the order of time; equal times stay in the order they were added."""
        return sorted(self.streams.get(stream, ()), key=_moment)


def _moment(happening: Happening) -> float:
    return happening[0]
