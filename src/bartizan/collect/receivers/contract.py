"""What receiving is: a request comes in, an answer goes out, and what it brought is told once it is safe on disk.

Nothing here reads a socket or a clock, so a protocol is tested as a trace: requests in, answers out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bartizan.collect.contract import Framing

__all__ = ["Answer", "Asked", "Delivery", "Intake", "Receiver", "Trouble"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An HTTP request. ``headers`` by lower-case name; ``query`` decoded, the last of equal names; ``body`` unpacked."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Raw records of one stream of a sender, which ``label`` tells from its others (a Splunk sourcetype, an index); "" for the only one.

    ``head`` and ``unreadable`` as in ``Chunk``.
    """

    records: Sequence[bytes]
    framing: Framing
    label: str = ""
    head: Sequence[bytes] = ()
    unreadable: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Intake:
    """What a request brought, and the answer that is due when all of it is safe on disk, not before."""

    deliveries: Sequence[Delivery]
    kept: Answer


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a request is not taken: an HTTP status, the reason as the sender may know it, seconds until it should try again (0: never)."""

    status: int
    why: str
    wait: int = 0


class Receiver(Protocol):
    """One protocol over HTTP."""

    name: str

    def serves(self, method: str, path: str) -> bool:
        """Say whether a request is one of this protocol."""

    def token(self, asked: Asked) -> str | None:
        """Return the token that a request carries; "" where it carries none, None where it needs none (a question after health)."""

    def answer(self, asked: Asked) -> Answer | Intake | Trouble:
        """Answer a request that is allowed."""

    def refusal(self, trouble: Trouble) -> Answer:
        """Say in the words of this protocol that a request is not taken."""
