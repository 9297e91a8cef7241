"""Ask an API server, with nothing but GET: whoever reads a cluster is handed something that does."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from bartizan.collect.inventory.live.rest.client import Connections, Unanswered

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

__all__ = ["Answer", "ApiServer", "Client", "Unanswered"]

MOST_BYTES: Final = 256 << 20
"""Of one answer: 500 objects have a tenth of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with; ``wait`` is for how many seconds one is asked to stay away, 0 where not."""

    status: int
    body: bytes = b""
    wait: float = 0.0


class Client(Protocol):
    """What asks an API server."""

    def get(self, path: str, accept: str = "application/json") -> Answer:
        """Ask for a path with its query. Raises Unanswered where nothing comes back."""
        ...


@dataclass(frozen=True, slots=True)
class _Fixed:
    """Lets in by headers that a kubeconfig holds; there are no others."""

    held: Mapping[str, str]

    def headers(self, _url: str) -> Mapping[str, str]:
        return self.held

    def forget(self, _url: str) -> None:
        return


@dataclass
class ApiServer:
    """A client whose connections are kept open. ``headers`` carry the token; ``context`` the certificates."""

    server: str
    headers: Mapping[str, str] = field(default_factory=dict)
    context: ssl.SSLContext | None = None

    def get(self, path: str, accept: str = "application/json") -> Answer:
        """Ask for a path; once more where the server had closed the connection meanwhile."""
        reply = self._connections.ask("GET", f"{self.server.rstrip('/')}/{path.lstrip('/')}", accept=accept)
        return Answer(reply.status, reply.body, _seconds(reply.headers.get("retry-after")))

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    @cached_property
    def _connections(self) -> Connections:
        return Connections(_Fixed(self.headers), context=self.context, most=MOST_BYTES)


def _seconds(told: str | None) -> float:
    return float(told) if told and told.isascii() and told.isdigit() else 0.0
