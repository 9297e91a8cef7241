"""What a lineage is made of: things, and steps from one to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Lineage", "Step", "Thing", "Told"]


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """A process, a file or an endpoint. ``name``: the id of the process, the path in lower case, ``address:port``."""

    kind: str
    host: str
    """Where it is, in lower case; "" for an endpoint."""
    name: str

    def __str__(self) -> str:
        """Return the thing as ``kind:name``, with its host."""
        return f"{self.kind}:{self.name}" + (f" on {self.host}" if self.host else "")


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """One thing did something to another: cause and effect, in this order. ``time``: nanoseconds UTC; ``record``: its id.

    ``verb``: ``started``, ``injected``, ``wrote``, ``connected`` (from a process), ``ran`` (from a file to the process that runs it),
    ``reached`` (from an endpoint to the process that answered it).
    """

    time: int
    verb: str
    cause: Thing
    effect: Thing
    record: str


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a process beside its id; "" and None where nothing is."""

    path: str = ""
    command: str = ""
    user: str = ""
    pid: int | None = None

    def completed(self, other: Told) -> Told:
        """Return what is known with what another record adds."""
        return Told(
            self.path or other.path, self.command or other.command, self.user or other.user, self.pid if other.pid is None else other.pid
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What belongs to a process: the things, the steps between them, and where it was not gone on, with why."""

    start: Thing
    things: frozenset[Thing]
    steps: Sequence[Step]
    """By time."""
    stops: Sequence[tuple[Thing, str]]
    """Things at which following ended because they have to do with everything; they are not among ``things``."""
