"""What asks an interface over HTTP: a client is handed in, and whatever lets it in stays within it.

``Connections`` is one of the standard library: connections are kept open for each host and given to one thread at a time, certificates are
verified, an answer has a bound and is whole, and what the client holds is shown to no other host than that which was asked.
"""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from base64 import b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from bartizan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MOST_BYTES", "Authority", "Client", "Connections", "Reply", "Unanswered", "endpoint_of", "origin_of"]

MOST_BYTES: Final = 64 << 20
"""Of one answer: a page of 1,000 resources has a tenth of it."""
_PIECE: Final = 1 << 16
_SLOWEST: Final = 5
"""So many times the time-out an answer may take that never quite stops."""
_SENT_ON: Final = (301, 302, 303, 307, 308)
_MOST_SENT_ON: Final = 3
_REFUSED: Final = 401
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request was answered with; names of ``headers`` are in lower case."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Unanswered(Exception):  # noqa: N818 - names what happened, caught where it was asked
    """There was no answer: no connection, no certificate, silence, half an answer. ``again``: asking once more may help."""

    def __init__(self, why: str, *, again: bool = True) -> None:
        """Say why."""
        super().__init__(why)
        self.again = again


class Client(Protocol):
    """What asks a cloud; several threads may at once."""

    def ask(self, method: str, url: str, body: bytes = b"") -> Reply:
        """Send a request, of which ``body`` is JSON. Raises Unanswered where nothing whole comes back."""
        ...


class Authority(Protocol):
    """What lets a request in."""

    def headers(self, url: str) -> Mapping[str, str]:
        """Return the headers that let a request to a URL in. Raises Unanswered where there is nothing that does."""
        ...

    def forget(self, url: str) -> None:
        """Let go of what was refused, so that it is made anew."""
        ...


def origin_of(url: str) -> tuple[str, str, int]:
    """Return whom a URL asks: scheme, host, port. ValueError where it asks nobody over HTTP."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        message = f"'{url[:200]}' is no address of http or https"
        raise ValueError(message)
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def endpoint_of(endpoint: str) -> str:
    """Return an address that is asked instead of a cloud's, "" for none; UsageError for what is none, or holds what lets somebody in.

    Such an address stands in recordings and in messages, so that a user, a password or a query in it would too; none is in the error.
    """
    parts = urlsplit(endpoint)
    if "@" in endpoint or parts.query or parts.fragment:
        message = "--endpoint: an address with a user, a password or a query is not asked: credentials come from the environment"
        raise UsageError(message)
    try:
        if endpoint:
            origin_of(endpoint)
    except ValueError as error:
        message = f"--endpoint: {error}: write https://HOST"
        raise UsageError(message) from error
    return endpoint.rstrip("/")


class Connections:
    """A client whose connections are kept open. ``authority`` lets requests in; nothing of it is in what this raises or returns."""

    def __init__(
        self, authority: Authority, *, timeout: float = 60.0, context: ssl.SSLContext | None = None, most: int = MOST_BYTES
    ) -> None:
        """Begin without a connection; ``context`` says which certificates count (None: those of the system), ``most`` is of an answer."""
        self._authority, self._timeout, self._context, self._most = authority, timeout, context, most
        self._idle: dict[tuple[str, str, int], list[http.client.HTTPConnection]] = {}
        self._lock = threading.Lock()

    def ask(self, method: str, url: str, body: bytes = b"", *, accept: str = "application/json") -> Reply:
        """Send a request; follow where it is sent on to within the same host; be let in anew, once, where it is refused."""
        renewed = False
        for _ in range(_MOST_SENT_ON + 2):
            reply = self._sent(method, url, body, accept)
            if reply.status == _REFUSED and not renewed:
                renewed = True
                self._authority.forget(url)
            elif reply.status in _SENT_ON and "location" in reply.headers:
                url = _onward(method, url, reply.headers["location"])
            else:
                return reply
        message = "it sends on and on"
        raise Unanswered(message, again=False)

    def close(self) -> None:
        """Close all connections that are not in use."""
        with self._lock:
            idle = [one for kept in self._idle.values() for one in kept]
            self._idle.clear()
        for one in idle:
            one.close()

    def _sent(self, method: str, url: str, body: bytes, accept: str) -> Reply:
        """Send a request over a connection that was kept, and over a new one where the server had closed that meanwhile."""
        origin = _asked(url)
        headers = {"Accept": accept, "User-Agent": "bartizan", **self._authority.headers(url)}
        if body:
            headers["Content-Type"] = "application/json"
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        while True:
            connection, kept = self._connection(origin)
            try:
                connection.request(method, target, body or None, headers)
                response = connection.getresponse()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
                connection.close()
                if kept:
                    continue
                raise Unanswered(_told(error)) from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                connection.close()
                raise Unanswered(_told(error), again=not isinstance(error, ssl.SSLCertVerificationError)) from error
            return self._read(origin, connection, response)

    def _read(self, origin: tuple[str, str, int], connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> Reply:
        try:
            with response:  # to its end is not closed, before Python 3.13
                body = _wholly(response, self._most, time.monotonic() + _SLOWEST * self._timeout)
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            message = f"the answer broke off: {_told(error)}"
            raise Unanswered(message) from error
        if len(body) > self._most:
            connection.close()
            message = f"the answer has more than {self._most} bytes"
            raise Unanswered(message, again=False)
        if response.length:
            connection.close()
            message = f"the answer broke off: {len(body)} of {len(body) + response.length} bytes came"
            raise Unanswered(message)
        if response.will_close:
            connection.close()
        else:
            with self._lock:
                self._idle.setdefault(origin, []).append(connection)
        return Reply(response.status, body, {name.lower(): value for name, value in response.getheaders()})

    def _connection(self, origin: tuple[str, str, int]) -> tuple[http.client.HTTPConnection, bool]:
        """Return a connection, and whether it was used before."""
        with self._lock:
            kept = self._idle.get(origin)
            if kept:
                return kept.pop(), True
        scheme, host, port = origin
        proxy = "" if proxy_bypass(host) else getproxies().get(scheme, "")
        if scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=self._timeout), False
        context = self._context or ssl.create_default_context()
        if not proxy:
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=context), False
        through = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        tunnel = http.client.HTTPSConnection(through.hostname or "", through.port or 80, timeout=self._timeout, context=context)
        user = f"{unquote(through.username)}:{unquote(through.password or '')}" if through.username else ""
        tunnel.set_tunnel(host, port, {"Proxy-Authorization": f"Basic {b64encode(user.encode()).decode()}"} if user else None)
        return tunnel, False


def _wholly(response: http.client.HTTPResponse, most: int, until: float) -> bytes:
    """Read an answer to its end, or to a little more than it may have; TimeoutError where it comes so slowly that it never ends."""
    pieces, length = [], 0
    while length <= most and (piece := response.read1(_PIECE)):
        pieces.append(piece)
        length += len(piece)
        if time.monotonic() > until:
            message = "it comes too slowly"
            raise TimeoutError(message)
    return b"".join(pieces)


def _asked(url: str) -> tuple[str, str, int]:
    try:
        return origin_of(url)
    except ValueError as error:
        raise Unanswered(str(error), again=False) from error


def _onward(method: str, url: str, location: str) -> str:
    """Return where a request is sent on to. Raises Unanswered where that is another host: what lets in here would go there."""
    onward = urljoin(url, location)
    if _asked(onward) != _asked(url):
        message = f"it sends on to {urlsplit(onward).netloc[:100]}, which is not asked: what lets in here would go there"
        raise Unanswered(message, again=False)
    if method != "GET":
        message = f"it sends a {method} on, which is not followed"
        raise Unanswered(message, again=False)
    return onward


def _told(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
