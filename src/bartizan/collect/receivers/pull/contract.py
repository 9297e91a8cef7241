"""What fetching is: something is held out to us, its records are written to disk, and only then it is let go of where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bartizan.collect.receivers.contract import Delivery

__all__ = ["Fetched", "Puller"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """Something that was held out to us: ``deliveries`` gives its records, ``done`` lets go of it, once they are safe on disk.

    Where ``deliveries`` raises, what came before may be kept, ``done`` is not called, and all of it is held out again later. ``again``:
    how many of what it holds were held out before.
    """

    deliveries: Callable[[], Iterator[Delivery]]
    done: Callable[[], None]
    again: int = 0


class Puller(Protocol):
    """One place to fetch from. Its calls wait, and come from one thread."""

    name: str
    """The user's own name for it."""
    receiver: str
    """What kind of place it is: ``sqs``, ``kafka``."""

    def fetch(self) -> Sequence[Fetched]:
        """Wait a moment for something; () where nothing came. Unreachable where the place does not answer."""

    def close(self) -> None:
        """Let go of everything that is held."""
