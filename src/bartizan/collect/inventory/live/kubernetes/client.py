"""Ask an API server, with nothing but GET: whoever reads a cluster is handed something that does."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Answer", "ApiServer", "Client", "Unanswered"]

MOST_BYTES: Final = 256 << 20
"""Of one answer: 500 objects have a tenth of it."""
_TIMEOUT: Final = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with; ``wait`` is for how many seconds one is asked to stay away, 0 where not."""

    status: int
    body: bytes = b""
    wait: float = 0.0


class Unanswered(Exception):  # noqa: N818 - names what happened, caught where it was asked
    """There was no answer: no connection, no certificate, silence; the text says which."""


class Client(Protocol):
    """What asks an API server."""

    def get(self, path: str, accept: str = "application/json") -> Answer:
        """Ask for a path with its query. Raises Unanswered where nothing comes back."""
        ...


@dataclass(slots=True)
class ApiServer:
    """A client over one connection that is kept open. ``headers`` carry the token; ``context`` the certificates."""

    server: str
    headers: Mapping[str, str] = field(default_factory=dict)
    context: ssl.SSLContext | None = None
    _connection: http.client.HTTPConnection | None = None

    def get(self, path: str, accept: str = "application/json") -> Answer:
        """Ask for a path; once more where the server had closed the connection meanwhile."""
        kept = self._connection is not None
        try:
            return self._asked(path, accept)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
            self.close()
            if not kept:
                raise Unanswered(_told(error)) from error
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unanswered(_told(error)) from error
        try:
            return self._asked(path, accept)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unanswered(_told(error)) from error

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _asked(self, path: str, accept: str) -> Answer:
        if self._connection is None:
            self._connection = self._connected()
        base = urlsplit(self.server).path.rstrip("/")
        self._connection.request("GET", f"{base}/{path.lstrip('/')}", headers={"Accept": accept, "User-Agent": "bartizan", **self.headers})
        response = self._connection.getresponse()
        body = response.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            self.close()
            message = f"the answer has more than {MOST_BYTES} bytes"
            raise Unanswered(message)
        return Answer(response.status, body, _seconds(response.getheader("Retry-After")))

    def _connected(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.server)
        host = parts.hostname or ""
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, parts.port, timeout=_TIMEOUT)
        return http.client.HTTPSConnection(host, parts.port, timeout=_TIMEOUT, context=self.context or ssl.create_default_context())


def _seconds(told: str | None) -> float:
    return float(told) if told and told.isascii() and told.isdigit() else 0.0


def _told(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
